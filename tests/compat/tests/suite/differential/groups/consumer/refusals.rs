//! Heartbeats and descriptions that are refused.

use super::*;

#[test]
fn heartbeats_that_cannot_be() -> Result<()> {
    let mut pair = Pair::for_consumers()?;
    pair.beat_once("somebody is there", &Beat::joins("there", "m"))?;
    let joins = Beat::joins("new", "x");
    let lives = |epoch| Beat::lives("there", "m", epoch);
    let long = "n".repeat(300);
    let cases = [
        ("no group", Beat { group: "", ..joins.clone() }),
        ("a blank group", Beat { group: "  ", ..joins.clone() }),
        ("a blank member", Beat { member: " ", ..joins.clone() }),
        ("an empty name", Beat { instance: Some(""), ..joins.clone() }),
        ("a blank name", Beat { instance: Some("  "), ..joins.clone() }),
        ("an empty rack", Beat { rack: Some(""), ..joins.clone() }),
        ("a blank rack", Beat { rack: Some(" "), ..joins.clone() }),
        ("no time to rebalance", Beat { rebalance_ms: -1, ..joins.clone() }),
        ("nothing said of what it owns", Beat { owned: None, ..joins.clone() }),
        ("it owns before it has joined", Beat { owned: Some(&[0]), ..joins.clone() }),
        ("nothing said of what it wants", Beat { topics: None, ..joins.clone() }),
        ("an assignor that is not there", Beat { assignor: Some("odd"), ..joins.clone() }),
        ("an empty assignor", Beat { assignor: Some(""), ..joins.clone() }),
        ("an assignor in capitals", Beat { assignor: Some("Uniform"), ..joins.clone() }),
        ("an epoch that is none", Beat { epoch: -3, ..joins.clone() }),
        ("it leaves for a while without a name", Beat { epoch: -2, ..joins.clone() }),
        ("a group that is not there", Beat { epoch: 5, ..joins.clone() }),
        ("it leaves a group that is not there", Beat { epoch: -1, ..joins.clone() }),
        ("it leaves such a one for a while", Beat { epoch: -2, instance: Some("i"), ..joins.clone() }),
        ("no member lives", Beat { member: "", ..lives(1) }),
        ("no member leaves", Beat { member: "", ..lives(-1) }),
        ("a stranger lives", Beat { member: "stranger", ..lives(1) }),
        ("a stranger leaves", Beat { member: "stranger", ..lives(-1) }),
        ("a stranger leaves for a while", Beat { member: "s", instance: Some("i"), ..lives(-2) }),
        ("an assignor that is not there, later", Beat { assignor: Some("odd"), ..lives(1) }),
        ("an epoch too late", lives(7)),
        ("a long name of a topic", Beat { topics: Some(&[&long, "a/b"]), epoch: 9, ..lives(9) }),
    ];
    for (name, beat) in cases {
        pair.beat(name, &beat)?;
    }
    let without_id = Beat { member: "", ..joins.clone() };
    pair.ask_in("no member", &CONSUMER_HEARTBEAT, 1, |version, body| without_id.body(version, body))?;
    pair.beat_once("it is heard again", &lives(1))?;
    pair.finish();
    Ok(())
}

/// What a pattern lacks is said by the library that reads it: compared up to there.
#[test]
fn patterns_that_are_none() -> Result<()> {
    let mut pair = Pair::for_consumers()?;
    for pattern in ["(", "a)", "[z-a]", "*", "(?<n", "\\", "(?=a)", "a{2,1}"] {
        let beat = Beat { topics: None, regex: Some(pattern), ..Beat::joins("pattern", "m") };
        let frame = CONSUMER_HEARTBEAT.frame(1, |version, body| beat.body(version, body));
        let outcomes = Pair::end(pair.begin(&frame)?)?.map(|answer| {
            let text = answer.escape_ascii().to_string();
            let code = answer.get(9..11);
            let message = text.split_once("Subscribed").map(|(_, text)| text);
            let message = message.and_then(|text| text.split_once("expression: ")).map(|(text, _)| text);
            Outcome::Answer(format!("{code:?} {message:?}"))
        });
        let Outcome::Answer(theirs) = &outcomes[0] else { unreachable!("both are answers") };
        ensure!(theirs.contains("is not a valid regular"), "{pattern}: Apache Kafka says {theirs}");
        pair.note(&format!("the pattern {pattern}"), outcomes);
    }
    pair.finish();
    Ok(())
}

#[test]
fn groups_that_are_not_there_or_of_another_kind_are_not_described() -> Result<()> {
    let mut pair = Pair::for_consumers()?;
    pair.beat_once("one", &Beat { topics: Some(&[]), ..Beat::joins("modern", "m") })?;
    pair.settle("classic")?;
    for groups in [&["nobody"][..], &[""], &["classic"], &["modern", "nobody"], &["modern", "modern"], &[]] {
        for operations in [false, true] {
            let name = format!("describe {groups:?}, operations {operations}");
            pair.ask(&name, &CONSUMER_DESCRIBE, |_, body| describe_consumers(body, groups, operations))?;
        }
    }
    pair.ask("as a classic one", &DESCRIBE_GROUPS, |version, body| {
        describe(version, body, &["modern"], true)
    })?;
    pair.ask("a classic member that is none", &HEARTBEAT, |version, body| {
        super::super::heartbeat(version, body, &Member::of("modern", "m", 1))
    })?;
    pair.ask("a live one may not be deleted", &DELETE_GROUPS, |_, body| {
        body.array(Some(1)).text(Some("modern")).end()
    })?;
    pair.ask("a classic one lives on", &CONSUMER_HEARTBEAT, |version, body| {
        Beat::lives("classic", "m", 3).body(version, body)
    })?;
    pair.finish();
    Ok(())
}

#[test]
fn a_broker_that_coordinates_nothing_and_a_cluster_without_the_feature_refuse() -> Result<()> {
    let mut pair = Pair::for_groups()?;
    pair.beat("join", &Beat::joins("early", "m"))?;
    pair.look("describe", &["early", "other"])?;
    for broker in [&pair.apache, &pair.tested] {
        broker.tool(tests_compat::Tool::Features, &["downgrade", "--feature", "group.version=0"])?;
    }
    pair.beat("join without the feature", &Beat::joins("early", "m"))?;
    pair.beat("nonsense without the feature", &Beat { group: "", ..Beat::joins("early", "") })?;
    pair.look("describe without the feature", &["early", "other"])?;
    pair.finish();
    Ok(())
}
