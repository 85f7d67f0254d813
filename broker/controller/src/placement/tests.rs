use alloc::{collections::BTreeMap, string::ToString, vec};

use broker_types::Offset;

use super::*;
use crate::{
    Request,
    testing::{Cluster, registration},
};

/// Brokers by id and rack, all active but the fenced.
fn image(brokers: &[(i32, &str)], fenced: &[i32]) -> Image {
    let mut cluster = Cluster::with_brokers(&[]);
    for (id, rack) in brokers {
        let mut request = registration(*id, 1);
        request.rack = Some(Str::from(*rack));
        cluster.ask(Request::RegisterBroker(request));
        if !fenced.contains(id) {
            cluster.beat(*id, |_| {});
        }
    }
    assert_ne!(cluster.image.last_offset(), Some(Offset::ZERO));
    cluster.image
}

fn raw(placement: Vec<Vec<BrokerId>>) -> Vec<Vec<i32>> {
    placement.into_iter().map(|replicas| replicas.into_iter().map(BrokerId::get).collect()).collect()
}

#[test]
fn replicas_spread_over_racks_and_leaders_over_brokers() {
    let brokers = [(0, "a"), (1, "a"), (2, "b"), (3, "b"), (4, "c"), (5, "c")];
    let image = image(&brokers, &[]);
    for seed in 0..20 {
        let placement = raw(place(&image, &mut Random::new(seed), 6, 3).expect("placed"));
        let mut leaders: BTreeMap<i32, usize> = BTreeMap::new();
        for replicas in &placement {
            let mut racks: Vec<_> = replicas.iter().map(|id| id / 2).collect();
            racks.sort_unstable();
            assert_eq!(racks, vec![0, 1, 2], "{replicas:?}");
            *leaders.entry(replicas[0]).or_default() += 1;
        }
        assert!(leaders.values().all(|count| *count <= 2), "{placement:?}");
    }
}

#[test]
fn without_racks_each_broker_leads_and_follows_equally_often() {
    let image = image(&[(0, ""), (1, ""), (2, "")], &[]);
    for seed in 0..20 {
        let placement = raw(place(&image, &mut Random::new(seed), 300, 2).expect("placed"));
        for broker in 0..3 {
            let leads = placement.iter().filter(|replicas| replicas[0] == broker).count();
            let follows = placement.iter().filter(|replicas| replicas[1] == broker).count();
            assert_eq!((leads, follows), (100, 100));
        }
    }
}

#[test]
fn fenced_brokers_never_lead_and_come_last() {
    let image = image(&[(0, ""), (1, ""), (2, "")], &[2]);
    for seed in 0..20 {
        for replicas in raw(place(&image, &mut Random::new(seed), 10, 3).expect("placed")) {
            assert_eq!(replicas[2], 2, "{replicas:?}");
        }
        for replicas in raw(place(&image, &mut Random::new(seed), 10, 2).expect("placed")) {
            assert!(!replicas.contains(&2), "{replicas:?}");
        }
    }
}

#[test]
fn a_rack_of_fenced_brokers_only_is_passed_over_for_the_leader() {
    let image = image(&[(0, "a"), (1, "b"), (2, "b")], &[0]);
    for seed in 0..20 {
        for replicas in raw(place(&image, &mut Random::new(seed), 10, 3).expect("placed")) {
            let mut sorted = replicas.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, vec![0, 1, 2]);
            assert_ne!(replicas[0], 0);
        }
    }
}

#[test]
fn a_single_broker_gets_every_partition() {
    let image = image(&[(4, "")], &[]);
    assert_eq!(
        raw(place(&image, &mut Random::new(1), 3, 1).expect("placed")),
        vec![vec![4], vec![4], vec![4]]
    );
}

#[test]
fn what_cannot_be_placed_says_why() {
    let image = image(&[(0, ""), (1, "")], &[1]);
    let refused = |image: &Image, factor| {
        place(image, &mut Random::new(1), 1, factor).expect_err("refused").to_string()
    };
    assert_eq!(refused(&image, 0), "Invalid replication factor 0: the replication factor must be positive.");
    assert_eq!(
        refused(&image, 3),
        "The target replication factor of 3 cannot be reached because only 2 broker(s) are registered or some \
         brokers have all their log directories cordoned."
    );
    assert_eq!(
        refused(&Image::default(), 1),
        "All brokers are currently fenced, or have all their log directories cordoned."
    );
}
