//! Every call of Apache's admin client (`java/AdminCalls.java`), put into words by that client: text of errors included.

use std::time::Duration;

use anyhow::Result;
use tests_compat::{Broker, Kind, Spec, java_program};

/// The length of an id as text.
const ID_LENGTH: usize = 22;
/// The length of a moment in milliseconds.
const TIME_LENGTH: usize = 13;
/// How lists begin whose order means nothing.
const SET: &str = "authorizedOperations=[";
const LIMIT: Duration = Duration::from_secs(300);

fn said_by(kind: Kind) -> Result<String> {
    let broker = Spec::new(kind)
        .set("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
        .set("super.users", "User:ANONYMOUS")
        .set("auto.create.topics.enable", "false")
        .start()?;
    let arguments = [broker.bootstrap(), broker.data().display().to_string()];
    let said = java_program("AdminCalls.java")?.args(arguments).limit(LIMIT).stdout()?;
    Ok(masked(&said, &broker))
}

/// Without what each broker draws for itself.
fn masked(said: &str, broker: &Broker) -> String {
    let addresses = [broker.address(), broker.controller_address()];
    let said = said.replace(&broker.data().display().to_string(), "(directory)");
    let said = addresses.iter().fold(said, |said, one| said.replace(&one.to_string(), "(address)"));
    said.lines().map(|line| sorted(&without_ids(line))).collect::<Vec<_>>().join("\n")
}

/// A line with ids and moments replaced.
fn without_ids(line: &str) -> String {
    let of_a_word = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    line.split_inclusive(|character| !of_a_word(character))
        .map(|part| {
            let word = part.trim_end_matches(|character| !of_a_word(character));
            let rest = &part[word.len()..];
            let digits = word.chars().all(|character| character.is_ascii_digit());
            match word.len() {
                // Names of that length have small letters only.
                ID_LENGTH if word.chars().any(|character| character.is_ascii_uppercase()) => {
                    format!("(id){rest}")
                }
                TIME_LENGTH if digits => format!("(time){rest}"),
                _ => part.to_owned(),
            }
        })
        .collect()
}

/// A line with its sets in order.
fn sorted(line: &str) -> String {
    let mut parts = line.split(SET);
    let mut sorted = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (within, rest) = part.split_once(']').unwrap_or((part, ""));
        let mut within: Vec<_> = within.split(", ").collect();
        within.sort_unstable();
        sorted.push_str(&format!("{SET}{}]{rest}", within.join(", ")));
    }
    sorted
}

#[test]
fn the_admin_client_is_told_the_same() -> Result<()> {
    let apache = said_by(Kind::Apache)?;
    let tested = said_by(Kind::under_test()?)?;
    let (theirs, ours): (Vec<_>, Vec<_>) = (apache.lines().collect(), tested.lines().collect());
    let differing = theirs.iter().zip(&ours).filter(|(theirs, ours)| theirs != ours);
    let shown: Vec<_> = differing.map(|(theirs, ours)| format!("  {theirs}\n  {ours}")).collect();
    assert!(shown.is_empty(), "Apache Kafka and this broker:\n{}", shown.join("\n\n"));
    assert_eq!(theirs.len(), ours.len());
    assert!(theirs.len() > 350, "{apache}");
    Ok(())
}
