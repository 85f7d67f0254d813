//! Who may commit and read offsets of a KIP-848 group.

use super::*;

fn commit(version: i16, body: Body, who: &Beat<'_>, partition: i32) -> Body {
    let body = body.text(Some(who.group)).int32(who.epoch).text(Some(who.member));
    let body = if version >= 7 { body.text(who.instance) } else { body };
    let body = if version <= 4 { body.int64(-1) } else { body };
    let body = body.array(Some(1));
    let body = if version >= 10 { body.raw(&ID) } else { body.text(Some("diff")) };
    let body = body.array(Some(1)).int32(partition).int64(3);
    let body = if version >= 6 { body.int32(0) } else { body };
    body.text(None).end().end().end()
}

fn fetch(version: i16, body: Body, who: &Beat<'_>) -> Body {
    let body = body.array(Some(1)).text(Some(who.group)).text(Some(who.member).filter(|id| *id != "null"));
    let body = body.int32(who.epoch).array(Some(1));
    let body = if version >= 10 { body.raw(&ID) } else { body.text(Some("diff")) };
    body.array(Some(2)).int32(0).int32(1).end().end().int8(0).end()
}

#[test]
fn epochs_fence_commits_and_fetches() -> Result<()> {
    let mut pair = Pair::for_consumers()?;
    pair.beat_once("one joins", &Beat::joins("fenced", "m"))?;
    pair.beat_once("it owns all", &Beat { owned: Some(&[0, 1]), ..Beat::lives("fenced", "m", 1) })?;
    pair.beat_once("another joins", &Beat::joins("fenced", "n"))?;
    pair.beat_once("it must give up", &Beat::lives("fenced", "m", 1))?;
    pair.beat_once("it has", &Beat { owned: Some(&[0]), ..Beat::lives("fenced", "m", 1) })?;
    let strangers =
        [("m", 2), ("m", 1), ("m", 3), ("m", 0), ("m", -1), ("n", 2), ("x", 2), ("x", -1), ("", 1)];
    for (member, epoch) in strangers.into_iter().chain([("", NONE)]) {
        let who = Beat::lives("fenced", member, epoch);
        for partition in [0, 1] {
            let name = format!("{member} of {epoch} commits {partition}");
            pair.ask(&name, &OFFSET_COMMIT, |version, body| commit(version, body, &who, partition))?;
        }
        pair.ask(&format!("{member} of {epoch} fetches"), &OFFSET_FETCH.since(9), |version, body| {
            fetch(version, body, &who)
        })?;
    }
    pair.ask("nobody fetches", &OFFSET_FETCH.since(9), |version, body| {
        fetch(version, body, &Beat::lives("fenced", "null", NONE))
    })?;
    pair.ask("what is consumed is not deleted", &OFFSET_DELETE, |_, body| {
        body.text(Some("fenced")).array(Some(1)).text(Some("diff")).array(Some(1)).int32(0)
    })?;
    for member in ["m", "n"] {
        pair.beat_once("it leaves", &Beat::lives("fenced", member, -1))?;
    }
    for (member, epoch) in [("m", 2), ("", NONE), ("", 1)] {
        let who = Beat::lives("fenced", member, epoch);
        pair.ask(&format!("{member} of {epoch} commits to nobody's"), &OFFSET_COMMIT, |version, body| {
            commit(version, body, &who, 0)
        })?;
        pair.ask(
            &format!("{member} of {epoch} fetches nobody's"),
            &OFFSET_FETCH.since(9),
            |version, body| fetch(version, body, &who),
        )?;
    }
    pair.finish();
    Ok(())
}
