use alloc::{string::ToString, vec};

use super::*;
use crate::{Request, Response, testing::Cluster};

fn entity(parts: &[(&str, Option<&str>)]) -> QuotaEntity {
    QuotaEntity::new(parts.iter().map(|(kind, name)| (Str::from(*kind), name.map(Str::from))).collect())
}

fn set(parts: &[(&str, Option<&str>)], values: &[(&str, Option<f64>)]) -> QuotaAlteration {
    let values = values.iter().map(|(key, value)| (Str::from(*key), *value)).collect();
    QuotaAlteration { entity: entity(parts), values }
}

fn ask(cluster: &mut Cluster, alterations: Vec<QuotaAlteration>, validate_only: bool) -> (usize, Altered) {
    let unresolvable = [Str::from("no host")].into();
    let request = AlterClientQuotas { alterations, unresolvable, validate_only };
    let (records, response) = cluster.ask(Request::AlterClientQuotas(request));
    let Response::AlterClientQuotas(results) = response else { panic!("{response:?}") };
    (records.len(), results)
}

const A: &[(&str, Option<&str>)] = &[("user", Some("a"))];

#[test]
fn quotas_are_set_once_changed_and_removed() {
    let mut cluster = Cluster::with_brokers(&[]);
    let both = [("producer_byte_rate", Some(10.0)), ("request_percentage", Some(0.5))];
    let alteration = vec![set(A, &both)];
    let done = vec![(entity(A), Ok(()))];
    assert_eq!(ask(&mut cluster, alteration.clone(), true), (0, done.clone()));
    assert_eq!(ask(&mut cluster, alteration.clone(), false), (2, done.clone()));
    assert_eq!(ask(&mut cluster, alteration, false), (0, done.clone()), "nothing is new");
    let other =
        vec![set(A, &[("producer_byte_rate", Some(11.0)), ("request_percentage", None), ("unknown", None)])];
    assert_eq!(ask(&mut cluster, other, false), (2, done));
    let quotas = cluster.image.client_quotas().by_entity();
    assert_eq!(quotas.get(&entity(A)), Some(&vec![(Str::from("producer_byte_rate"), 11.0)]));
}

#[test]
fn what_does_not_fit_an_entity_is_refused_in_kafkas_words() {
    let mut cluster = Cluster::with_brokers(&[]);
    let rate = |value| ("producer_byte_rate", Some(value));
    let connections = |value| ("connection_creation_rate", Some(value));
    let ip: &[_] = &[("ip", Some("127.0.0.1"))];
    let cases = [
        (set(&[], &[rate(1.0)]), "Invalid empty client quota entity"),
        (set(&[("group", Some("a"))], &[rate(1.0)]), "Unhandled client quota entity type: group"),
        (set(&[("user", Some(""))], &[rate(1.0)]), "Empty user not supported"),
        (
            set(&[("user", None), ("ip", None)], &[rate(1.0)]),
            "Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId",
        ),
        (
            set(&[("ip", Some("no host"))], &[connections(1.0)]),
            "no host is not a valid IP or resolvable host.",
        ),
        (set(A, &[connections(1.0)]), "Invalid configuration key connection_creation_rate"),
        (set(ip, &[rate(1.0)]), "Invalid configuration key producer_byte_rate"),
        (set(A, &[rate(0.0)]), "Quota producer_byte_rate must be greater than 0"),
        (set(A, &[rate(-1.0)]), "Quota producer_byte_rate must be greater than 0"),
        (set(A, &[rate(1.5)]), "producer_byte_rate cannot be a fractional value."),
        (set(A, &[rate(1e19)]), "Proposed value for producer_byte_rate is too large for a LONG."),
        (
            set(ip, &[connections(2_147_483_648.0)]),
            "Proposed value for connection_creation_rate is too large for an INT.",
        ),
        (set(A, &[rate(1.0), rate(2.0)]), "Ignoring duplicate entity ClientQuotaEntity(entries={user=a})"),
    ];
    for (alteration, text) in cases {
        let (records, results) = ask(&mut cluster, vec![alteration.clone()], false);
        let errors: Vec<_> = results.iter().map(|(_, result)| result.clone().unwrap_err()).collect();
        assert_eq!((records, errors.len()), (0, 1), "{alteration:?}");
        assert_eq!(errors[0].to_string(), text);
    }
}

#[test]
fn an_entity_that_fails_leaves_the_others_alone() {
    let mut cluster = Cluster::with_brokers(&[]);
    let rate = |value| [("consumer_byte_rate", Some(value))];
    let default: &[_] = &[("client-id", None)];
    let alterations = vec![set(A, &rate(1.0)), set(default, &rate(0.0)), set(A, &rate(2.0))];
    let (records, results) = ask(&mut cluster, alterations, false);
    assert_eq!(records, 1, "what came first is done");
    let duplicate = QuotaError::Duplicate("user=a".into());
    assert!(results.contains(&(entity(A), Err(duplicate))));
    let zero = QuotaError::NotPositive(Str::from("consumer_byte_rate"));
    assert!(results.contains(&(entity(default), Err(zero))));
}
