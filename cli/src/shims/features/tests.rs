use super::*;
use crate::shims::subcommands::Asked;

fn update(line: &str) -> Result<Update, String> {
    let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
    let Ok(Asked::Command(parsed)) = PROGRAM.parse(&words) else { return Err(String::new()) };
    Update::read(&parsed).map_err(|error| error.to_string())
}

fn levels_of(line: &str) -> Vec<(String, i16)> {
    update(line).unwrap().levels.into_iter().collect()
}

#[test]
fn a_release_stands_for_the_levels_in_it() {
    let level = |name: &str, level| (name.to_owned(), level);
    assert_eq!(levels_of("upgrade --release-version 3.9"), [level("kraft.version", 1), level(METADATA, 21)]);
    assert_eq!(levels_of("downgrade --release-version 3.3-IV3").len(), 7, "down to 0 is said");
    assert_eq!(levels_of("upgrade --metadata 4.3"), [level(METADATA, 30)]);
    assert_eq!(levels_of("disable --feature a --feature b"), [level("a", 0), level("b", 0)]);
}

#[test]
fn what_is_wrong_is_said_in_kafkas_words() {
    let wrong =
        |line: &str, reason: &str| assert_eq!(update(line).map(drop), Err(reason.to_owned()), "{line}");
    wrong("upgrade", "You must specify at least one feature to upgrade");
    wrong("disable --unsafe", "You must specify at least one feature to disable");
    wrong("upgrade --feature a", "Can't parse feature=level string a: equals sign not found.");
    wrong("upgrade --feature a=b", "Can't parse feature=level string a=b: unable to parse b as a short.");
    wrong("upgrade --feature a=1 --feature a=2", "Feature a was specified more than once.");
    wrong(
        "upgrade --release-version 4.3 --feature a=1",
        "Can not specify `release-version` with other feature flags.",
    );
}

#[test]
fn outcomes_are_told_by_what_was_asked() {
    let told = |line: &str, error| update(line).unwrap().outcome("a", 2, error);
    assert_eq!(told("upgrade --feature a=2", None), "a was upgraded to 2.");
    assert_eq!(told("downgrade --feature a=2 --dry-run", None), "a can be downgraded to 2.");
    assert_eq!(told("disable --feature a --dry-run", Some("No.")), "Can not disable a. No.");
    assert_eq!(told("upgrade --feature a=2", Some("No.")), "Could not upgrade a to 2. No.");
}

#[test]
fn features_are_described_with_releases_for_levels_of_metadata() {
    let features = Features {
        supported: [(METADATA.to_owned(), (7, 99)), ("group.version".to_owned(), (0, 1))].into(),
        finalized: [(METADATA.to_owned(), 30)].into(),
        epoch: None,
    };
    let text = described(&features);
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(
        text.lines().map(words).collect::<Vec<_>>(),
        [
            "Feature: group.version SupportedMinVersion: 0 SupportedMaxVersion: 1 FinalizedVersionLevel: 0 Epoch: -",
            "Feature: metadata.version SupportedMinVersion: 3.3-IV3 SupportedMaxVersion: UNKNOWN 99 \
             FinalizedVersionLevel: 4.3-IV0 Epoch: -"
        ]
    );
}
