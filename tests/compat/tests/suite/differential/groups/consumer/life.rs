//! Members that both take.

use super::*;

#[test]
fn a_member_joins_lives_and_leaves() -> Result<()> {
    let mut pair = Pair::for_consumers()?;
    for version in CONSUMER_HEARTBEAT.versions {
        let group = format!("life-{version}");
        let say = |pair: &mut Pair, name: &str, beat: &Beat<'_>| {
            pair.ask_in(name, &CONSUMER_HEARTBEAT, version, |version, body| beat.body(version, body))
        };
        let lives = |epoch| Beat::lives(&group, "m", epoch);
        say(&mut pair, "joins", &Beat { rack: Some("rack-1"), ..Beat::joins(&group, "m") })?;
        pair.look("after the join", &[&group])?;
        say(&mut pair, "nothing is new", &lives(1))?;
        say(&mut pair, "it owns what it shall", &Beat { owned: Some(&[0, 1]), ..lives(1) })?;
        say(&mut pair, "it owns a part", &Beat { owned: Some(&[1]), ..lives(1) })?;
        let full = Beat { epoch: 1, owned: Some(&[0, 1]), ..Beat::joins(&group, "m") };
        say(&mut pair, "it says everything", &full)?;
        say(&mut pair, "it joins again", &Beat::joins(&group, "m"))?;
        say(&mut pair, "an epoch that will be", &lives(2))?;
        say(&mut pair, "it leaves", &lives(-1))?;
        say(&mut pair, "it left", &lives(1))?;
        say(&mut pair, "it leaves again", &lives(-1))?;
        pair.look("the empty group", &[&group])?;
        say(&mut pair, "it comes back", &Beat::joins(&group, "m"))?;
        say(&mut pair, "it leaves for good", &lives(-1))?;
        pair.ask_in("delete it", &DELETE_GROUPS, 2, |_, body| body.array(Some(1)).text(Some(&group)).end())?;
        pair.look("the deleted group", &[&group])?;
    }
    pair.finish();
    Ok(())
}

#[test]
fn two_members_hand_over() -> Result<()> {
    let mut pair = Pair::for_consumers()?;
    let (one, two) = ("member-1", "member-2");
    let own = |member: &'static str, epoch, owned: &'static [i32]| Beat {
        owned: Some(owned),
        ..Beat::lives("two", member, epoch)
    };
    pair.beat_once("the first joins", &Beat::joins("two", one))?;
    pair.beat_once("the first has all", &own(one, 1, &[0, 1]))?;
    pair.beat_once("the second joins", &Beat::joins("two", two))?;
    pair.look_at("the second waits", &["two"])?;
    pair.beat("the second waits still", &own(two, 2, &[]))?;
    pair.beat_once("the first is told to give up", &Beat::lives("two", one, 1))?;
    pair.look_at("the first gives up", &["two"])?;
    pair.beat("the first has not yet", &own(one, 1, &[0, 1]))?;
    pair.beat_once("the first has given up", &own(one, 1, &[0]))?;
    pair.beat("the first did not hear it", &own(one, 1, &[0]))?;
    pair.look_at("the second may have it", &["two"])?;
    pair.beat_once("the second gets it", &Beat::lives("two", two, 2))?;
    pair.look_at("both have one", &["two"])?;
    pair.beat_once("a third finds nothing to do", &Beat::joins("two", "member-3"))?;
    pair.beat("a fourth is too much", &Beat::joins("two", "member-4"))?;
    pair.beat_once("the first leaves", &Beat::lives("two", one, -1))?;
    pair.look_at("what is left", &["two"])?;
    for (version, types) in [(4, None), (5, Some("consumer")), (5, Some("Classic")), (5, Some("share"))] {
        pair.ask_in("list", &LIST_GROUPS, version, |_, body| {
            let body = body.array(Some(0));
            match types {
                Some(kind) => body.array(Some(1)).text(Some(kind)).end(),
                None => body.end(),
            }
        })?;
    }
    for states in ["Reconciling", "reconciling", "Stable", "Assigning", "Empty"] {
        pair.ask(&format!("list those that are {states}"), &LIST_GROUPS.since(4), |version, body| {
            let body = body.array(Some(1)).text(Some(states));
            if version >= 5 { body.array(Some(0)).end() } else { body.end() }
        })?;
    }
    pair.finish();
    Ok(())
}

#[test]
fn static_members_come_back() -> Result<()> {
    let mut pair = Pair::for_consumers()?;
    let named = |beat: Beat<'static>| Beat { instance: Some("i"), ..beat };
    let joins = |member| named(Beat::joins("static", member));
    let lives = |member, epoch| named(Beat::lives("static", member, epoch));
    pair.beat_once("one joins", &joins("old"))?;
    pair.beat("another of the name may not", &joins("new"))?;
    pair.beat("nor live", &lives("new", 1))?;
    pair.beat("nor without the name", &Beat::lives("static", "new", 1))?;
    pair.beat("the name is not needed to live", &Beat::lives("static", "old", 1))?;
    pair.beat("a name that nobody has", &Beat { instance: Some("j"), ..lives("old", 1) })?;
    pair.beat("a name that nobody has leaves", &Beat { instance: Some("j"), ..lives("old", -1) })?;
    pair.beat("another of the name leaves", &lives("new", -1))?;
    pair.beat("another of the name leaves for a while", &lives("new", -2))?;
    pair.beat_once("it leaves for a while", &lives("old", -2))?;
    pair.look("it is away", &["static"])?;
    pair.beat("it is still known", &lives("old", 1))?;
    pair.beat_once("it comes back as another", &joins("new"))?;
    pair.look("it is back", &["static"])?;
    pair.beat("the old one is fenced", &lives("old", 1))?;
    pair.beat_once("it leaves for a while again", &lives("new", -2))?;
    pair.beat_once("it comes back and wants something else", &Beat { topics: Some(&[]), ..joins("third") })?;
    pair.look("it wants nothing", &["static"])?;
    pair.beat_once("it joins again as it is", &joins("third"))?;
    pair.beat_once("it leaves for good", &lives("third", -1))?;
    pair.look("it is gone", &["static"])?;
    pair.beat_once("one without a name", &Beat::joins("static", "nameless"))?;
    pair.beat("it takes a name", &lives("nameless", 1))?;
    pair.finish();
    Ok(())
}

#[test]
fn what_is_wanted_changes() -> Result<()> {
    let mut pair = Pair::for_consumers()?;
    let lives = |epoch| Beat::lives("wants", "m", epoch);
    pair.beat_once("nothing that is there", &Beat { topics: Some(&["gone"]), ..Beat::joins("wants", "m") })?;
    pair.look("nothing to assign", &["wants"])?;
    pair.beat_once("more", &Beat { topics: Some(&["gone", "diff", "diff"]), ..lives(1) })?;
    pair.look("more is assigned", &["wants"])?;
    pair.beat_once("by range", &Beat { assignor: Some("range"), ..lives(2) })?;
    pair.look("it is assigned by range", &["wants"])?;
    pair.beat_once("by uniform", &Beat { assignor: Some("uniform"), ..lives(2) })?;
    pair.beat_once("nothing at all", &Beat { topics: Some(&[]), ..lives(2) })?;
    pair.look("nothing is wanted", &["wants"])?;
    pair.beat_once("a rack", &Beat { rack: Some("r"), ..lives(3) })?;
    pair.beat_once("a longer time", &Beat { rebalance_ms: 45_000, ..lives(3) })?;
    pair.look("the rack is shown", &["wants"])?;
    pair.beat_once("it leaves", &lives(-1))?;

    let pattern = Beat { topics: None, regex: Some("di.*"), ..Beat::joins("pattern", "m") };
    let frame = CONSUMER_HEARTBEAT.frame(1, |version, body| pattern.body(version, body));
    Pair::end(pair.begin(&frame)?)?;
    let owns = Beat { owned: Some(&[]), ..Beat::lives("pattern", "m", 0) };
    pair.settle_consumer(&owns, &["pattern"])?;
    pair.look("what the pattern matches", &["pattern"])?;
    pair.finish();
    Ok(())
}
