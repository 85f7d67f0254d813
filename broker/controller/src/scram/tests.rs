use alloc::{format, vec, vec::Vec};

use super::*;
use crate::{Request, Response, testing::Cluster};

fn deletion(name: &str, mechanism: i8) -> ScramDeletion {
    ScramDeletion { name: Str::from(name), mechanism }
}

fn upsertion(name: &str, mechanism: i8, iterations: i32) -> ScramUpsertion {
    let (salt, salted_password) = (Bytes::from_static(b"salt"), Bytes::from_static(b"salted"));
    ScramUpsertion { name: Str::from(name), mechanism, iterations, salt, salted_password }
}

fn ask(
    cluster: &mut Cluster,
    deletions: Vec<ScramDeletion>,
    upsertions: Vec<ScramUpsertion>,
) -> (Vec<MetadataRecord>, Altered) {
    let (records, response) = cluster.ask(Request::AlterScram(AlterScram { deletions, upsertions }));
    let Response::AlterScram(results) = response else { panic!("{response:?}") };
    (records, results)
}

fn refused(
    cluster: &mut Cluster,
    deletions: Vec<ScramDeletion>,
    upsertions: Vec<ScramUpsertion>,
) -> ScramChangeError {
    let (records, results) = ask(cluster, deletions, upsertions);
    assert!(records.is_empty() && results.len() == 1, "{results:?}");
    results[0].1.unwrap_err()
}

#[test]
fn a_credential_is_set_and_set_anew_and_deleted() {
    let mut cluster = Cluster::with_brokers(&[]);
    let ok = vec![(Str::from("a"), Ok(()))];
    let (records, results) = ask(&mut cluster, vec![], vec![upsertion("a", 1, 4096)]);
    let expected = ScramCredential::of_salted_password(
        ScramMechanism::Sha256,
        b"salted",
        Bytes::from_static(b"salt"),
        4096,
    );
    let expected = record(Str::from("a"), ScramMechanism::Sha256, expected.unwrap());
    assert_eq!((records, results), (vec![expected.into()], ok.clone()));
    assert_eq!(ask(&mut cluster, vec![], vec![upsertion("a", 1, 8192)]).1, ok);
    // The other mechanism's is another credential.
    assert_eq!(refused(&mut cluster, vec![deletion("a", 2)], vec![]), ScramChangeError::Unknown);
    let gone = RemoveUserScramCredentialRecord { name: Str::from("a"), mechanism: 1 };
    assert_eq!(ask(&mut cluster, vec![deletion("a", 1)], vec![]), (vec![gone.into()], ok));
    assert_eq!(refused(&mut cluster, vec![deletion("a", 1)], vec![]), ScramChangeError::Unknown);
}

#[test]
fn what_cannot_be_is_refused_user_by_user() {
    let mut cluster = Cluster::with_brokers(&[]);
    let few = ScramChangeError::Credential(InvalidCredential::TooFewIterations);
    let many = ScramChangeError::Credential(InvalidCredential::TooManyIterations);
    for (name, mechanism, iterations, expected) in [
        ("", 1, 4096, ScramChangeError::NoName),
        ("a", 0, 4096, ScramChangeError::Mechanism),
        ("a", 3, 4096, ScramChangeError::Mechanism),
        ("a", 1, 4095, few),
        ("a", 1, -1, few),
        ("a", 2, 16385, many),
    ] {
        let one = upsertion(name, mechanism, iterations);
        assert_eq!(refused(&mut cluster, vec![], vec![one]), expected);
    }
    let empty = ScramUpsertion { salted_password: Bytes::new(), ..upsertion("a", 1, 4096) };
    assert_eq!(refused(&mut cluster, vec![], vec![empty]), ScramChangeError::EmptyKey);
    let (records, results) = ask(&mut cluster, vec![], vec![upsertion("a", 1, 1), upsertion("b", 1, 4096)]);
    assert_eq!((records.len(), results), (1, vec![(Str::from("a"), Err(few)), (Str::from("b"), Ok(()))]));
}

#[test]
fn a_user_may_be_named_once() {
    let mut cluster = Cluster::with_brokers(&[]);
    ask(&mut cluster, vec![], vec![upsertion("a", 1, 4096)]);
    let twice = ScramChangeError::Twice;
    let again = vec![upsertion("a", 1, 4096), upsertion("a", 2, 4096), upsertion("a", 2, 4096)];
    assert_eq!(refused(&mut cluster, vec![], again), twice);
    assert_eq!(refused(&mut cluster, vec![deletion("a", 1)], vec![upsertion("a", 1, 4096)]), twice);
    // The first fault is told.
    let faulty = vec![upsertion("b", 9, 4096), upsertion("b", 1, 4096)];
    assert_eq!(refused(&mut cluster, vec![], faulty), ScramChangeError::Mechanism);
}

#[test]
fn no_secret_is_shown() {
    let shown = format!(
        "{:?}",
        Request::AlterScram(AlterScram { deletions: vec![], upsertions: vec![upsertion("a", 1, 4096)] })
    );
    assert!(shown.contains("4096") && !shown.contains("salt"), "{shown}");
}
