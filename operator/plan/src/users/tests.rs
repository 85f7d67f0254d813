//! What is decided for users, carried out in a Kafka and a Secret of this file's own.

use k8s_openapi::{apimachinery::pkg::apis::meta::v1::Time, jiff::SignedDuration};
use operator_api::{Condition, ConditionType};
use serde_json::{Value, json};

use super::*;
use crate::certificates::{LeafFacts, Window};

struct World {
    user: KafkaUser,
    plain: ObservedPrincipal,
    certified: ObservedPrincipal,
    secret: Option<SecretFacts>,
    reference: Option<Reference>,
    issuer: Option<CertificateFacts>,
    rules: UserRules,
    is_asserted: bool,
    now: Timestamp,
}

fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

fn certificate(subject: &str, key_id: &str, not_after: Timestamp) -> CertificateFacts {
    CertificateFacts {
        fingerprint: format!("{subject} {key_id}"),
        key_id: key_id.to_owned(),
        subject: subject.to_owned(),
        names: BTreeSet::new(),
        made_at: Timestamp::UNIX_EPOCH,
        not_after,
    }
}

impl World {
    /// The user `alice` with this spec, of a cluster that has a listener of each kind and authorizes.
    fn new(spec: &Value) -> Self {
        let now: Timestamp = "2026-01-01T12:00:00Z".parse().expect("a time");
        let metadata = json!({"name": "alice", "namespace": "n", "uid": "u", "generation": 1});
        let object = json!({
            "apiVersion": "klamm.dev/v1alpha1", "kind": "KafkaUser", "metadata": metadata, "spec": spec
        });
        let asks_for = ["tls", "scram-sha-512"].map(str::to_owned);
        let nobody = || ObservedPrincipal { acls: Some(BTreeSet::new()), ..ObservedPrincipal::default() };
        Self {
            user: serde_json::from_value(object).expect("a user"),
            plain: nobody(),
            certified: nobody(),
            secret: None,
            reference: None,
            issuer: Some(certificate("O=klamm.dev, CN=clients-ca v0", "ca0", now + days(365))),
            rules: UserRules {
                cluster: "c".to_owned(),
                authorizes: true,
                asks_for: asks_for.into(),
                validity_days: 90,
                renewal_days: 30,
                windows: Vec::new(),
            },
            is_asserted: false,
            now,
        }
    }

    fn plan(&self) -> UserPlan {
        let seen = Seen {
            plain: &self.plain,
            certified: &self.certified,
            secret: self.secret.as_ref(),
            reference: self.reference.as_ref(),
            issuer: self.issuer.as_ref(),
            is_asserted: self.is_asserted,
            now: self.now,
        };
        plan(&self.user, &seen, &self.rules)
    }

    /// Plans, carries out, and tells what was done; after it nothing is left to do.
    fn settle(&mut self) -> Vec<String> {
        let plan = self.plan();
        plan.actions.iter().for_each(|action| self.carry_out(action));
        if self.user.metadata.deletion_timestamp.is_none() {
            assert_eq!(self.plan().actions, [], "after {:?}", plan.actions);
        }
        plan.actions.iter().map(brief).collect()
    }

    fn carry_out(&mut self, action: &UserAction) {
        match action {
            UserAction::AddFinalizer => self.user.metadata.finalizers = Some(vec![USER_FINALIZER.to_owned()]),
            UserAction::RemoveFinalizer => self.user.metadata.finalizers = None,
            UserAction::Store { material, is_password_set, .. } => self.store(*material, *is_password_set),
            UserAction::Change { principal, change } => {
                let is_plain = principal == "alice";
                let of = if is_plain { &mut self.plain } else { &mut self.certified };
                let acls = of.acls.get_or_insert_default();
                acls.extend(change.create.iter().cloned());
                acls.retain(|acl| !change.delete.contains(acl));
                for (key, value) in &change.quotas {
                    of.quotas.remove(key);
                    of.quotas.extend(value.map(|value| (key.clone(), value)));
                }
                of.credentials.retain(|mechanism, _| !change.forget.contains(mechanism));
                if change.sets_password {
                    assert!(is_plain, "a password is of the bare name");
                    let there = self.secret.as_ref().is_some_and(|secret| secret.password.is_some());
                    assert!(there || self.reference.is_some(), "a password is kept before it is used");
                    of.credentials.insert(Mechanism::ScramSha512, ITERATIONS);
                    self.is_asserted = true;
                }
            }
        }
    }

    fn store(&mut self, material: Material, is_set: bool) {
        // As the shell does.
        self.is_asserted &= material != Material::NewPassword;
        let before = self.secret.take().unwrap_or_default();
        let password = PasswordFacts { is_set, is_as_stated: true };
        let facts = SecretFacts { is_ours: true, is_as_wanted: true, ..SecretFacts::default() };
        self.secret = Some(match material {
            Material::Kept => {
                let password = before.password.map(|_| password);
                SecretFacts { leaf: before.leaf, password, ..facts }
            }
            Material::Certificate { validity_days } => {
                let end =
                    (self.now + days(validity_days)).min(self.issuer.as_ref().expect("an issuer").not_after);
                let leaf = LeafFacts {
                    certificate: certificate("CN=alice", "own", end),
                    signed_by: self.issuer.as_ref().map(|issuer| issuer.key_id.clone()),
                    digest: String::new(),
                };
                SecretFacts { leaf: Some(leaf), ..facts }
            }
            Material::NewPassword | Material::StatedPassword => {
                SecretFacts { password: Some(password), ..facts }
            }
            Material::Nothing => SecretFacts { is_empty: true, ..facts },
        });
    }

    fn secret(&mut self) -> &mut SecretFacts {
        self.secret.as_mut().expect("a Secret")
    }

    fn refusal(&self) -> (&'static str, String) {
        let plan = self.plan();
        assert_eq!(plan.actions, []);
        match plan.standing {
            Standing::Refused { reason, message } => (reason, message),
            other => panic!("{other:?}"),
        }
    }
}

fn brief(action: &UserAction) -> String {
    match action {
        UserAction::AddFinalizer => "add finalizer".to_owned(),
        UserAction::RemoveFinalizer => "remove finalizer".to_owned(),
        UserAction::Store { material, why, is_password_set } => {
            let noted = if *is_password_set { ", noted" } else { "" };
            format!("store {material:?}{noted}: {why}")
        }
        UserAction::Change { principal, change } => {
            let mut text = format!("change {principal}:");
            for (sign, acls) in [("+", &change.create), ("-", &change.delete)] {
                for acl in acls {
                    let deny = if acl.permission == broker_authorizer::Permission::Deny { "!" } else { "" };
                    let prefix =
                        if acl.pattern_type == broker_authorizer::PatternType::Prefixed { "*" } else { "" };
                    let (kind, operation) = (acl.resource_type.title(), acl.operation.title());
                    text += &format!(
                        " {sign}{deny}{operation}({kind} {}{prefix} {})",
                        acl.resource_name, acl.host
                    );
                }
            }
            for (key, value) in &change.quotas {
                text += &value.map_or_else(|| format!(" -{key}"), |value| format!(" {key}={value}"));
            }
            for mechanism in &change.forget {
                text += &format!(" forget {mechanism:?}");
            }
            text + if change.sets_password { " password" } else { "" }
        }
    }
}

fn certified() -> Value {
    json!({"authentication": {"type": "tls"}})
}

fn scram() -> Value {
    json!({"authentication": {"type": "scram-sha-512"}})
}

#[test]
fn a_user_with_a_certificate_comes_up_whole_and_is_left_alone() {
    let topic = json!({"type": "topic", "name": "orders"});
    let mut world = World::new(&json!({
        "authentication": {"type": "tls", "validityDays": 20, "renewalDays": 5},
        "authorization": {"type": "simple", "acls": [
            {"resource": topic, "operations": ["Read", "Describe"]},
            {"type": "deny", "resource": {"type": "group", "name": "g-", "patternType": "prefix"},
                "host": "10.0.0.1", "operations": ["All"]},
            {"resource": {"type": "cluster"}, "operations": ["IdempotentWrite"]},
            {"resource": {"type": "transactionalId", "name": "*"}, "operations": ["Write"]},
        ]},
        "quotas": {"producerByteRate": 1024, "controllerMutationRate": 0.5},
    }));
    let expected = [
        "add finalizer",
        "store Certificate { validity_days: 20 }: there is no certificate with its key",
        "change CN=alice: +Read(Topic orders *) +Describe(Topic orders *) +!All(Group g-* 10.0.0.1) \
         +IdempotentWrite(Cluster kafka-cluster *) +Write(TransactionalId * *) controller_mutation_rate=0.5 \
         producer_byte_rate=1024",
    ];
    assert_eq!(world.settle(), expected);
    let status = status(&world.user, Some(&world.plan()), None, &Time(world.now));
    assert_eq!((status.username.as_deref(), status.secret.as_deref()), (Some("CN=alice"), Some("alice")));
    let ready = Condition::find(&status.conditions, ConditionType::Ready).expect("a condition");
    assert_eq!((ready.reason.as_str(), ready.observed_generation), ("Ready", Some(1)));
}

#[test]
fn what_others_change_in_kafka_is_taken_back() {
    let mut spec = scram();
    spec["authorization"] = json!({"type": "simple", "acls": [
        {"resource": {"type": "topic", "name": "t"}, "operations": ["Read"]}]});
    spec["quotas"] = json!({"consumerByteRate": 10});
    let mut world = World::new(&spec);
    world.settle();
    let ours = world.plain.clone();
    let mut more = ours.acls.clone().expect("ACLs").into_iter().next().expect("one");
    more.operation = broker_authorizer::Operation::Write;
    world.plain.acls = Some([more].into());
    world.plain.quotas =
        [("consumer_byte_rate".to_owned(), 11.0), ("request_percentage".to_owned(), 1.0)].into();
    world.plain.credentials = [(Mechanism::ScramSha256, 4096), (Mechanism::ScramSha512, 8192)].into();
    let expected = "change alice: +Read(Topic t *) -Write(Topic t *) consumer_byte_rate=10 -request_percentage \
                    forget ScramSha256 password";
    assert_eq!(world.settle(), [expected]);
    assert_eq!(world.plain, ours);
    // Nobody needs to be told of what nobody looks at any more.
    world.plain.acls = None;
    world.user.spec.authorization = None;
    assert_eq!(world.settle(), [""; 0]);
}

#[test]
fn a_password_is_kept_before_kafka_gets_it() {
    let mut world = World::new(&scram());
    let expected =
        ["add finalizer", "store NewPassword, noted: there is no password", "change alice: password"];
    assert_eq!(world.settle(), expected);
    // Somebody took the note off: Kafka gets it again.
    world.secret().password = Some(PasswordFacts { is_set: false, is_as_stated: true });
    let again = ["change alice: password", "store Kept, noted: it is not as it should be"];
    assert_eq!(world.settle(), again);
    // Somebody edits it: that is a rotation, and the rest of the Secret follows.
    *world.secret() = SecretFacts {
        password: Some(PasswordFacts { is_set: false, is_as_stated: true }),
        is_as_wanted: false,
        ..world.secret().clone()
    };
    assert_eq!(world.settle(), again);
    // Somebody edits what follows from it: Kafka need not hear of that.
    world.secret().is_as_wanted = false;
    assert_eq!(world.settle(), [again[1]]);
    // Somebody deletes the Secret: nobody knows the password any more.
    world.secret = None;
    assert_eq!(world.settle(), expected[1..]);
    // Kafka did not take what is noted already, or the operator ended before it was asked: it gets it at the next look.
    world.secret = None;
    let plan = world.plan();
    world.carry_out(&plan.actions[0]);
    assert_eq!(world.settle(), expected[2..]);
    // Somebody deletes the credential.
    world.plain.credentials.clear();
    assert_eq!(world.settle(), ["change alice: password"]);
    // The operator began anew: what others gave Kafka meanwhile cannot be told.
    world.is_asserted = false;
    assert_eq!(world.settle(), ["change alice: password"]);
}

#[test]
fn a_stated_password_is_taken_over_whenever_it_changes() {
    let mut world = World::new(&scram());
    world.reference = Some(Reference::Missing("Secret p is not there".to_owned()));
    let expected = "spec.authentication.password: Secret p is not there";
    assert_eq!(world.refusal(), ("PasswordMissing", expected.to_owned()));
    world.reference = Some(Reference::Found);
    let expected = [
        "add finalizer",
        "change alice: password",
        "store StatedPassword, noted: the stated password is new",
    ];
    assert_eq!(world.settle(), expected);
    world.secret().password = Some(PasswordFacts { is_set: true, is_as_stated: false });
    let expected = ["change alice: password", "store StatedPassword, noted: the stated password changed"];
    assert_eq!(world.settle(), expected);
    world.reference = Some(Reference::Absent);
    world.secret().password = Some(PasswordFacts { is_set: true, is_as_stated: false });
    assert_eq!(world.settle(), [""; 0], "the one that there was stays while none is stated");
}

#[test]
fn a_certificate_is_issued_anew_when_it_nears_its_end_is_not_its_own_or_another_key_issues() {
    let store = |why: &str| vec![format!("store Certificate {{ validity_days: 90 }}: {why}")];
    let mut world = World::new(&certified());
    world.settle();
    world.now += days(59);
    assert_eq!(world.settle(), [""; 0]);
    world.now += days(1);
    assert_eq!(world.settle(), store("it nears its end"));
    world.secret().leaf.as_mut().expect("a leaf").certificate.subject = "CN=bob".to_owned();
    assert_eq!(world.settle(), store("it is for another name"));
    world.secret().leaf = None;
    assert_eq!(world.settle(), store("there is no certificate with its key"));
    world.issuer.as_mut().expect("an issuer").key_id = "ca1".to_owned();
    assert_eq!(world.settle(), store("another key issues"));
    world.secret = None;
    assert_eq!(world.settle(), store("there is no certificate with its key"));
    world.secret().is_as_wanted = false;
    assert_eq!(world.settle(), ["store Kept: it is not as it should be"], "with the key that it has");
    // It ends with its authority: another one would not hold longer.
    world.issuer.as_mut().expect("an issuer").not_after = world.now + days(10);
    world.secret().leaf.as_mut().expect("a leaf").certificate.not_after = world.now + days(10);
    assert_eq!(world.settle(), [""; 0]);
    assert_eq!(world.plan().warnings[0].reason, "CertificateEnds");
    world.issuer = None;
    let plan = world.plan();
    assert!(matches!(plan.standing, Standing::Refused { reason: "NoAuthority", .. }), "{plan:?}");
}

#[test]
fn windows_hold_what_is_done_for_want_of_time_only() {
    let mut world = World::new(&certified());
    world.rules.windows = vec![Window::parse("* * 0-4 * * ?").expect("a window")];
    assert_eq!(world.settle().len(), 2, "what is missing waits for no window");
    world.now += days(80);
    assert_eq!(world.settle(), [""; 0]);
    let warning = world.plan().warnings.remove(0);
    assert!(warning.message.ends_with("it may be replaced in maintenanceTimeWindows"), "{}", warning.message);
    world.now += SignedDuration::from_hours(14);
    assert_eq!(world.settle(), ["store Certificate { validity_days: 90 }: it nears its end"]);
    world.now += days(80);
    world.issuer.as_mut().expect("an issuer").key_id = "ca1".to_owned();
    assert_eq!(world.settle(), ["store Certificate { validity_days: 90 }: another key issues"]);
}

#[test]
fn another_type_of_authentication_leaves_nothing_of_the_old_one() {
    let mut spec = scram();
    spec["quotas"] = json!({"requestPercentage": 5});
    let mut world = World::new(&spec);
    world.settle();
    world.user.spec.authentication.as_mut().expect("stated").kind = UserAuthenticationType::Tls;
    let expected = [
        "change alice: -request_percentage forget ScramSha512",
        "store Certificate { validity_days: 90 }: there is no certificate with its key",
        "change CN=alice: request_percentage=5",
    ];
    assert_eq!(world.settle(), expected);
    world.user.spec.authentication.as_mut().expect("stated").kind = UserAuthenticationType::TlsExternal;
    assert_eq!(world.settle(), ["store Nothing: the user has no key and no password any more"]);
    world.user.spec.authentication = None;
    let expected = ["change CN=alice: -request_percentage", "change alice: request_percentage=5"];
    assert_eq!(world.settle(), expected);
}

#[test]
fn acls_are_there_before_anybody_looks_at_them_and_that_is_told() {
    let mut acls = certified();
    acls["authorization"] = json!({"type": "simple", "acls": [
        {"resource": {"type": "topic", "name": "orders"}, "operations": ["Write"]},
    ]});
    let mut world = World::new(&acls);
    world.rules.authorizes = false;
    (world.plain.acls, world.certified.acls) = (Some([].into()), Some([].into()));
    let reasons = |world: &World| world.plan().warnings.iter().map(|one| one.reason).collect::<Vec<_>>();
    assert_eq!(reasons(&world), ["AuthorizationDisabled"]);
    let done = world.settle();
    assert!(done.iter().any(|one| one.starts_with("change CN=alice: +")), "{done:?}");
    assert_eq!(world.certified.acls.as_ref().map(std::collections::BTreeSet::len), Some(1));
    // Turned on, nothing is left to do for the user.
    world.rules.authorizes = true;
    assert_eq!((world.settle(), reasons(&world)), (Vec::new(), Vec::new()));
}

#[test]
fn what_cannot_be_is_refused_and_nothing_of_it_is_done() {
    let mut acls = certified();
    acls["authorization"] = json!({"type": "simple"});
    let mut world = World::new(&acls);
    world.rules.authorizes = false;
    (world.plain.acls, world.certified.acls) = (None, None);
    let (reason, message) = world.refusal();
    assert_eq!(reason, "AuthorizationDisabled");
    assert!(message.starts_with("spec.authorization: the KafkaCluster c has no spec.kafka.authorization"));

    for (kind, is_refused) in [("tls", true), ("tls-external", true), ("scram-sha-512", false)] {
        let mut world = World::new(&json!({"authentication": {"type": kind}}));
        world.user.metadata.name = Some("a".repeat(64));
        assert_eq!(world.plan().standing, Standing::Managed, "{kind}");
        world.user.metadata.name = Some("a".repeat(65));
        assert_eq!(world.plan().standing != Standing::Managed, is_refused, "{kind}");
        if is_refused {
            assert_eq!(world.refusal().0, "InvalidUserName");
        }
    }

    let mut world = World::new(&scram());
    world.secret = Some(SecretFacts::default());
    let (reason, message) = world.refusal();
    assert_eq!((reason, message.starts_with("Secret alice is there already")), ("SecretConflict", true));
}

#[test]
fn a_user_whom_no_listener_lets_in_is_warned_of() {
    for (kind, asks_for, warns) in [
        ("tls", "tls", false),
        ("tls-external", "scram-sha-512", true),
        ("scram-sha-512", "scram-sha-512", false),
        ("scram-sha-512", "tls", true),
    ] {
        let mut world = World::new(&json!({"authentication": {"type": kind}}));
        world.rules.asks_for = [asks_for.to_owned()].into();
        let warnings = world.plan().warnings;
        assert_eq!(warnings.iter().any(|warning| warning.reason == "NoListener"), warns, "{kind} {asks_for}");
    }
}

#[test]
fn deletion_takes_everything_away_unless_it_is_to_stay() {
    let mut spec = scram();
    spec["quotas"] = json!({"requestPercentage": 5});
    let mut world = World::new(&spec);
    world.settle();
    world.user.metadata.deletion_timestamp = Some(Time(world.now));
    assert!(concerns_kafka(&world.user, None));
    let expected = ["change alice: -request_percentage forget ScramSha512", "remove finalizer"];
    assert_eq!(world.settle(), expected);

    world.user.metadata.finalizers = Some(vec![USER_FINALIZER.to_owned()]);
    for (change, is_asked) in [
        ("klamm.dev/pause-reconciliation=true", false),
        ("klamm.dev/managed=false", false),
        ("klamm.dev/managed=true", true),
    ] {
        let (name, value) = change.split_once('=').expect("both");
        let mut user = world.user.clone();
        user.metadata.annotations = Some([(name.to_owned(), value.to_owned())].into());
        let plan = plan_without_kafka(&user, None);
        assert_eq!(plan.is_none(), is_asked, "{change}");
        let only = [UserAction::RemoveFinalizer];
        assert!(plan.is_none_or(|plan| plan.actions == only), "{change}");
    }
    world.user.spec.deletion_policy = Some(DeletionPolicy::Retain);
    assert_eq!(plan_without_kafka(&world.user, None).expect("nobody is asked").actions.len(), 1);
}

#[test]
fn what_is_to_stay_has_no_finalizer() {
    let mut world = World::new(&certified());
    world.settle();
    world.user.spec.deletion_policy = Some(DeletionPolicy::Retain);
    assert_eq!(world.settle(), ["remove finalizer"]);
}

#[test]
fn one_that_is_paused_not_managed_or_the_younger_changes_nothing() {
    let mut world = World::new(&certified());
    let plan = plan_without_kafka(&world.user, Some("m/alice")).expect("it decides nothing");
    let Standing::Refused { reason, message } = plan.standing else { panic!("{plan:?}") };
    assert_eq!(
        (reason, message.as_str()),
        ("ResourceConflict", "user 'alice' is managed by the KafkaUser m/alice")
    );
    for (name, value, standing) in [
        ("klamm.dev/pause-reconciliation", "true", Standing::Paused),
        ("klamm.dev/managed", "false", Standing::Unmanaged),
    ] {
        world.user.metadata.annotations = Some([(name.to_owned(), value.to_owned())].into());
        let plan = plan_without_kafka(&world.user, None).expect("nobody is asked");
        assert_eq!((plan.standing, plan.actions.len()), (standing, 0));
    }
}

#[test]
fn a_status_keeps_what_was_known_while_nobody_answers() {
    let mut world = World::new(&scram());
    world.settle();
    let first = status(&world.user, Some(&world.plan()), None, &Time(world.now));
    world.user.status = Some(first.clone());
    let failure = Failure::new("Unreachable", "nobody answers");
    let second = status(&world.user, None, Some(&failure), &Time(world.now));
    assert_eq!((second.username, second.secret), (first.username, first.secret));
    let ready = Condition::find(&second.conditions, ConditionType::Ready).expect("a condition");
    assert_eq!((ready.reason.as_str(), ready.message.as_str()), ("Unreachable", "nobody answers"));
}
