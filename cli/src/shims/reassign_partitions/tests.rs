use broker_types::{BrokerId, PartitionId, TopicName};

use super::*;

fn checked(line: &str) -> Result<(), String> {
    let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
    check(&Options::parse(&SPEC, &words).map_err(|failure| failure.0)?).map_err(|failure| failure.0)
}

#[test]
fn options_must_go_together() {
    for good in [
        "--bootstrap-server a --list",
        "--bootstrap-controller a --cancel --reassignment-json-file f --preserve-throttles --timeout 1",
        "--bootstrap-server a --generate --topics-to-move-json-file f --broker-list 1 --disable-rack-aware",
        "--bootstrap-server a --execute --reassignment-json-file f --throttle 1 --additional",
    ] {
        assert_eq!(checked(good), Ok(()), "{good}");
    }
    let wrong = |line: &str, reason: &str| assert_eq!(checked(line), Err(reason.to_owned()), "{line}");
    let one = "Command must include exactly one action: --generate, --execute, --verify, --cancel, --list";
    wrong("--bootstrap-server a", one);
    wrong("--list --verify", one);
    wrong("--list", "Please specify either --bootstrap-server or --bootstrap-controller");
    wrong(
        "--list --bootstrap-server a --bootstrap-controller b",
        "Please don't specify both --bootstrap-server and --bootstrap-controller",
    );
    wrong("--bootstrap-server a --execute", "Missing required argument \"[reassignment-json-file]\"");
    wrong(
        "--bootstrap-controller a --execute --reassignment-json-file f",
        "Option \"[bootstrap-controller]\" can't be used with action \"[execute]\"",
    );
    wrong(
        "--bootstrap-server a --list --throttle 5",
        "Option \"[throttle]\" can't be used with action \"[list]\"",
    );
}

#[test]
fn moves_are_listed_with_what_comes_and_what_goes() {
    let ids = |ids: &[i32]| ids.iter().copied().map(BrokerId::new).collect::<Vec<_>>();
    let at = |partition| TopicPartition::new(TopicName::new("a"), PartitionId::new(partition));
    let one = Reassignment { replicas: ids(&[1, 2, 3]), adding: ids(&[3]), removing: ids(&[1, 2]) };
    let other = Reassignment { replicas: ids(&[1]), adding: Vec::new(), removing: Vec::new() };
    assert_eq!(
        listed(&[(at(10), one), (at(2), other)].into()),
        "Current partition reassignments:\na-2: replicas: 1.\na-10: replicas: 1,2,3. adding: 3. removing: 1,2."
    );
    assert_eq!(listed(&Default::default()), "No partition reassignments found.");
}
