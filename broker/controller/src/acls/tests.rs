use alloc::{format, string::ToString, vec, vec::Vec};

use broker_authorizer::{Entry, Pattern, PatternFilter};

use super::*;
use crate::{Request, Response, testing::Cluster};

fn binding(name: &str, principal: &str) -> Binding {
    Binding {
        pattern: Pattern {
            resource_type: ResourceType::Topic,
            pattern_type: PatternType::Literal,
            name: Str::from(name),
        },
        entry: Entry {
            principal: Str::from(principal),
            host: Str::from("*"),
            operation: Operation::Read,
            permission: Permission::Allow,
        },
    }
}

fn create(cluster: &mut Cluster, bindings: Vec<Binding>) -> (usize, Created) {
    let (records, response) = cluster.ask(Request::CreateAcls(CreateAcls { bindings }));
    let Response::CreateAcls(results) = response else { panic!("{response:?}") };
    (records.len(), results)
}

fn delete(cluster: &mut Cluster, filters: Vec<Filter>) -> (usize, Deleted) {
    let (records, response) = cluster.ask(Request::DeleteAcls(DeleteAcls { filters }));
    let Response::DeleteAcls(results) = response else { panic!("{response:?}") };
    (records.len(), results)
}

fn of_name(name: &str) -> Filter {
    let pattern = PatternFilter {
        resource_type: ResourceType::Any,
        pattern_type: PatternType::Any,
        name: Some(Str::from(name)),
    };
    Filter { pattern, ..Filter::ANY }
}

#[test]
fn a_binding_is_created_once_and_deleted_by_a_filter() {
    let mut cluster = Cluster::with_brokers(&[]);
    let (a, b) = (binding("a", "User:x"), binding("b", "User:x"));
    let all = vec![a.clone(), a.clone(), b.clone()];
    assert_eq!(create(&mut cluster, all.clone()), (2, vec![Ok(()), Ok(()), Ok(())]));
    assert_eq!(create(&mut cluster, all), (0, vec![Ok(()), Ok(()), Ok(())]));
    let found: Vec<_> = cluster.image.acls().bindings().matching(&Filter::ANY).collect();
    assert_eq!(found, [a.clone(), b.clone()]);
    // Both filters tell what both match; it is removed once.
    let filters = vec![of_name("a"), of_name("c"), of_name("a")];
    assert_eq!(delete(&mut cluster, filters), (1, vec![Ok(vec![a.clone()]), Ok(vec![]), Ok(vec![a])]));
    assert_eq!(delete(&mut cluster, vec![Filter::ANY]), (1, vec![Ok(vec![b])]));
    assert_eq!(cluster.image.acls().by_id().size(), 0);
}

#[test]
fn what_is_wrong_with_a_binding_is_said_and_the_others_are_created() {
    let mut cluster = Cluster::with_brokers(&[]);
    let changed = |change: fn(&mut Binding)| {
        let mut one = binding("a", "User:x");
        change(&mut one);
        one
    };
    let wrong = vec![
        changed(|one| one.pattern.resource_type = ResourceType::Any),
        changed(|one| one.pattern.pattern_type = PatternType::Match),
        changed(|one| one.pattern.pattern_type = PatternType::Unknown),
        changed(|one| one.entry.operation = Operation::Any),
        changed(|one| one.entry.permission = Permission::Any),
        changed(|one| one.pattern.name = Str::EMPTY),
        changed(|one| one.entry.principal = Str::from("bob")),
        changed(|one| one.pattern.name = Str::from("bad/name é")),
    ];
    let (records, results) = create(&mut cluster, wrong);
    let texts: Vec<_> = results
        .into_iter()
        .map(|result| result.map_or_else(|error| error.to_string(), |()| "created".into()))
        .collect();
    assert_eq!(
        texts,
        [
            "Invalid resourceType ANY",
            "Invalid patternType MATCH",
            "Invalid patternType UNKNOWN",
            "Invalid operation ANY",
            "Invalid permissionType ANY",
            "Resource name should not be empty",
            "Could not parse principal from `bob` (no colon is present separating the principal type from the principal \
             name)",
            "created",
        ]
    );
    assert_eq!(records, 1);
}

#[test]
fn a_request_changes_so_many_and_no_more() {
    let mut cluster = Cluster::with_brokers(&[]);
    let some = |range: core::ops::Range<usize>| -> Vec<_> {
        range.map(|number| binding(&format!("t{number}"), "User:x")).collect()
    };
    let (records, results) = create(&mut cluster, some(0..MAX_RECORDS + 1));
    assert_eq!(records, 0);
    assert!(results.iter().all(|result| *result == Err(CreateAclError::TooManyRecords)));
    assert_eq!(create(&mut cluster, some(0..MAX_RECORDS)).0, MAX_RECORDS);
    assert_eq!(create(&mut cluster, some(MAX_RECORDS..MAX_RECORDS + 1)).0, 1);
    let (records, results) = delete(&mut cluster, vec![of_name("t1"), Filter::ANY, of_name("t2")]);
    assert_eq!(records, 2);
    assert_eq!(results[1], Err(DeleteAclError::TooManyRecords));
    assert!(results[0].is_ok() && results[2].is_ok());
}

#[test]
fn a_filter_that_asks_for_what_nobody_knows_deletes_nothing() {
    let mut cluster = Cluster::with_brokers(&[]);
    create(&mut cluster, vec![binding("a", "User:x")]);
    let (mut pattern, mut entry) = (Filter::ANY, Filter::ANY);
    pattern.pattern.resource_type = ResourceType::Unknown;
    entry.entry.operation = Operation::Unknown;
    let expected = vec![Err(DeleteAclError::UnknownPattern), Err(DeleteAclError::UnknownEntry)];
    assert_eq!(delete(&mut cluster, vec![pattern, entry]), (0, expected));
}
