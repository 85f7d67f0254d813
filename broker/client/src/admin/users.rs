//! Users of SCRAM: their mechanisms are told, their passwords only set (KIP-554).

use std::collections::BTreeMap;

use broker_protocol::{
    ErrorCode, Str,
    messages::{
        alter_user_scram_credentials_request::{
            AlterUserScramCredentialsRequest, ScramCredentialDeletion, ScramCredentialUpsertion,
        },
        describe_user_scram_credentials_request::{DescribeUserScramCredentialsRequest, UserName},
    },
};
use broker_sasl::{ScramMechanism, Secret, nonce, salted_password};

use crate::{client::Client, error::ClientError, sasl::random};

/// What a cluster keeps of one user's passwords: how often each was hashed, by mechanism.
pub type Credentials = BTreeMap<ScramMechanism, i32>;

/// A change of one user's credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialChange {
    /// The password of this mechanism.
    Set {
        /// For which mechanism.
        mechanism: ScramMechanism,
        /// How often it is hashed, before it is sent and kept.
        iterations: i32,
        /// The password, which stays here.
        password: Secret,
    },
    /// No password for this mechanism any more.
    Delete(ScramMechanism),
}

impl Client {
    /// The users of SCRAM; of `names` those that there are.
    ///
    /// # Errors
    /// When this client may not ask, or nobody answers.
    pub async fn scram_users(
        &mut self,
        names: Option<&[&str]>,
    ) -> Result<BTreeMap<String, Credentials>, ClientError> {
        let named = |names: &[&str]| names.iter().map(|name| UserName { name: Str::from(*name) }).collect();
        let response = self.any(&DescribeUserScramCredentialsRequest { users: names.map(named) }).await?;
        ClientError::check(response.error_code, response.error_message.as_deref())?;
        let of = |code| ScramMechanism::from_code(code);
        let found = response.results.into_iter().filter(|user| user.error_code == 0);
        Ok(found
            .map(|user| {
                let infos = user.credential_infos.iter();
                let credentials = infos.filter_map(|info| Some((of(info.mechanism)?, info.iterations)));
                (user.user.to_string(), credentials.collect())
            })
            .collect())
    }

    /// Changes a user's credentials, all or none. The change holds once it is answered on the node that was asked, soon on
    /// others.
    ///
    /// # Errors
    /// The controller's, in its own words.
    pub async fn alter_scram_user(
        &mut self,
        user: &str,
        changes: &[CredentialChange],
    ) -> Result<(), ClientError> {
        let changes: Vec<_> = changes.iter().map(|change| (user.to_owned(), change.clone())).collect();
        self.alter_scram_users(&changes).await?.into_iter().collect()
    }

    /// The same for several users, each with one change or more, with what came of each change, in their order. The
    /// changes of one user are made all or none.
    ///
    /// # Errors
    /// When nobody answers, or there is no randomness.
    pub async fn alter_scram_users(
        &mut self,
        changes: &[(String, CredentialChange)],
    ) -> Result<Vec<Result<(), ClientError>>, ClientError> {
        let (mut deletions, mut upsertions) = (Vec::new(), Vec::new());
        for (user, change) in changes {
            let name = Str::from(user.as_str());
            match change {
                CredentialChange::Delete(mechanism) => {
                    deletions.push(ScramCredentialDeletion { name, mechanism: mechanism.code() });
                }
                CredentialChange::Set { mechanism, iterations, password } => {
                    let salt = nonce(&random()?).into_bytes();
                    upsertions.push(ScramCredentialUpsertion {
                        name,
                        mechanism: mechanism.code(),
                        iterations: *iterations,
                        salted_password: salted_password(*mechanism, password, &salt, *iterations).into(),
                        salt: salt.into(),
                    });
                    // Hashing takes milliseconds: others have their turn in between.
                    tokio::task::yield_now().await;
                }
            }
        }
        let response = self.controller(&AlterUserScramCredentialsRequest { deletions, upsertions }).await?;
        let answers: BTreeMap<_, _> =
            response.results.iter().map(|result| (result.user.as_str(), result)).collect();
        let of = |(user, _): &(String, CredentialChange)| {
            let result = answers.get(user.as_str());
            // What is not answered was not done.
            let unanswered = ErrorCode::UnknownServerError.code();
            let code = result.map_or(unanswered, |result| result.error_code);
            ClientError::check(code, result.and_then(|result| result.error_message.as_deref()))
        };
        Ok(changes.iter().map(of).collect())
    }
}
