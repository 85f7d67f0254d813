//! Traces: events in, exact actions out. The shard is a set of names, as topics are.

use alloc::{collections::BTreeSet, string::String, vec, vec::Vec};
use core::time::Duration;

use broker_types::{LeaderEpoch, Mono, Now, Offset, ReplyId};

use crate::{Action, Driver, Event, Outcome, Replies, Shard, Unwritten};

#[derive(Debug, Default)]
struct Names {
    is_leader: bool,
    /// When the next tick is due.
    due: Mono,
    /// Who waits for the next tick.
    kept: Vec<ReplyId>,
}

#[derive(Debug)]
enum Ask {
    Create(&'static str),
    Count,
    /// The number of names at the next tick.
    CountLater,
    /// Many at once; whether all or none.
    Many(&'static [&'static str], bool),
}

impl Shard for Names {
    type State = BTreeSet<String>;
    type Record = String;
    type Request = Ask;
    type Response = Result<usize, &'static str>;
    const APPEND_MAX: usize = 3;

    fn brackets(state: &Self::State) -> Option<(String, String)> {
        (!state.contains("old log")).then(|| (String::from("begin"), String::from("end")))
    }

    fn handle(
        &mut self,
        _: Now,
        state: &Self::State,
        reply: ReplyId,
        ask: Ask,
    ) -> Outcome<String, Replies<Self::Response>> {
        let (records, response) = match ask {
            Ask::Many(names, atomic) => {
                let records = names.iter().map(|name| String::from(*name)).collect();
                return Outcome { records, response: vec![(reply, Ok(names.len()))], atomic };
            }
            Ask::CountLater => {
                self.kept.push(reply);
                return Outcome { records: vec![], response: vec![], atomic: true };
            }
            Ask::Create(name) if state.contains(name) => (vec![], Err("exists")),
            Ask::Create(name) => (vec![String::from(name)], Ok(state.len() + 1)),
            Ask::Count => (vec![], Ok(state.len())),
        };
        Outcome { records, response, atomic: true }.to(reply)
    }

    fn tick(&mut self, _: Now, state: &Self::State) -> Outcome<String, Replies<Self::Response>> {
        let response = self.kept.drain(..).map(|reply| (reply, Ok(state.len()))).collect();
        Outcome { records: vec![String::from("tick")], response, atomic: false }
    }

    fn next_deadline(&self) -> Option<Mono> {
        self.is_leader.then_some(self.due)
    }

    fn replay(state: &mut Self::State, _: Offset, record: &String) {
        state.insert(record.clone());
    }

    fn became_leader(&mut self, _: Now, _: &Self::State) {
        self.is_leader = true;
    }

    fn resigned(&mut self) -> Vec<ReplyId> {
        self.is_leader = false;
        core::mem::take(&mut self.kept)
    }
}

struct Run {
    driver: Driver<Names>,
}

impl Run {
    fn led() -> Self {
        Self::led_by(Names::default())
    }

    fn led_by(shard: Names) -> Self {
        let mut run = Self { driver: Driver::new(shard, BTreeSet::new(), Offset::new(5)) };
        assert_eq!(
            run.step(Event::Elected { epoch: LeaderEpoch::new(3), next: Offset::new(6) }),
            [] as [&str; 0]
        );
        run
    }

    fn step(&mut self, event: Event<Names>) -> Vec<String> {
        self.step_at(0, event)
    }

    fn step_at(&mut self, millis: u64, event: Event<Names>) -> Vec<String> {
        let mut actions = Vec::new();
        self.driver.step(Now { mono: at(millis), ..Now::default() }, event, &mut actions);
        told(actions)
    }

    /// Lets time pass until something came, which is looked at after a second only.
    fn pass_until(&mut self, millis: u64) -> Vec<String> {
        let mut actions = Vec::new();
        self.driver.pass_until(at(millis), Now { mono: at(1000), ..Now::default() }, &mut actions);
        told(actions)
    }

    fn ask(&mut self, reply: u64, request: Ask) -> Vec<String> {
        self.step(Event::Request { reply: ReplyId::new(reply), request })
    }

    fn appended(&mut self, first: i64, last: i64) -> Vec<String> {
        self.step(Event::Appended { first: Offset::new(first), last: Offset::new(last) })
    }

    fn committed(&mut self, upto: i64) -> Vec<String> {
        self.step(Event::Committed { upto: Offset::new(upto) })
    }
}

fn at(millis: u64) -> Mono {
    Mono::ZERO.plus(Duration::from_millis(millis))
}

fn told(actions: Vec<Action<Names>>) -> Vec<String> {
    actions
        .into_iter()
        .map(|action| match action {
            Action::Append { epoch, records, atomic } => {
                alloc::format!("append {epoch} {records:?} {atomic}")
            }
            Action::Reply { reply, response: Ok(response) } => {
                alloc::format!("reply {} {response:?}", reply.get())
            }
            Action::Reply { reply, response: Err(refused) } => {
                alloc::format!("reply {} {refused:?}", reply.get())
            }
        })
        .collect()
}

#[test]
fn a_reply_leaves_when_its_records_are_committed() {
    let mut run = Run::led();
    assert_eq!(run.ask(1, Ask::Create("a")), ["append 3 [\"a\"] true"]);
    assert!(run.appended(6, 6).is_empty());
    assert!(run.driver.committed().is_empty(), "not committed, not told");
    assert_eq!(run.committed(7), ["reply 1 Ok(1)"]);
    assert!(run.driver.committed().contains("a"));
}

#[test]
fn of_two_that_create_one_name_the_second_is_refused_before_either_is_appended() {
    let mut run = Run::led();
    assert_eq!(run.ask(1, Ask::Create("a")), ["append 3 [\"a\"] true"]);
    assert!(run.ask(2, Ask::Create("a")).is_empty(), "the refusal rests on what is not committed: it waits");
    assert!(run.appended(6, 6).is_empty());
    assert_eq!(run.committed(7), ["reply 1 Ok(1)", "reply 2 Err(\"exists\")"]);
}

#[test]
fn a_read_with_nothing_uncommitted_before_it_is_answered_at_once() {
    let mut run = Run::led();
    assert!(run.committed(6).is_empty());
    assert_eq!(run.ask(1, Ask::Count), ["reply 1 Ok(0)"]);
}

#[test]
fn losing_the_lead_refuses_who_waits_and_forgets_what_was_not_committed() {
    let mut run = Run::led();
    run.ask(1, Ask::Create("a"));
    run.appended(6, 6);
    run.ask(2, Ask::Create("b"));
    assert_eq!(run.step(Event::Resigned), ["reply 1 NotLeader", "reply 2 NotLeader"]);
    assert!(run.driver.committed().is_empty());
    assert_eq!(run.ask(3, Ask::Count), ["reply 3 NotLeader"]);
    assert_eq!(run.driver.next_deadline(), None);
}

#[test]
fn following_and_loading_replay_the_same_way() {
    let mut run = Run { driver: Driver::new(Names::default(), BTreeSet::new(), Offset::ZERO) };
    let records = vec![String::from("a"), String::from("b")];
    assert!(run.step(Event::Replayed { first: Offset::ZERO, records: records.clone() }).is_empty());
    // The same again changes nothing: it is before what is committed.
    assert!(run.step(Event::Replayed { first: Offset::ZERO, records }).is_empty());
    assert_eq!(run.driver.committed().len(), 2);
    assert_eq!(run.driver.committed_upto(), Offset::new(2));
}

#[test]
fn time_writes_without_anyone_asking() {
    let mut run = Run::led();
    assert_eq!(run.step(Event::Tick), ["append 3 [\"tick\"] false"]);
    run.appended(6, 6);
    assert!(run.committed(7).is_empty());
    assert!(run.driver.committed().contains("tick"));
}

#[test]
fn records_are_replayed_at_the_offsets_that_they_get_behind_the_quorum_s_own() {
    let mut run = Run::led();
    assert_eq!(run.ask(1, Ask::Create("a")), ["append 3 [\"a\"] true"]);
    assert!(run.step(Event::Skipped { next: Offset::new(9) }).is_empty());
    assert_eq!(run.ask(2, Ask::Create("b")), ["append 3 [\"b\"] true"]);
    assert!(run.appended(6, 6).is_empty());
    assert!(run.appended(9, 9).is_empty());
    assert_eq!(run.committed(9), ["reply 1 Ok(1)"]);
    assert_eq!(run.committed(10), ["reply 2 Ok(2)"]);
}

#[test]
fn a_request_beyond_the_bound_is_refused_and_changes_nothing() {
    let mut run = Run::led();
    run.driver = run.driver.with_parked_max(2);
    run.ask(1, Ask::Create("a"));
    run.ask(2, Ask::Count);
    assert_eq!(run.ask(3, Ask::Create("b")), ["reply 3 Busy"]);
    assert_eq!(run.driver.parked(), 2);
    run.appended(6, 6);
    assert_eq!(run.committed(7), ["reply 1 Ok(1)", "reply 2 Ok(1)"]);
    assert_eq!(run.ask(4, Ask::Create("b")), ["append 3 [\"b\"] true"]);
}

#[test]
fn the_lead_can_be_lost_and_won_again() {
    let mut run = Run::led();
    run.ask(1, Ask::Create("a"));
    assert_eq!(run.step(Event::Resigned), ["reply 1 NotLeader"]);
    assert_eq!(run.driver.leads(), None);
    // The record was written after all, and comes back as committed by the next leader.
    let records = vec![String::from("a")];
    assert!(run.step(Event::Replayed { first: Offset::new(6), records }).is_empty());
    assert!(run.step(Event::Elected { epoch: LeaderEpoch::new(5), next: Offset::new(8) }).is_empty());
    assert_eq!(run.driver.leads(), Some(LeaderEpoch::new(5)));
    assert_eq!(run.ask(2, Ask::Create("a")), ["reply 2 Err(\"exists\")"]);
}

#[test]
fn a_snapshot_takes_the_place_of_the_state() {
    let mut run = Run::led();
    run.ask(1, Ask::Create("a"));
    let state = BTreeSet::from([String::from("z")]);
    assert_eq!(run.step(Event::Loaded { state, next: Offset::new(90) }), ["reply 1 NotLeader"]);
    assert_eq!(run.driver.committed_upto(), Offset::new(90));
    assert!(run.driver.committed().contains("z"));
}

#[test]
fn a_decision_that_is_too_large_for_one_append_is_bracketed_when_it_must_be_whole() {
    const FOUR: &[&str] = &["a", "b", "c", "d"];
    let mut run = Run::led();
    assert_eq!(
        run.ask(1, Ask::Many(FOUR, true)),
        [r#"append 3 ["begin", "a", "b"] true"#, r#"append 3 ["c", "d", "end"] true"#]
    );
    for (first, last) in [(6, 8), (9, 11)] {
        assert_eq!(
            run.step(Event::Appended { first: Offset::new(first), last: Offset::new(last) }),
            [] as [&str; 0]
        );
    }
    // Half of it is no answer.
    assert_eq!(run.step(Event::Committed { upto: Offset::new(9) }), [] as [&str; 0]);
    assert_eq!(run.step(Event::Committed { upto: Offset::new(12) }), ["reply 1 Ok(4)"]);
    assert_eq!(
        run.ask(2, Ask::Many(FOUR, false)),
        [r#"append 3 ["a", "b", "c"] false"#, r#"append 3 ["d"] false"#]
    );
    assert_eq!(run.ask(3, Ask::Many(&["old log"], true)), [r#"append 3 ["old log"] true"#]);
    assert_eq!(run.ask(4, Ask::Many(FOUR, true)), [r#"append 3 ["a", "b", "c", "d"] true"#]);
}

#[test]
fn a_reply_that_is_kept_leaves_with_a_later_decision_or_is_refused() {
    let mut run = Run::led();
    assert!(run.ask(1, Ask::CountLater).is_empty());
    run.ask(2, Ask::Create("a"));
    run.appended(6, 6);
    assert_eq!(run.committed(7), ["reply 2 Ok(1)"]);
    assert_eq!(run.step(Event::Tick), ["append 3 [\"tick\"] false"]);
    run.appended(7, 7);
    assert_eq!(run.committed(8), ["reply 1 Ok(1)"]);
    assert!(run.ask(3, Ask::CountLater).is_empty());
    assert_eq!(run.step(Event::Resigned), ["reply 3 NotLeader"]);
}

#[test]
fn what_was_not_written_is_taken_back_and_what_was_stays() {
    let mut run = Run::led();
    run.ask(1, Ask::Create("a"));
    run.appended(6, 6);
    run.ask(2, Ask::Create("b"));
    run.ask(3, Ask::Count);
    assert!(run.ask(4, Ask::CountLater).is_empty());
    assert_eq!(
        run.step(Event::Failed(Unwritten::Unavailable)),
        [
            "reply 3 NotWritten(Unavailable)",
            "reply 2 NotWritten(Unavailable)",
            "reply 4 NotWritten(Unavailable)"
        ]
    );
    assert_eq!(run.driver.leads(), Some(LeaderEpoch::new(3)), "it leads on");
    assert_eq!(run.ask(5, Ask::Create("b")), ["append 3 [\"b\"] true"]);
    run.appended(7, 7);
    assert_eq!(run.committed(8), ["reply 1 Ok(1)", "reply 5 Ok(2)"]);
}

#[test]
fn a_commit_that_does_not_come_is_told_in_time() {
    let mut run = Run::led();
    run.driver = run.driver.with_commit_timeout(Duration::from_secs(5));
    let request = Event::Request { reply: ReplyId::new(1), request: Ask::Create("a") };
    run.step_at(1_000, request);
    run.appended(6, 6);
    let request = Event::Request { reply: ReplyId::new(2), request: Ask::Count };
    run.step_at(2_000, request);
    assert_eq!(run.step_at(6_000, Event::Tick), ["reply 1 TimedOut", "append 3 [\"tick\"] false"]);
    // What it decided stands, and what rests on it is told when it is committed after all.
    assert_eq!(run.committed(7), ["reply 2 Ok(1)"]);
}

/// However late both are looked at: a session that was over when a request came is over for it, and one whose heartbeat
/// came in time, and waits behind it, is not.
#[test]
fn what_was_due_when_a_request_came_is_done_before_it_and_nothing_else() {
    let mut run = Run::led_by(Names { due: at(10), ..Names::default() });
    assert_eq!(run.pass_until(9), [] as [&str; 0]);
    assert_eq!(run.pass_until(10), ["append 3 [\"tick\"] false"]);
}
