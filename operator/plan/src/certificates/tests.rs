//! How certificates come about, and how they are replaced: nobody is ever shown what it does not trust.

use std::collections::BTreeSet;

use k8s_openapi::jiff::SignedDuration;
use operator_api::{ConditionType, ReplacementPhase};
use serde_json::{Value, json};

use super::{AuthorityChange, CertificateAction, CertificateFacts, LeafFacts, Origin, UserHas, Which};
use crate::{
    plan::{Action, Plan},
    world::{World, certificates::days, dual},
};

const DUAL: &str = "c-dual-0";
pub(super) const SECONDS: fn(i64) -> SignedDuration = SignedDuration::from_secs;

pub(super) fn world(spec: Value, replicas: i32) -> World {
    let pool = json!({"replicas": replicas, "roles": ["controller", "broker"],
        "storage": {"type": "persistent-claim", "size": "1Gi"}});
    let mut world = World::new(spec, &[("dual", pool)]);
    world.shows_certificates = true;
    world
}

pub(super) fn settled(spec: Value, replicas: i32) -> World {
    let mut world = world(spec, replicas);
    world.settle();
    world.load_all();
    world
}

pub(super) fn brief(plan: &Plan) -> Vec<String> {
    let one = |action: &Action| match action {
        Action::Certify(CertificateAction::Change { which, change, .. }) => {
            let change = match change {
                AuthorityChange::Create { from } => format!("create {}", word(*from)),
                AuthorityChange::Begin { from, keep } => format!("begin {} keep {}", word(*from), keep.len()),
                AuthorityChange::Promote => "promote".to_owned(),
                AuthorityChange::Forget { keep } => format!("forget all but {}", keep.len()),
                AuthorityChange::Renew => "renew".to_owned(),
                AuthorityChange::TakeOver => "take over".to_owned(),
                AuthorityChange::Tend => "tend".to_owned(),
            };
            Some(format!("{} {change}", which.word()))
        }
        Action::Certify(CertificateAction::Publish { which, .. }) => {
            Some(format!("{} publish", which.word()))
        }
        Action::Certify(CertificateAction::Issue(leaves)) => Some(format!(
            "{} +{} -{}: {}",
            leaves.secret,
            leaves.issue.len(),
            leaves.forget.len(),
            leaves.why
        )),
        Action::Apply(manifest) if manifest.kind == "StatefulSet" => Some("set".to_owned()),
        _ => None,
    };
    plan.actions.iter().filter_map(one).collect()
}

fn word(from: Origin) -> String {
    match from {
        Origin::Made { generation } => generation.to_string(),
        Origin::Given => "given".to_owned(),
    }
}

/// Plans and carries out until nothing is done, without time going by.
pub(super) fn rounds(world: &mut World) -> Vec<String> {
    let mut all = Vec::new();
    for _ in 0..10 {
        let plan = world.decide();
        world.carry_out(&plan);
        if brief(&plan).is_empty() {
            return all;
        }
        all.extend(brief(&plan));
    }
    panic!("no end: {all:?}");
}

pub(super) fn waits_for(plan: &Plan) -> String {
    let quiesced = plan.status.conditions.iter().find(|one| one.kind == ConditionType::Quiesced);
    quiesced.map(|one| one.message.clone()).unwrap_or_default()
}

fn warnings(plan: &Plan) -> Vec<String> {
    let all = plan.status.conditions.iter().filter(|one| one.reason == "CertificateEnds");
    all.map(|one| one.message.clone()).collect()
}

#[test]
fn keys_come_first_then_trust_then_certificates_then_pods() {
    let mut world = world(json!({}), 3);
    let plan = world.decide();
    world.carry_out(&plan);
    let done = rounds(&mut world);
    let expected = [
        "cluster create 0",
        "clients create 0",
        "cluster publish",
        "c-cluster-operator-certs +1 -0: they are missing",
        "c-dual-certs +3 -0: they are missing",
        "clients publish",
        "set",
    ];
    assert_eq!(done, expected);
    let leaf = world.observed.certificates.issued["c-dual-certs"].leaves["c-dual-0.pem"].clone();
    let names = leaf.expect("a certificate").certificate.names;
    for host in [
        "c-dual-0.c-kafka-brokers",
        "c-dual-0.c-kafka-brokers.ns.svc",
        "c-dual-0.c-kafka-brokers.ns.svc.cluster.local",
        "c-kafka-bootstrap",
        "c-kafka-bootstrap.ns.svc.cluster.local",
    ] {
        assert!(names.contains(host), "{host} in {names:?}");
    }
    world.settle();
    assert_eq!(world.settle().len(), 1, "and then nothing is left to do");
}

/// Everybody that talks to somebody: what it shows must be trusted by all others, whatever each has loaded yet.
pub(super) fn all_believe_all(world: &World, when: &str) {
    let operator =
        &world.observed.certificates.issued["c-cluster-operator-certs"].leaves["cluster-operator.pem"];
    let mut shown: BTreeSet<String> = world.loaded.values().map(|loaded| loaded.keystore.clone()).collect();
    shown.extend(operator.as_ref().map(|leaf| leaf.digest.clone()));
    let bundle = world.observed.certificates.cluster.public.clone().expect("a bundle").digest;
    let trusts = world.loaded.iter().map(|(pod, loaded)| (pod.as_str(), loaded.cluster.clone()));
    for (who, trusted) in trusts.chain([("operator", bundle)]) {
        for digest in &shown {
            let (_, key) = digest.split_once(" by ").expect("a key");
            let is_trusted = trusted.split(' ').any(|one| one.split('@').next() == Some(key));
            assert!(is_trusted, "{when}: {who} trusts {trusted} and is shown {digest}");
        }
    }
}

/// A look whose changes may be cut short, after which a node may load what there is: whoever shows something is believed.
pub(super) fn interrupted(
    world: &mut World,
    next: &mut impl FnMut(u64) -> u64,
    done: &mut Vec<String>,
    when: &str,
) {
    let mut plan = world.decide();
    if next(3) == 0 {
        let keep = usize::try_from(next(4)).expect("small");
        plan.actions.truncate(keep);
    }
    done.extend(brief(&plan));
    world.carry_out(&plan);
    all_believe_all(world, &format!("{when}: {done:?}"));
    if next(2) == 0 {
        world.load(&format!("c-dual-{}", next(3)));
        all_believe_all(world, &format!("{when}, loaded: {done:?}"));
    }
    world.pass(SECONDS(10));
}

/// Nodes load files at any time, the operator is stopped between any two writes, and nobody is shown what it does not
/// trust; no pod's template changes.
#[test]
fn a_key_is_replaced_without_a_moment_of_distrust_wherever_it_is_interrupted() {
    for seed in 0..12_u64 {
        let mut world = settled(json!({}), 3);
        let set = world.live("StatefulSet", "c-dual")["spec"].clone();
        world.certificates(Which::Cluster).private.as_mut().expect("keys").replace_asked = true;
        let mut random = seed;
        let mut next = |below: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % below
        };
        let mut done = Vec::new();
        for round in 0..150 {
            interrupted(&mut world, &mut next, &mut done, &format!("seed {seed} round {round}"));
        }
        let private = world.observed.certificates.cluster.private.clone().expect("keys");
        assert_eq!(private.current.expect("a key").key_id, "cluster1", "seed {seed}: {done:?}");
        assert!(private.next.is_none() && private.previous.is_empty(), "seed {seed}: {done:?}");
        assert!(world.loaded.values().all(|loaded| loaded.keystore.ends_with("by cluster1")), "{seed}");
        assert_eq!(world.live("StatefulSet", "c-dual")["spec"], set, "nothing restarts");
        let plan = world.decide();
        assert_eq!((brief(&plan), plan.actions.len()), (Vec::new(), 0), "seed {seed}");
    }
}

#[test]
fn each_step_of_a_replacement_waits_and_says_for_what() {
    let mut world = settled(json!({}), 1);
    world.certificates(Which::Cluster).private.as_mut().expect("keys").replace_asked = true;
    assert_eq!(rounds(&mut world), ["cluster begin 1 keep 0", "cluster publish"]);
    assert!(waits_for(&world.decide()).contains("clients have until"), "{}", waits_for(&world.decide()));
    world.pass(SECONDS(130));
    let plan = world.decide();
    assert_eq!(brief(&plan), [""; 0]);
    assert!(
        waits_for(&plan).ends_with("pod c-dual-0 does not trust the new key yet"),
        "{}",
        waits_for(&plan)
    );
    let status = &plan.status.certificate_authorities[0];
    assert_eq!(status.replacement, Some(ReplacementPhase::Trusting));
    world.loaded.remove(DUAL);
    assert!(waits_for(&world.decide()).ends_with("pod c-dual-0 does not say what it uses"));
    world.load(DUAL);
    assert_eq!(
        rounds(&mut world),
        [
            "cluster promote",
            "cluster publish",
            "c-cluster-operator-certs +1 -0: another key issues",
            "c-dual-certs +1 -0: another key issues"
        ]
    );
    assert!(waits_for(&world.decide()).contains("the old key is trusted until"));
    world.pass(SECONDS(130));
    assert!(waits_for(&world.decide()).ends_with("pod c-dual-0 does not show its new certificate yet"));
    assert_eq!(
        world.decide().status.certificate_authorities[0].replacement,
        Some(ReplacementPhase::ChangingOver)
    );
    world.load(DUAL);
    assert_eq!(rounds(&mut world), ["cluster forget all but 0", "cluster publish"]);
    assert_eq!(waits_for(&world.decide()), "");
}

#[test]
fn a_certificate_that_nears_its_end_is_renewed_with_its_key() {
    let mut world = settled(json!({}), 1);
    world.pass(days(334));
    assert_eq!(rounds(&mut world), [""; 0]);
    world.pass(days(2));
    assert_eq!(
        rounds(&mut world),
        [
            "cluster renew",
            "clients renew",
            "cluster publish",
            "c-cluster-operator-certs +1 -0: they near their end",
            "c-dual-certs +1 -0: they near their end",
            "clients publish"
        ]
    );
    let private = world.observed.certificates.cluster.private.clone().expect("keys");
    assert_eq!(private.current.expect("a key").key_id, "cluster0");
}

#[test]
fn or_its_key_is_replaced_when_the_policy_says_so() {
    let mut world = settled(json!({"clusterCa": {"certificateExpirationPolicy": "replace-key"}}), 1);
    world.pass(days(336));
    assert_eq!(rounds(&mut world)[..2], ["cluster begin 1 keep 0", "clients renew"]);
}

#[test]
fn windows_hold_what_is_due_and_nothing_else() {
    let spec = json!({"maintenanceTimeWindows": ["* * 3 * * ?"]});
    let mut world = settled(spec, 1);
    world.pass(days(336));
    assert_eq!(rounds(&mut world), [""; 0], "it is midnight");
    assert_eq!(warnings(&world.decide()), [""; 0]);
    world.pass(days(20));
    let said = warnings(&world.decide());
    assert!(said.iter().any(|one| one.starts_with("the cluster CA ends at ")), "{said:?}");
    assert!(said.iter().all(|one| one.ends_with("maintenanceTimeWindows")), "{said:?}");
    world.certificates(Which::Clients).public.as_mut().expect("a bundle").renew_asked = true;
    assert_eq!(rounds(&mut world), ["clients renew", "clients publish"], "what is asked for waits for none");
    world.pass(SignedDuration::from_hours(3));
    assert_eq!(rounds(&mut world)[0], "cluster renew");
    assert_eq!(warnings(&world.decide()), [""; 0]);
}

#[test]
fn a_private_key_that_is_gone_is_replaced_and_what_it_issued_stays_trusted() {
    let mut world = settled(json!({}), 1);
    world.certificates(Which::Cluster).private = None;
    assert_eq!(rounds(&mut world), ["cluster begin 1 keep 1", "cluster publish"]);
    let bundle = world.certificates(Which::Cluster).public.clone().expect("a bundle").bundle;
    assert_eq!(bundle.iter().map(|one| one.key_id.as_str()).collect::<Vec<_>>(), ["cluster1", "cluster0"]);
    world.pass(SECONDS(130));
    all_believe_all(&world, "before it is loaded");
    world.load_all();
    // What is trusted stays the same: there is nothing to publish.
    let issued = "c-cluster-operator-certs +1 -0: another key issues";
    assert_eq!(rounds(&mut world)[..2], ["cluster promote", issued]);
    all_believe_all(&world, "after");
    world.pass(SECONDS(130));
    world.load_all();
    assert_eq!(rounds(&mut world), ["cluster forget all but 0", "cluster publish"]);
}

/// A cluster whose users had a key that was replaced just now.
fn replaced_for_users(spec: Value) -> World {
    let mut world = settled(spec, 1);
    world.certificates(Which::Clients).private.as_mut().expect("keys").replace_asked = true;
    rounds(&mut world);
    world.pass(SECONDS(130));
    world.load_all();
    assert_eq!(rounds(&mut world), ["clients promote", "clients publish"]);
    world
}

/// A user's certificate of this key, of now.
fn own(world: &World, key_id: &str, validity: SignedDuration) -> UserHas {
    let now = world.observed.now.0;
    let certificate = CertificateFacts {
        fingerprint: String::new(),
        key_id: String::new(),
        subject: String::new(),
        names: BTreeSet::new(),
        made_at: now,
        not_after: now + validity,
    };
    UserHas::Own(Some(LeafFacts { certificate, signed_by: Some(key_id.to_owned()), digest: String::new() }))
}

fn trusted_of_users(world: &mut World) -> usize {
    world.certificates(Which::Clients).public.clone().expect("a bundle").bundle.len()
}

/// What the former key of users is trusted on for, as the status says it.
fn held_by(world: &mut World) -> String {
    assert_eq!((rounds(world), trusted_of_users(world)), (Vec::new(), 2));
    let plan = world.decide();
    assert_eq!((plan.look_again, plan.status.certificate_authorities[1].replacement), (None, None));
    plan.status.certificate_authorities[1].waits_for.clone().expect("a reason")
}

#[test]
fn a_former_authority_of_users_goes_when_all_have_had_certificates_of_the_new_one_for_long_enough() {
    let mut world = replaced_for_users(json!({"clientsCa": {"overlapSeconds": 600}}));
    let until = world.observed.now.0 + SECONDS(600);
    let bob = |has| ("n/bob".to_owned(), has);
    world.users.extend([bob(own(&world, "clients0", days(90))), ("n/alice".to_owned(), UserHas::Own(None))]);
    let expected = format!("the former key is trusted on: users have until {until}");
    assert_eq!(held_by(&mut world), expected, "nobody is asked before");
    world.pass(SECONDS(600));
    let alice = "the former key is trusted on: user n/alice has no certificate of the new key yet";
    assert_eq!(held_by(&mut world), alice);
    world.users.extend([("n/alice".to_owned(), own(&world, "clients1", days(90)))]);
    assert!(
        held_by(&mut world).starts_with("the former key is trusted on: user n/alice got its certificate")
    );
    world.pass(SECONDS(600));
    assert_eq!(held_by(&mut world), alice.replace("alice", "bob"));
    // Whoever gets new ones every few minutes has no other any more.
    world.users.extend([bob(own(&world, "clients1", SECONDS(300)))]);
    assert_eq!(rounds(&mut world), ["clients forget all but 0", "clients publish"]);
    assert_eq!(trusted_of_users(&mut world), 1);
    assert_eq!(world.decide().status.certificate_authorities[1].waits_for, None);
}

#[test]
fn without_users_a_former_authority_goes_after_a_day() {
    let mut world = replaced_for_users(json!({}));
    world.pass(SignedDuration::from_hours(24) - SECONDS(1));
    held_by(&mut world);
    world.pass(SECONDS(1));
    assert_eq!(rounds(&mut world), ["clients forget all but 0", "clients publish"]);
}

#[test]
fn where_others_make_certificates_a_former_authority_stays_until_it_ends_or_somebody_takes_it_out() {
    let external = |world: &mut World| world.users.extend([("n/eve".to_owned(), UserHas::External)]);
    let mut world = replaced_for_users(json!({}));
    external(&mut world);
    world.pass(days(30));
    let expected = "the former key is trusted on: 1 users, such as n/eve, have certificates that others make, by \
                    whichever key";
    assert_eq!(held_by(&mut world), expected);
    world.certificates(Which::Clients).private.as_mut().expect("keys").forget_asked = true;
    assert_eq!(rounds(&mut world), ["clients forget all but 0", "clients publish"]);
    assert_eq!(trusted_of_users(&mut world), 1);

    let mut world = replaced_for_users(json!({"clientsCa": {"validityDays": 60}}));
    external(&mut world);
    world.pass(days(29));
    held_by(&mut world);
    world.certificates(Which::Clients).private.as_mut().expect("keys").previous[0].not_after =
        world.observed.now.0;
    assert_eq!(rounds(&mut world)[1..], ["clients forget all but 0", "clients publish"], "it has ended");

    // By hand, as before there was another way.
    let mut world = replaced_for_users(json!({}));
    world.certificates(Which::Clients).private.as_mut().expect("keys").previous.clear();
    assert_eq!(rounds(&mut world), ["clients publish"]);
}

#[test]
fn what_is_deleted_or_edited_by_hand_is_put_right() {
    let mut world = settled(json!({}), 2);
    world.certificates(Which::Cluster).public = None;
    assert_eq!(rounds(&mut world), ["cluster publish"]);
    world.certificates(Which::Clients).public.as_mut().expect("a bundle").is_untouched = false;
    assert_eq!(rounds(&mut world), ["clients publish"]);
    let leaves = |world: &mut World| {
        let issued = &mut world.observed.certificates.issued;
        std::mem::take(&mut issued.get_mut("c-dual-certs").expect("a Secret").leaves)
    };
    let mut edited = leaves(&mut world);
    edited.insert("c-dual-0.pem".to_owned(), None);
    edited.insert("more.pem".to_owned(), None);
    world.observed.certificates.issued.get_mut("c-dual-certs").expect("a Secret").leaves = edited;
    assert_eq!(rounds(&mut world), ["c-dual-certs +1 -1: they are missing"]);
    world.observed.certificates.issued.remove("c-cluster-operator-certs");
    assert_eq!(rounds(&mut world), ["c-cluster-operator-certs +1 -0: they are missing"]);
}

#[test]
fn an_authority_of_the_users_must_be_there_and_is_trusted_before_it_issues() {
    let mut world = world(json!({"clusterCa": {"generateCertificateAuthority": false}}), 1);
    let says = |world: &World| {
        let ready = world.decide().status.conditions.into_iter().find(|one| one.kind == ConditionType::Ready);
        ready.expect("a condition").message
    };
    assert_eq!(
        says(&world),
        "spec.clusterCa.generateCertificateAuthority: is false, and Secret c-cluster-ca-cert with certificates in \
         ca.crt is missing"
    );
    let given = settled(json!({}), 1).observed.certificates.cluster;
    world.certificates(Which::Cluster).public = given.public.clone();
    assert!(
        says(&world).ends_with("Secret c-cluster-ca with a key in ca.key is missing"),
        "{}",
        says(&world)
    );
    world.certificates(Which::Cluster).private = given.private;
    world.settle();
    world.load_all();
    let mut other = settled(json!({}), 1);
    other.certificates(Which::Cluster).private.as_mut().expect("keys").replace_asked = true;
    rounds(&mut other);
    let other = other.observed.certificates.cluster;
    let private = world.certificates(Which::Cluster).private.as_mut().expect("keys");
    private.current = other.private.expect("keys").next;
    world.certificates(Which::Cluster).public = other.public;
    assert_eq!(rounds(&mut world), [""; 0]);
    assert!(waits_for(&world.decide()).ends_with("pod c-dual-0 does not trust the new key yet"));
    world.load_all();
    assert_eq!(rounds(&mut world).len(), 2, "now it issues");
    world.pass(days(336));
    assert!(!warnings(&world.decide()).is_empty(), "who gives it must replace it");
}

#[test]
fn listeners_tell_what_vouches_for_them_and_others_are_plain() {
    let listener = |name: &str, port: i32, tls: bool| json!({"name": name, "port": port, "type": "internal", "tls": tls});
    let mut secure = listener("secure", 9093, true);
    secure["authentication"] = json!({"type": "tls"});
    let spec = json!({"kafka": {"listeners": [listener("plain", 9092, false), secure]}});
    let mut world = world(spec.clone(), 1);
    world.settle();
    let plan = world.decide();
    let certificates: Vec<_> = plan.status.listeners.iter().map(|one| one.certificates.len()).collect();
    assert_eq!(certificates, [0, 1]);
    let file = world.live("ConfigMap", "c-dual")["data"]["server.properties"].as_str().expect("a file");
    for line in [
        "listener.security.protocol.map=CONTROLPLANE:SSL,REPLICATION:SSL,PLAIN:PLAINTEXT,SECURE:SSL",
        "listener.name.secure.ssl.client.auth=required",
        "listener.name.secure.ssl.truststore.location=/etc/klamm-clients-ca/ca.crt",
        "listener.name.replication.ssl.client.auth=required",
        "ssl.truststore.location=/etc/klamm-cluster-ca/ca.crt",
    ] {
        assert!(file.lines().any(|found| found == line), "{line} in {file}");
    }
    let mut refused = spec;
    refused["kafka"]["listeners"][1]["authentication"]["type"] = json!("oauth");
    world.set_spec(refused);
    let ready = world.decide().status.conditions.into_iter().find(|one| one.kind == ConditionType::Ready);
    let said = ready.expect("a condition").message;
    assert_eq!(
        said,
        "spec.kafka.listeners[1].authentication.type: 'oauth' is not built: tls and scram-sha-512 are"
    );
}

#[test]
fn a_single_node_of_the_default_pool_has_certificates_too() {
    let mut world = World::new(json!({}), &[("dual", dual(json!({"type": "ephemeral"})))]);
    world.shows_certificates = true;
    world.settle();
    assert!(world.observed.certificates.issued["c-dual-certs"].leaves.contains_key("c-dual-0.pem"));
}
