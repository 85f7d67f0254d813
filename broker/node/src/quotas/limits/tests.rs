use alloc::{vec, vec::Vec};

use broker_metadata::Image;
use broker_protocol::records::metadata::client_quota_record::{ClientQuotaRecord, EntityData};
use broker_types::Offset;

use super::*;

type Part = Option<Option<&'static str>>;

const DEFAULT: Part = Some(None);

fn limits(quotas: &[(Part, Part, f64)]) -> Limits {
    let mut image = Image::default();
    for (user, client, value) in quotas {
        let part = |kind: &str, part: &Part| {
            part.map(|name| EntityData { entity_type: Str::from(kind), entity_name: name.map(Str::from) })
        };
        let record = ClientQuotaRecord {
            entity: [part("user", user), part("client-id", client)].into_iter().flatten().collect(),
            key: Str::from("producer_byte_rate"),
            value: *value,
            remove: false,
        };
        image.replay(Offset::ZERO, &record.into()).unwrap();
    }
    Limits::of(QuotaKind::Produce, image.client_quotas())
}

fn charged(limits: &Limits, user: &str, client: Option<&str>) -> Option<(Option<Str>, Option<Str>, f64)> {
    limits.charged(user, client).map(|Charged { payer, limit }| (payer.user, payer.client, limit))
}

/// The order of Kafka's documentation, the strongest first.
const LEVELS: [(Part, Part, f64); 8] = [
    (Some(Some("u")), Some(Some("c")), 1.0),
    (Some(Some("u")), DEFAULT, 2.0),
    (Some(Some("u")), None, 3.0),
    (DEFAULT, Some(Some("c")), 4.0),
    (DEFAULT, DEFAULT, 5.0),
    (DEFAULT, None, 6.0),
    (None, Some(Some("c")), 7.0),
    (None, DEFAULT, 8.0),
];

#[test]
fn the_most_specific_quota_counts() {
    for from in 0..LEVELS.len() {
        let limits = limits(&LEVELS[from..]);
        let (user, client, limit) = charged(&limits, "u", Some("c")).unwrap();
        assert_eq!(limit, LEVELS[from].2);
        let pays_as = (user.is_some(), client.is_some());
        assert_eq!(pays_as, (LEVELS[from].0.is_some(), LEVELS[from].1.is_some()), "level {from}");
    }
    assert_eq!(charged(&limits(&[]), "u", Some("c")), None);
    assert!(limits(&[]).is_empty());
}

#[test]
fn a_quota_of_one_holds_for_no_other() {
    let own = limits(&[LEVELS[0], LEVELS[2], LEVELS[6]]);
    assert_eq!(charged(&own, "u", Some("d")).unwrap().2, 3.0);
    assert_eq!(charged(&own, "v", Some("c")).unwrap().2, 7.0);
    assert_eq!(charged(&own, "v", Some("d")), None);
}

#[test]
fn each_payer_of_a_default_has_its_own_account() {
    let payers = |quotas: &[(Part, Part, f64)]| -> Vec<_> {
        let limits = limits(quotas);
        let all = [("u", "c"), ("u", "d"), ("v", "c")];
        let mut payers: Vec<_> =
            all.iter().map(|(user, client)| limits.charged(user, Some(client)).unwrap().payer).collect();
        payers.dedup();
        payers
    };
    assert_eq!(payers(&[LEVELS[4]]).len(), 3);
    assert_eq!(payers(&[LEVELS[5]]).len(), 2);
    assert_eq!(
        payers(&[LEVELS[7]]),
        vec![Payer::new(None, Some("c")), Payer::new(None, Some("d")), Payer::new(None, Some("c"))]
    );
}

#[test]
fn a_client_without_an_id_pays_as_its_user() {
    let user = limits(&[LEVELS[2]]);
    assert_eq!(charged(&user, "u", None).unwrap().2, 3.0);
    assert_eq!(charged(&user, "u", Some("")).unwrap().2, 3.0);
    let clients = limits(&[LEVELS[7]]);
    assert_eq!(charged(&clients, "u", None), None);
    assert_eq!(charged(&clients, "u", Some("")), None);
    let both = limits(&[LEVELS[1], LEVELS[2]]);
    assert_eq!(charged(&both, "u", Some("")).unwrap().2, 3.0);
    assert_eq!(charged(&both, "u", None), None);
}
