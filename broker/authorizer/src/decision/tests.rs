use alloc::{format, string::ToString, vec::Vec};
use core::net::Ipv4Addr;

use super::*;
use crate::testing::binding;
use Operation::{All, Alter, AlterConfigs, Create, Delete, Describe, DescribeConfigs, Read, Write};
use Permission::{Allow, Deny};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const ANN: Actor<'_> = Actor { principal: "User:ann", address: HERE };

/// Bindings about any host, each as pattern, principal, operation, permission.
fn bindings(all: &[(&str, &str, Operation, Permission)]) -> Bindings {
    let mut bindings = Bindings::default();
    for (on, principal, operation, permission) in all {
        bindings.add(&binding(on, principal, "*", *operation, *permission));
    }
    bindings
}

fn topic(operation: Operation, name: &str) -> Action<'_> {
    Action { operation, resource_type: ResourceType::Topic, name }
}

fn allows(bindings: &Bindings, action: Action<'_>) -> bool {
    Rules::default().decide(bindings, ANN, action).is_allowed()
}

#[test]
fn nothing_is_allowed_by_itself() {
    let none = Bindings::default();
    assert_eq!(Rules::default().decide(&none, ANN, topic(Read, "a")), Reason::DefaultDeny);
    let everyone = Rules::new("", "true").unwrap();
    assert_eq!(everyone.decide(&none, ANN, topic(Read, "a")), Reason::DefaultAllow);
    // A binding of somebody else makes it a guarded resource.
    for on in ["topic a", "topic *", "topic a*"] {
        let others = bindings(&[(on, "User:bob", Read, Allow)]);
        assert_eq!(everyone.decide(&others, ANN, topic(Read, "a")), Reason::DefaultDeny, "{on}");
    }
    let elsewhere = bindings(&[("topic b", "User:bob", Read, Allow), ("group a", "User:bob", Read, Allow)]);
    assert_eq!(everyone.decide(&elsewhere, ANN, topic(Read, "a")), Reason::DefaultAllow);
}

#[test]
fn a_super_user_is_not_denied() {
    let rules = Rules::new("User:root;User:ann", "").unwrap();
    let denied = bindings(&[("topic *", "User:*", All, Deny)]);
    assert_eq!(rules.decide(&denied, ANN, topic(Read, "a")), Reason::SuperUser);
    let other = Actor { principal: "User:Ann", address: HERE };
    assert!(!rules.decide(&denied, other, topic(Read, "a")).is_allowed());
}

#[test]
fn a_denial_wins_wherever_it_stands() {
    let patterns = ["topic orders", "topic ord*", "topic orders*", "topic *"];
    for allowed in patterns {
        for denied in patterns {
            let both = bindings(&[(allowed, "User:ann", Read, Allow), (denied, "User:*", Read, Deny)]);
            assert!(!allows(&both, topic(Read, "orders")), "{allowed} and not {denied}");
            assert!(allows(&both, topic(Describe, "orders")), "{denied} implies nothing");
        }
        let alone = bindings(&[(allowed, "User:ann", Read, Allow)]);
        assert!(allows(&alone, topic(Read, "orders")), "{allowed}");
        assert!(!allows(&alone, topic(Write, "orders")), "{allowed}");
    }
}

#[test]
fn an_allowance_implies_that_the_thing_may_be_seen() {
    for (operation, describe, configs) in [
        (Read, true, false),
        (Write, true, false),
        (Delete, true, false),
        (Alter, true, false),
        (Create, false, false),
        (AlterConfigs, false, true),
        (DescribeConfigs, false, true),
        (All, true, true),
        (Operation::Unknown, false, false),
    ] {
        let one = bindings(&[("topic a", "User:ann", operation, Allow)]);
        assert_eq!(allows(&one, topic(Describe, "a")), describe, "{operation:?}");
        assert_eq!(allows(&one, topic(DescribeConfigs, "a")), configs, "{operation:?}");
    }
}

#[test]
fn names_hosts_and_principals_are_taken_as_they_are_written() {
    let odd = ["ann*", "a b", "é", "*", "User:ann", "kafka-cluster", "🦀", "a:b", ""];
    for name in odd {
        let mut one = Bindings::default();
        let mut written = binding("group x", "User:ann", "127.0.0.1", Read, Allow);
        written.pattern.name = name.into();
        one.add(&written);
        let group = |name| Action { operation: Read, resource_type: ResourceType::Group, name };
        assert!(allows(&one, group(name)), "{name}");
        assert_eq!(allows(&one, group("other")), name == "*", "{name}");
        let away = Actor { address: IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)), ..ANN };
        assert!(!Rules::default().decide(&one, away, group(name)).is_allowed());
    }
    for principal in ["User:an", "User:ann ", "user:ann", "ann", "Group:ann", "User:", "User:ann*"] {
        let one = bindings(&[("topic a", principal, Read, Allow)]);
        assert!(!allows(&one, topic(Read, "a")), "{principal}");
    }
    let named = bindings(&[("topic a", "User:a:b", Read, Allow)]);
    let actor = Actor { principal: "User:a:b", ..ANN };
    assert!(Rules::default().decide(&named, actor, topic(Read, "a")).is_allowed());
}

#[test]
fn what_this_version_does_not_know_lets_nobody_in() {
    let mut one = bindings(&[("topic a", "User:ann", All, Permission::Unknown)]);
    assert!(!allows(&one, topic(Read, "a")));
    one.add(&binding("topic a", "User:ann", "*", All, Allow));
    assert!(!allows(&one, topic(Read, "a")));
}

#[test]
fn a_decision_says_what_it_rests_on() {
    let one = bindings(&[("topic ord*", "User:*", All, Deny)]);
    let reason = Rules::default().decide(&one, ANN, topic(Read, "orders"));
    assert_eq!(
        reason.to_string(),
        "MatchingAcl(acl=StandardAcl(resourceType=TOPIC, resourceName=ord, patternType=PREFIXED, principal=User:*, \
         host=*, operation=ALL, permissionType=DENY))"
    );
}

#[test]
fn something_of_a_kind() {
    let write = |all: &[(&str, &str, Operation, Permission)]| {
        Rules::default().allows_any(&bindings(all), ANN, Write, ResourceType::Topic)
    };
    let ann = "User:ann";
    assert!(!write(&[]));
    for (all, expected) in [
        (Vec::from([("topic a", ann, Write, Allow)]), true),
        (Vec::from([("topic a", ann, All, Allow)]), true),
        (Vec::from([("topic a", "User:*", Write, Allow)]), true),
        (Vec::from([("topic a", "User:bob", Write, Allow)]), false),
        (Vec::from([("topic a", ann, Read, Allow)]), false),
        (Vec::from([("group a", ann, Write, Allow)]), false),
        (Vec::from([("topic a", ann, Write, Allow), ("topic a", ann, Write, Deny)]), false),
        (Vec::from([("topic a", ann, Write, Allow), ("topic b", ann, Write, Deny)]), true),
        (Vec::from([("topic ab", ann, Write, Allow), ("topic a*", ann, Write, Deny)]), false),
        (Vec::from([("topic ab*", ann, Write, Allow), ("topic a*", "User:*", All, Deny)]), false),
        (Vec::from([("topic a*", ann, Write, Allow), ("topic ab*", ann, Write, Deny)]), true),
        (Vec::from([("topic a*", ann, Write, Allow), ("topic a", ann, Write, Deny)]), true),
        (Vec::from([("topic a*", ann, Write, Allow), ("topic a*", ann, Write, Deny)]), false),
        (Vec::from([("topic *", ann, Write, Allow), ("topic a*", ann, Write, Deny)]), true),
        (Vec::from([("topic *", ann, Write, Deny), ("topic a", ann, Write, Allow)]), false),
    ] {
        assert_eq!(write(&all), expected, "{all:?}");
    }
    let root = Rules::new(ann, "").unwrap();
    assert!(root.allows_any(&bindings(&[("topic *", ann, All, Deny)]), ANN, Write, ResourceType::Topic));
}

/// Thousands of bindings of others are not looked at: with a look at all, this would take minutes.
#[test]
fn others_bindings_cost_nothing() {
    let mut many = Bindings::default();
    for number in 0..5_000 {
        let (prefix, user) = (format!("topic orders-{number}*"), format!("User:{number}"));
        many.add(&binding(&prefix, &user, "*", All, Allow));
        many.add(&binding("topic *", &user, "10.0.0.1", All, Deny));
    }
    many.add(&binding("topic orders*", "User:ann", "*", Write, Allow));
    for number in 0..20_000 {
        assert!(allows(&many, topic(Write, &format!("orders-{number}"))));
    }
}
