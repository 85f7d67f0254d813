//! Authorities that somebody else keeps: taken over with an overlap of trust, and never in a way that others of the same
//! root are believed.

use operator_api::{ConditionType, ReplacementPhase};
use serde_json::{Value, json};

use super::{
    GivenFacts, Which,
    tests::{SECONDS, all_believe_all, brief, interrupted, rounds, settled, waits_for, world},
};
use crate::{
    plan::Plan,
    world::{
        World,
        certificates::{days, give},
    },
};

/// Both authorities are somebody else's.
fn spec() -> Value {
    let of = |name: &str| json!({"generateCertificateAuthority": false, "secretName": name});
    json!({"clusterCa": of("nodes-ca"), "clientsCa": of("users-ca")})
}

fn offer(world: &mut World, which: Which, key: &str, validity: i64) {
    let now = world.observed.now.0;
    give(world.certificates(which), key, now, days(validity));
}

/// A cluster of authorities that somebody else keeps, which came up.
fn given(replicas: i32) -> World {
    let mut world = world(spec(), replicas);
    offer(&mut world, Which::Cluster, "n0", 90);
    offer(&mut world, Which::Clients, "u0", 90);
    world.settle();
    world.load_all();
    world
}

fn said(plan: &Plan, kind: ConditionType) -> String {
    let all = plan.status.conditions.iter().filter(|one| one.kind == kind);
    all.map(|one| one.message.clone()).collect::<Vec<_>>().join("; ")
}

fn trusted(world: &mut World, which: Which) -> (Vec<String>, usize) {
    let public = world.certificates(which).public.clone().expect("a bundle");
    (public.bundle.into_iter().map(|one| one.key_id).collect(), public.above.len())
}

fn mount_of(world: &World) -> Value {
    let volumes = &world.live("StatefulSet", "c-dual")["spec"]["template"]["spec"]["volumes"];
    let found = volumes.as_array().expect("volumes").iter().find(|one| one["name"] == "cluster-ca");
    found.expect("a volume")["secret"]["items"][0].clone()
}

#[test]
fn it_is_taken_over_and_nodes_are_told_apart_what_to_trust() {
    let mut world = world(spec(), 1);
    offer(&mut world, Which::Cluster, "n0", 90);
    offer(&mut world, Which::Clients, "u0", 90);
    let plan = world.decide();
    world.carry_out(&plan);
    let expected = [
        "cluster create given",
        "clients create given",
        "cluster publish",
        "c-cluster-operator-certs +1 -0: they are missing",
        "c-dual-certs +1 -0: they are missing",
        "clients publish",
        "set",
    ];
    assert_eq!(rounds(&mut world), expected);
    assert_eq!(trusted(&mut world, Which::Cluster), (vec!["n0".to_owned()], 1));
    assert_eq!(mount_of(&world), json!({"key": "issuers.crt", "path": "ca.crt"}));
    let end = world.observed.now.0 + days(90);
    let statuses = world.decide().status.certificate_authorities;
    assert!(statuses.iter().all(|one| one.not_after.as_ref().is_some_and(|found| found.0 == end)));
    assert_eq!(
        mount_of(&settled(json!({}), 1)),
        json!({"key": "ca.crt", "path": "ca.crt"}),
        "pods of others stay as they are"
    );
}

#[test]
fn a_renewed_certificate_is_taken_over_and_what_was_issued_stays() {
    let mut world = given(1);
    world.pass(days(50));
    offer(&mut world, Which::Cluster, "n0", 90);
    let issued = [
        "cluster take over",
        "cluster publish",
        "c-cluster-operator-certs +1 -0: they near their end",
        "c-dual-certs +1 -0: they near their end",
    ];
    world.pass(days(20));
    assert_eq!(rounds(&mut world), issued);
    world.load_all();
    assert_eq!(rounds(&mut world), [""; 0]);
    // Another root above the same certificate: only clients are told.
    if let Some(Ok(GivenFacts { above, .. })) = &mut world.certificates(Which::Cluster).given {
        above.clear();
    }
    assert_eq!(rounds(&mut world), [""; 0], "who vouched for it before may stay");
}

#[test]
fn another_key_is_changed_over_to_and_a_third_waits() {
    let mut world = given(1);
    let set = world.live("StatefulSet", "c-dual")["spec"].clone();
    offer(&mut world, Which::Cluster, "n1", 90);
    assert_eq!(rounds(&mut world), ["cluster begin given keep 0", "cluster publish"]);
    assert_eq!(trusted(&mut world, Which::Cluster), (vec!["n0".to_owned(), "n1".to_owned()], 2));
    assert!(waits_for(&world.decide()).contains("clients have until"));
    offer(&mut world, Which::Cluster, "n2", 90);
    assert_eq!(rounds(&mut world), [""; 0], "one after the other");
    world.pass(SECONDS(130));
    world.load_all();
    let issued = [
        "cluster promote",
        "cluster publish",
        "c-cluster-operator-certs +1 -0: another key issues",
        "c-dual-certs +1 -0: another key issues",
    ];
    assert_eq!(rounds(&mut world), issued);
    let status = world.decide().status.certificate_authorities.remove(0);
    assert_eq!(status.replacement, Some(ReplacementPhase::ChangingOver));
    world.pass(SECONDS(130));
    world.load_all();
    let next =
        ["cluster forget all but 0", "cluster publish", "cluster begin given keep 0", "cluster publish"];
    assert_eq!(rounds(&mut world), next);
    assert_eq!(trusted(&mut world, Which::Cluster).0, ["n1", "n2"]);
    assert_eq!(world.live("StatefulSet", "c-dual")["spec"], set, "nothing restarts");
}

#[test]
fn a_former_key_of_users_is_forgotten_before_the_next_is_taken_unless_that_would_be_too_late() {
    let mut world = given(1);
    let changed_over = |world: &mut World| {
        assert_eq!(rounds(world), ["clients begin given keep 0", "clients publish"]);
        world.pass(SECONDS(130));
        world.load_all();
        assert_eq!(rounds(world), ["clients promote", "clients publish"]);
    };
    offer(&mut world, Which::Clients, "u1", 90);
    changed_over(&mut world);
    offer(&mut world, Which::Clients, "u2", 90);
    assert_eq!(rounds(&mut world), [""; 0], "users have a day");
    world.pass(days(1));
    let done = rounds(&mut world);
    assert_eq!(
        done,
        ["clients forget all but 0", "clients publish", "clients begin given keep 0", "clients publish"]
    );
    world.pass(SECONDS(130));
    world.load_all();
    rounds(&mut world);
    world.users.extend([("n/eve".to_owned(), super::UserHas::External)]);
    offer(&mut world, Which::Clients, "u3", 90);
    world.pass(days(70));
    assert!(!rounds(&mut world).iter().any(|one| one.starts_with("clients begin")), "eve may have any");
    world.pass(days(10));
    let done = rounds(&mut world);
    assert!(done.contains(&"clients begin given keep 1".to_owned()), "{done:?}");
}

#[test]
fn the_operators_own_is_changed_over_to_and_back_from() {
    let mut world = settled(json!({}), 1);
    world.set_spec(spec());
    for which in Which::ALL {
        world.certificates(which).given = Some(Err("it is missing".to_owned()));
    }
    let plan = world.decide();
    let expected =
        "spec.clusterCa.secretName: Secret nodes-ca: it is missing; what was taken over before is used on";
    assert!(
        said(&plan, ConditionType::Warning).contains(expected),
        "{}",
        said(&plan, ConditionType::Warning)
    );
    rounds(&mut world);
    let bundle = trusted(&mut world, Which::Cluster);
    assert_eq!(bundle, (vec!["cluster0".to_owned()], 0), "the key is as before until there is another");
    offer(&mut world, Which::Cluster, "n0", 90);
    offer(&mut world, Which::Clients, "u0", 90);
    let done = rounds(&mut world);
    assert_eq!(done[..2], ["cluster begin given keep 0", "clients begin given keep 0"], "{done:?}");
    // A pod of before has loaded what clients trust.
    world.load_all();
    let clients = world.certificates(Which::Cluster).public.clone().expect("a bundle").digest_of_clients;
    world.loaded.get_mut("c-dual-0").expect("a pod").cluster = clients;
    world.pass(SECONDS(130));
    assert_eq!(rounds(&mut world)[..1], ["cluster promote"]);
    for _ in 0..3 {
        world.load_all();
        world.pass(days(1));
        rounds(&mut world);
    }
    assert_eq!(trusted(&mut world, Which::Cluster), (vec!["n0".to_owned()], 1));
    let set = world.live("StatefulSet", "c-dual")["spec"].clone();
    world.set_spec(json!({}));
    for which in Which::ALL {
        world.certificates(which).given = None;
    }
    let done = rounds(&mut world);
    assert_eq!(done[..2], ["cluster begin 0 keep 0", "clients begin 0 keep 0"], "{done:?}");
    for _ in 0..3 {
        world.load_all();
        world.pass(days(1));
        rounds(&mut world);
    }
    assert_eq!(trusted(&mut world, Which::Cluster), (vec!["cluster0".to_owned()], 0));
    assert_eq!(world.live("StatefulSet", "c-dual")["spec"], set, "the way back restarts nothing");
}

#[test]
fn what_cannot_be_used_is_told_and_what_was_taken_over_is_used_on() {
    let mut world = world(spec(), 1);
    world.certificates(Which::Cluster).given = Some(Err("it has no entry tls.key".to_owned()));
    offer(&mut world, Which::Clients, "u0", 90);
    let plan = world.decide();
    assert_eq!(brief(&plan), [""; 0]);
    assert_eq!(
        said(&plan, ConditionType::Ready),
        "spec.clusterCa.secretName: Secret nodes-ca: it has no entry tls.key"
    );
    let mut world = given(1);
    let warning = |world: &World| said(&world.decide(), ConditionType::Warning);
    assert!(!warning(&world).contains("secretName"), "{}", warning(&world));
    world.certificates(Which::Cluster).given = Some(Err("it is missing".to_owned()));
    assert!(
        warning(&world).contains("Secret nodes-ca: it is missing; what was taken over before is used on")
    );
    assert_eq!(rounds(&mut world), [""; 0]);
    // By another name with the same key it would vouch for nothing that was issued.
    offer(&mut world, Which::Cluster, "n0", 100);
    if let Some(Ok(given)) = &mut world.certificates(Which::Cluster).given {
        given.certificate.subject = "CN=other".to_owned();
        given.has_root = false;
    }
    assert!(warning(&world).contains("its subject is another one"), "{}", warning(&world));
    assert_eq!(rounds(&mut world), [""; 0]);
    offer(&mut world, Which::Cluster, "n0", 100);
    if let Some(Ok(given)) = &mut world.certificates(Which::Cluster).given {
        given.has_root = false;
    }
    assert!(warning(&world).contains("no root is in its ca.crt"));
    rounds(&mut world);
    // One that has ended is not taken, and none of it is in use.
    offer(&mut world, Which::Cluster, "n1", 1);
    world.pass(days(2));
    assert!(warning(&world).contains("Secret nodes-ca: its certificate has ended at"), "{}", warning(&world));
    assert_eq!(rounds(&mut world), [""; 0]);
}

#[test]
fn its_end_is_warned_of_when_it_should_have_been_renewed() {
    let mut world = given(1);
    let ends =
        |world: &World| said(&world.decide(), ConditionType::Warning).contains("the cluster CA ends at");
    world.pass(days(74));
    assert!(!ends(&world));
    world.pass(days(2));
    assert!(ends(&world), "a sixth of its time is left");
}

#[test]
fn a_copy_that_is_deleted_is_taken_again() {
    let mut world = given(1);
    world.certificates(Which::Cluster).private = None;
    assert_eq!(rounds(&mut world), ["cluster create given"], "nobody is told anything new");
    // In the middle of a replacement what issued is trusted on.
    offer(&mut world, Which::Cluster, "n1", 90);
    rounds(&mut world);
    world.certificates(Which::Cluster).private = None;
    assert_eq!(rounds(&mut world)[..1], ["cluster begin given keep 1"]);
    assert_eq!(trusted(&mut world, Which::Cluster).0, ["n1", "n0"]);
    all_believe_all(&world, "after");
}

#[test]
fn two_authorities_are_two_secrets_and_neither_is_the_operators() {
    let refused = |cluster: &str, clients: &str| {
        let of = |name: &str| json!({"generateCertificateAuthority": false, "secretName": name});
        let world = world(json!({"clusterCa": of(cluster), "clientsCa": of(clients)}), 1);
        said(&world.decide(), ConditionType::Ready)
    };
    assert!(refused("one", "one").starts_with("spec.clientsCa.secretName: is that of spec.clusterCa too"));
    // Whoever is below the authority of nodes would be a node.
    let below = |users: &str, above: &str| {
        let mut world = given(1);
        offer(&mut world, Which::Clients, users, 90);
        if let Some(Ok(given)) = &mut world.certificates(Which::Clients).given {
            given.keys_above.insert(above.to_owned());
        }
        said(&world.decide(), ConditionType::Ready)
    };
    let expected = "spec.clientsCa.secretName: is of the authority of spec.clusterCa, or below it";
    assert!(below("u1", "n0").starts_with(expected) && below("n0", "r").starts_with(expected));
    assert_eq!(below("u1", "r"), "");
    let mut world = given(1);
    if let Some(Ok(given)) = &mut world.certificates(Which::Cluster).given {
        given.keys_above.insert("u0".to_owned());
    }
    let told = said(&world.decide(), ConditionType::Ready);
    assert!(
        told.starts_with("spec.clusterCa.secretName: is below the authority of spec.clientsCa"),
        "{told}"
    );
    let said = refused("c-clients-ca", "two");
    assert!(
        said.starts_with("spec.clusterCa.secretName: 'c-clients-ca' is where the operator keeps it"),
        "{said}"
    );
}

/// cert-manager gives other keys and certificates at any time, nodes load files at any time, the operator is stopped between
/// any two writes, Secrets go and come: nobody is shown what it does not trust, and nothing restarts.
#[test]
fn keys_that_somebody_else_replaces_at_any_time_are_changed_over_to_without_a_moment_of_distrust() {
    for seed in 0..6_u64 {
        let mut world = given(3);
        let set = world.live("StatefulSet", "c-dual")["spec"].clone();
        let mut random = seed;
        let mut next = |below: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % below
        };
        let (mut done, mut key) = (Vec::new(), 0);
        for round in 0..340 {
            // Then it is left alone.
            if round < 180 {
                match next(40) {
                    0 => key += 1,
                    1 => world.certificates(Which::Cluster).given = Some(Err("it is missing".to_owned())),
                    _ => {}
                }
            }
            if round == 180 || next(10) == 0 {
                offer(&mut world, Which::Cluster, &format!("n{key}"), 90);
            }
            interrupted(&mut world, &mut next, &mut done, &format!("seed {seed} round {round}"));
        }
        let last = format!("n{key}");
        assert_eq!(trusted(&mut world, Which::Cluster), (vec![last.clone()], 1), "seed {seed}: {done:?}");
        assert!(
            world.loaded.values().all(|loaded| loaded.keystore.ends_with(&format!("by {last}"))),
            "{seed}"
        );
        assert_eq!(world.live("StatefulSet", "c-dual")["spec"], set, "nothing restarts");
    }
}
