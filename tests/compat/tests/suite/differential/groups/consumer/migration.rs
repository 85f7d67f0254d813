//! Classic members in groups of KIP-848, and back.

use super::super::{FIRST, LEAVE_GROUP, SYNC_GROUP, TO_DIFF, heartbeat, leave, sync};
use super::*;

/// Stands for an id as groups of KIP-848 draw it.
const ID_STANDS_FOR: &str = "5afe5afeAAAAAAAAAAAAAA";
/// An assignment in the format of consumers: version 0, both partitions of `diff`, no user data.
const ALL_OF_DIFF: &[u8] = b"\0\0\0\0\0\x01\0\x04diff\0\0\0\x02\0\0\0\0\0\0\0\x01\xff\xff\xff\xff";

impl Pair {
    /// Lets both draw an id in the form that groups of KIP-848 have for classic members; gives what stands for them.
    fn draw_id(&mut self, name: &str, frame: &[u8]) -> Result<String> {
        let answers = Self::end(self.begin(frame)?)?;
        let text = |answer: &[u8]| String::from_utf8_lossy(answer).into_owned();
        let real = |answer: &[u8]| -> Result<Vec<u8>> {
            let text = text(answer);
            let mut words =
                text.split(|letter: char| !letter.is_ascii_alphanumeric() && !"-_".contains(letter));
            let id = words.find(|word| word.len() == ID_STANDS_FOR.len());
            Ok(id.with_context(|| format!("{name}: no id in {}", answer.escape_ascii()))?.as_bytes().to_vec())
        };
        let both = [real(&answers[0])?, real(&answers[1])?];
        self.drawn.push(drawn::Drawn::new(ID_STANDS_FOR.as_bytes(), both));
        self.compare_answers(name, &answers, usize::MAX);
        Ok(ID_STANDS_FOR.to_owned())
    }

    /// A classic group with one member that has both partitions.
    fn settle_with_all(&mut self, group: &str) -> Result<Member> {
        let member = self.join(JOIN_GROUP.last(), group, &Join::default())?;
        let assigned: [(&str, &[u8]); 1] = [(&member.id, ALL_OF_DIFF)];
        self.ask_in("settle", &SYNC_GROUP, SYNC_GROUP.last(), |version, body| {
            sync(version, body, &member, &assigned)
        })?;
        Ok(member)
    }
}

#[test]
fn a_group_goes_over_and_back() -> Result<()> {
    let mut pair = Pair::for_consumers()?;
    let version = JOIN_GROUP.last();
    let old = pair.settle_with_all("over")?;
    pair.beat_once("a new one comes", &Beat::joins("over", "new"))?;
    pair.look_at("both are in", &["over"])?;
    pair.ask("it is no classic one any more", &DESCRIBE_GROUPS, |version, body| {
        describe(version, body, &["over"], false)
    })?;
    pair.ask("the old one is told to rejoin", &HEARTBEAT, |version, body| heartbeat(version, body, &old))?;
    pair.ask_in("the old one joins", &JOIN_GROUP, version, |version, body| {
        Join::default().body(version, body, &old)
    })?;
    pair.look_at("the old one has joined", &["over"])?;
    let old = old.in_generation(FIRST);
    pair.ask_in("the old one syncs", &SYNC_GROUP, SYNC_GROUP.last(), |version, body| {
        sync(version, body, &old, &[])
    })?;
    pair.look_at("the old one has given up", &["over"])?;
    pair.ask("the old one beats", &HEARTBEAT, |version, body| heartbeat(version, body, &old))?;
    pair.beat_once("the new one asks", &Beat::lives("over", "new", 2))?;
    pair.beat_once("the new one leaves", &Beat::lives("over", "new", -1))?;
    pair.ask("it is a classic one again", &DESCRIBE_GROUPS, |version, body| {
        describe(version, body, &["over"], false)
    })?;
    pair.look_at("it is none of KIP-848", &["over"])?;
    for generation in [1, 2, 3] {
        let old = old.in_generation(generation);
        pair.ask(&format!("generation {generation}"), &HEARTBEAT, |version, body| {
            heartbeat(version, body, &old)
        })?;
    }
    pair.ask_in("the old one leaves", &LEAVE_GROUP, 5, |version, body| {
        leave(version, body, "over", std::slice::from_ref(&old))
    })?;
    pair.finish();
    Ok(())
}

#[test]
fn a_classic_member_comes_to_a_new_group_and_stays_alone() -> Result<()> {
    let mut pair = Pair::for_consumers()?;
    pair.beat_once("one", &Beat::joins("mixed", "new"))?;
    pair.beat_once("it has all", &Beat { owned: Some(&[0, 1]), ..Beat::lives("mixed", "new", 1) })?;
    let member = Member::of("mixed", "", FIRST);
    let odd = Join { protocols: vec![("range", b"what is this")], ..Join::default() };
    let foreign = Join { protocol_type: "connect", ..Join::default() };
    let without = Join { protocols: vec![], ..Join::default() };
    for (name, join) in [("odd", &odd), ("foreign", &foreign), ("without protocols", &without)] {
        let stranger = member.with_id("stranger");
        pair.ask(&format!("a stranger, {name}"), &JOIN_GROUP, |version, body| {
            join.body(version, body, &stranger)
        })?;
    }
    let join = Join { protocols: vec![("range", TO_DIFF)], ..Join::default() };
    let frame = JOIN_GROUP.frame(JOIN_GROUP.last(), |version, body| join.body(version, body, &member));
    let old = member.with_id(&pair.draw_id("an id is drawn", &frame)?);
    pair.ask_in("it joins with that", &JOIN_GROUP, JOIN_GROUP.last(), |version, body| {
        join.body(version, body, &old)
    })?;
    pair.look_at("both are in", &["mixed"])?;
    let old = old.in_generation(2);
    pair.ask_in("the old one syncs", &SYNC_GROUP, 5, |version, body| sync(version, body, &old, &[]))?;
    pair.ask("it beats", &HEARTBEAT, |version, body| heartbeat(version, body, &old))?;
    pair.beat_once("the new one gives up", &Beat::lives("mixed", "new", 1))?;
    pair.beat_once("it has", &Beat { owned: Some(&[0]), ..Beat::lives("mixed", "new", 1) })?;
    pair.look_at("one partition is free", &["mixed"])?;
    pair.ask("the old one is told", &HEARTBEAT, |version, body| heartbeat(version, body, &old))?;
    pair.ask_in("it joins again", &JOIN_GROUP, JOIN_GROUP.last(), |version, body| {
        join.body(version, body, &old)
    })?;
    pair.ask_in("it syncs again", &SYNC_GROUP, 5, |version, body| sync(version, body, &old, &[]))?;
    pair.look_at("both have one", &["mixed"])?;
    pair.ask_in("the old one leaves", &LEAVE_GROUP, 5, |version, body| {
        leave(version, body, "mixed", std::slice::from_ref(&old))
    })?;
    pair.look_at("the new one is alone", &["mixed"])?;
    pair.finish();
    Ok(())
}
