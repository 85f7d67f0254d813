use broker_metadata::Image;
use broker_protocol::{
    Str,
    records::metadata::client_quota_record::{ClientQuotaRecord, EntityData},
};
use broker_types::Offset;
use prometheus::Registry;

use super::*;
use crate::testing;

fn quotas(key: &str, value: f64) -> Arc<Quotas> {
    told_by(&Registry::new(), &image(&["user"], key, value))
}

fn told_by(registry: &Registry, image: &Image) -> Arc<Quotas> {
    let metrics = QuotaMetrics::register(registry).unwrap();
    let windows = broker_config::QuotaWindows { count: 11, length: Duration::from_secs(1) };
    let windows = broker_config::Quotas {
        clients: windows,
        replication: windows,
        log_dirs: windows,
        controller: windows,
    };
    let quotas = Quotas::new(&windows, Clock::start(), metrics);
    quotas.follow(image.client_quotas());
    quotas.metrics.tell_of(&quotas);
    quotas
}

/// A quota of all entities of these types.
fn image(types: &[&str], key: &str, value: f64) -> Image {
    let mut image = Image::default();
    let of_all = |kind: &&str| EntityData { entity_type: Str::from(*kind), entity_name: None };
    let record = ClientQuotaRecord {
        entity: types.iter().map(of_all).collect(),
        key: Str::from(key),
        value,
        remove: false,
    };
    image.replay(Offset::ZERO, &record.into()).unwrap();
    image
}

#[test]
fn a_producer_is_throttled_until_its_quota_is_taken_away() {
    let quotas = quotas("producer_byte_rate", 1_000.0);
    let context = RequestContext { request_bytes: 9_000, ..testing::context(ApiKey::Produce, 9) };
    assert_eq!(quotas.produced(&context), Duration::ZERO);
    let throttled = quotas.produced(&context);
    assert!(throttled > Duration::from_secs(6), "{throttled:?}");
    assert_eq!(quotas.fetched(&context, 1_000_000), Duration::ZERO, "another quota");
    quotas.follow(Image::default().client_quotas());
    assert_eq!(quotas.produced(&context), Duration::ZERO);
}

#[test]
fn a_throttled_fetch_is_not_charged_with_what_it_did_not_get() {
    let quotas = quotas("consumer_byte_rate", 1_000.0);
    let context = testing::context(ApiKey::Fetch, 12);
    assert_eq!(quotas.fetch_bytes_max(&context), 10_000);
    assert!(quotas.fetched(&context, 50_000) > Duration::from_secs(30));
    assert_eq!(quotas.fetched(&context, 9_000), Duration::ZERO);
}

#[test]
fn changes_are_refused_where_clients_know_it_and_throttled_elsewhere() {
    let quotas = quotas("controller_mutation_rate", 1.0);
    let new = testing::context(ApiKey::CreateTopics, 6);
    let mut strict = quotas.mutations(&new, 6);
    assert_eq!(strict.take(20), Permit::Charged(20), "a burst is let through");
    assert_eq!(strict.throttled(), Duration::ZERO);
    assert_eq!(strict.take(1), Permit::Refused);
    assert!(strict.throttled() > Duration::from_secs(8));
    strict.give_back(20);
    assert_eq!(strict.take(1), Permit::Charged(1), "nothing came of them");
    let old = testing::context(ApiKey::CreateTopics, 5);
    let mut permissive = quotas.mutations(&old, 6);
    assert_eq!(permissive.take(20), Permit::Charged(20));
    assert_eq!(permissive.take(20), Permit::Charged(20));
    assert!(permissive.throttled() > Duration::from_secs(25));
}

#[tokio::test]
async fn a_request_is_charged_with_the_time_that_was_worked_on_it() {
    let quotas = quotas("request_percentage", 1.0);
    let work = Work::begun();
    let busy = async {
        let since = quotas.clock.mono();
        while quotas.clock.mono().since(since) < Duration::from_millis(150) {
            std::hint::spin_loop();
        }
    };
    Timed::new(busy, Arc::clone(&work), quotas.clock).await;
    let context = RequestContext { work: Some(work), ..testing::context(ApiKey::Metadata, 12) };
    let throttled = quotas.worked(&context);
    assert_eq!(
        throttled,
        Duration::from_secs(1),
        "15 percent of a second are too much; a window is the most"
    );
    let exempt = RequestContext { api_key: ApiKey::BrokerHeartbeat, ..context };
    assert_eq!(quotas.worked(&exempt), Duration::ZERO);
}

#[test]
fn many_clients_with_long_names_make_no_more_series_than_a_hundred() {
    let registry = Registry::new();
    let quotas = told_by(&registry, &image(&["client-id"], "producer_byte_rate", 1_000.0));
    for client in 0..500 {
        let client_id = Some(Str::from(format!("{client}{:030000}", 0)));
        let context = testing::context(ApiKey::Produce, 9);
        quotas.produced(&RequestContext { client_id, request_bytes: 1_000 + client, ..context });
    }
    let families = registry.gather();
    let used = families.iter().find(|family| family.name() == "klamm_client_quota_used").unwrap();
    assert_eq!(used.get_metric().len(), 100);
    for label in used.get_metric().iter().flat_map(|metric| metric.get_label()) {
        assert!(label.value().len() <= 200, "{} bytes", label.value().len());
    }
}
