//! Changes of principals: a password that goes, ACLs, quotas, and at last the password that lets somebody in.

use broker_client::{
    Client, ClientError,
    admin::{acls::AclFilter, users::CredentialChange},
};
use operator_plan::users::{ITERATIONS, Mechanism};

use super::{USER, binding, scram};
use crate::admin::{Refusal, UserChange, kafka::failure};

/// Principals and how they change.
type Wanted<'a> = [(&'a str, &'a UserChange)];

/// What came of one: the first that is bad counts, and what comes after it is not done for that principal.
type Results = Vec<Result<(), Refusal>>;

/// Makes the changes; one answer for each.
pub(in super::super) async fn all(client: &mut Client, changes: &Wanted<'_>) -> Results {
    let mut results: Results = vec![Ok(()); changes.len()];
    let forget = credentials(changes, &results, |change| {
        change.forget.iter().map(|mechanism| CredentialChange::Delete(scram(*mechanism))).collect()
    });
    credentials_changed(client, forget, &mut results).await;
    create(client, changes, &mut results).await;
    delete(client, changes, &mut results).await;
    quotas(client, changes, &mut results).await;
    let set = credentials(changes, &results, |change| {
        let set = change.password.iter().map(|password| CredentialChange::Set {
            mechanism: scram(Mechanism::ScramSha512),
            iterations: ITERATIONS,
            password: password.clone(),
        });
        set.collect()
    });
    credentials_changed(client, set, &mut results).await;
    results
}

/// Some of the changes, with the place of whose they are.
type Placed<T> = Vec<(usize, T)>;

/// What `pick` finds in the changes of those who were not refused anything yet.
fn placed<T>(
    changes: &Wanted<'_>,
    results: &Results,
    pick: impl Fn(&str, &UserChange) -> Vec<T>,
) -> Placed<T> {
    let all = (0..).zip(changes).zip(results).filter(|(_, result)| result.is_ok());
    all.flat_map(|((at, (name, change)), _)| pick(name, change).into_iter().map(move |one| (at, one)))
        .collect()
}

fn refuse(results: &mut Results, at: usize, answer: Result<(), ClientError>) {
    if let (Some(result @ Ok(())), Err(error)) = (results.get_mut(at), answer) {
        *result = Err(Refusal { failure: failure(error), retry_after: None });
    }
}

/// Takes in an answer for each, or one for all of them.
fn take_in(
    results: &mut Results,
    places: Vec<usize>,
    answers: Result<Vec<Result<(), ClientError>>, ClientError>,
) {
    match answers {
        Ok(answers) => places.into_iter().zip(answers).for_each(|(at, answer)| refuse(results, at, answer)),
        Err(error) => {
            let failed = Refusal { failure: failure(error), retry_after: None };
            for at in places {
                if let Some(result @ Ok(())) = results.get_mut(at) {
                    *result = Err(failed.clone());
                }
            }
        }
    }
}

fn credentials(
    changes: &Wanted<'_>,
    results: &Results,
    pick: impl Fn(&UserChange) -> Vec<CredentialChange>,
) -> Placed<(String, CredentialChange)> {
    placed(changes, results, |name, change| {
        pick(change).into_iter().map(|one| (name.to_owned(), one)).collect()
    })
}

async fn credentials_changed(
    client: &mut Client,
    changes: Placed<(String, CredentialChange)>,
    results: &mut Results,
) {
    if changes.is_empty() {
        return;
    }
    let (places, changes): (Vec<_>, Vec<_>) = changes.into_iter().unzip();
    let answers = client.alter_scram_users(&changes).await;
    take_in(results, places, answers);
}

async fn create(client: &mut Client, changes: &Wanted<'_>, results: &mut Results) {
    let wanted =
        placed(changes, results, |name, change| change.create.iter().map(|acl| binding(name, acl)).collect());
    if !wanted.is_empty() {
        let (places, bindings): (Vec<_>, Vec<_>) = wanted.into_iter().unzip();
        let answers = client.create_each_acl(&bindings).await;
        take_in(results, places, answers);
    }
}

async fn delete(client: &mut Client, changes: &Wanted<'_>, results: &mut Results) {
    let wanted = placed(changes, results, |name, change| {
        change.delete.iter().map(|acl| AclFilter::only(binding(name, acl))).collect()
    });
    if !wanted.is_empty() {
        let (places, filters): (Vec<_>, Vec<_>) = wanted.into_iter().unzip();
        let answers = client.delete_each_acl(&filters).await;
        let answers = answers.map(|all| all.into_iter().map(|one| one.map(drop)).collect());
        take_in(results, places, answers);
    }
}

async fn quotas(client: &mut Client, changes: &Wanted<'_>, results: &mut Results) {
    let wanted = placed(changes, results, |name, change| {
        let values: Vec<_> = change.quotas.iter().map(|(key, value)| (key.clone(), *value)).collect();
        let entity = vec![(USER.to_owned(), Some(name.to_owned()))];
        if values.is_empty() { Vec::new() } else { vec![(entity, values)] }
    });
    if !wanted.is_empty() {
        let (places, alterations): (Vec<_>, Vec<_>) = wanted.into_iter().unzip();
        let answers = client.alter_each_quotas(&alterations).await;
        take_in(results, places, answers);
    }
}
