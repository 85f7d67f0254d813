//! Users of SCRAM: their mechanisms are told, their passwords only set (KIP-554).

use std::collections::BTreeMap;

use broker_protocol::{
    Str,
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
        let (mut deletions, mut upsertions) = (Vec::new(), Vec::new());
        for change in changes {
            match change {
                CredentialChange::Delete(mechanism) => deletions
                    .push(ScramCredentialDeletion { name: Str::from(user), mechanism: mechanism.code() }),
                CredentialChange::Set { mechanism, iterations, password } => {
                    let salt = nonce(&random()?).into_bytes();
                    upsertions.push(ScramCredentialUpsertion {
                        name: Str::from(user),
                        mechanism: mechanism.code(),
                        iterations: *iterations,
                        salted_password: salted_password(*mechanism, password, &salt, *iterations).into(),
                        salt: salt.into(),
                    });
                }
            }
        }
        let response = self.controller(&AlterUserScramCredentialsRequest { deletions, upsertions }).await?;
        for result in response.results {
            ClientError::check(result.error_code, result.error_message.as_deref())?;
        }
        Ok(())
    }
}
