use alloc::{vec, vec::Vec};
use core::time::Duration;

use broker_types::Uuid;

use super::*;

const INTERVAL: Duration = Duration::from_secs(2);

fn uuid(number: u8) -> Uuid {
    Uuid::from_bytes([number; 16])
}

fn dir(number: u8) -> DirectoryId {
    DirectoryId::new(uuid(number))
}

fn registration() -> Registration {
    Registration {
        incarnation: IncarnationId::new(uuid(1)),
        log_dirs: vec![dir(1), dir(2)],
        previous_epoch: Some(BrokerEpoch::new(3)),
    }
}

fn heartbeat() -> Heartbeat {
    Heartbeat {
        epoch: BrokerEpoch::new(10),
        metadata_offset: None,
        want_fence: true,
        want_shut_down: false,
        offline_log_dirs: vec![],
        cordoned_log_dirs: None,
    }
}

fn running_heartbeat() -> Heartbeat {
    Heartbeat { metadata_offset: Some(Offset::new(10)), want_fence: false, ..heartbeat() }
}

fn standing(caught_up: bool, fenced: bool, shut_down: bool) -> Event {
    Event::HeartbeatAnswered(Ok(Standing { caught_up, fenced, shut_down }))
}

/// A node and its clock.
struct Life {
    node: Node,
    now: Now,
}

impl Life {
    fn new() -> Self {
        Self { node: Node::new(Settings::default(), 1), now: Now::default() }
    }

    fn step(&mut self, event: Event) -> Vec<Action> {
        let mut actions = vec![];
        self.node.step(self.now, event, &mut actions);
        actions
    }

    /// Moves the clock to the next deadline, which must be so far away, and ticks.
    fn tick_after(&mut self, wait: Duration) -> Vec<Action> {
        let deadline = self.node.next_deadline().expect("armed");
        assert_eq!(deadline.since(self.now.mono), wait);
        self.now.mono = deadline;
        self.step(Event::Tick)
    }

    fn start(&mut self) -> Vec<Action> {
        self.step(Event::Start {
            incarnation: IncarnationId::new(uuid(1)),
            log_dirs: vec![dir(2), dir(1)],
            previous_epoch: Some(BrokerEpoch::new(3)),
        })
    }

    /// Up to Running.
    fn running() -> Self {
        let mut life = Self::new();
        life.start();
        life.step(Event::RegistrationAnswered(Ok(BrokerEpoch::new(10))));
        life.step(Event::MetadataAt(Offset::new(10)));
        life.step(standing(false, true, false));
        life.step(standing(true, true, false));
        life.step(Event::ReadyToServe);
        life.step(standing(true, false, false));
        assert_eq!(life.node.state(), State::Running);
        life
    }
}

#[test]
fn a_life_from_registration_to_ready() {
    let mut life = Life::new();
    assert_eq!(life.node.next_deadline(), None);
    assert_eq!(life.start(), vec![Action::SendRegistration(registration())]);
    assert_eq!(
        life.step(Event::RegistrationAnswered(Ok(BrokerEpoch::new(10)))),
        vec![Action::SendHeartbeat(heartbeat())]
    );
    assert_eq!(life.step(standing(false, true, false)), vec![]);
    assert_eq!(life.node.state(), State::Starting);
    assert_eq!(life.tick_after(Duration::from_millis(10)), vec![Action::SendHeartbeat(heartbeat())]);
    assert_eq!(life.step(standing(false, true, false)), vec![]);
    // It need not wait for the timer once its registration is replayed.
    assert_eq!(life.step(Event::MetadataAt(Offset::new(9))), vec![]);
    let caught_up = Heartbeat { metadata_offset: Some(Offset::new(10)), ..heartbeat() };
    assert_eq!(life.step(Event::MetadataAt(Offset::new(10))), vec![Action::SendHeartbeat(caught_up)]);
    assert_eq!(life.step(standing(true, true, false)), vec![Action::CaughtUp]);
    assert_eq!(life.node.state(), State::Recovery);
    assert_eq!(life.step(Event::ReadyToServe), vec![Action::SendHeartbeat(running_heartbeat())]);
    assert_eq!(life.step(standing(true, false, false)), vec![Action::BecameReady]);
    assert_eq!(life.node.state(), State::Running);
    assert_eq!(life.tick_after(INTERVAL), vec![Action::SendHeartbeat(running_heartbeat())]);
    assert_eq!(life.step(standing(true, false, false)), vec![]);
}

#[test]
fn only_one_request_is_under_way_and_what_happened_meanwhile_is_sent_next() {
    let mut life = Life::running();
    assert_eq!(life.tick_after(INTERVAL).len(), 1);
    assert_eq!(life.step(Event::Cordoned(vec![dir(2)])), vec![]);
    let cordoned = Heartbeat { cordoned_log_dirs: Some(vec![dir(2)]), ..running_heartbeat() };
    assert_eq!(life.step(standing(true, false, false)), vec![Action::SendHeartbeat(cordoned)]);
}

#[test]
fn a_stop_waits_for_the_controller() {
    let mut life = Life::running();
    let stopping = Heartbeat { want_shut_down: true, ..running_heartbeat() };
    assert_eq!(life.step(Event::StopRequested), vec![Action::SendHeartbeat(stopping.clone())]);
    assert_eq!(life.node.state(), State::PendingControlledShutdown);
    assert_eq!(life.step(standing(true, false, false)), vec![]);
    assert_eq!(life.tick_after(Duration::from_millis(50)), vec![Action::SendHeartbeat(stopping.clone())]);
    assert_eq!(life.step(standing(true, false, false)), vec![]);
    assert_eq!(life.tick_after(INTERVAL), vec![Action::SendHeartbeat(stopping)]);
    assert_eq!(life.step(standing(true, true, true)), vec![Action::MayStop]);
    assert_eq!((life.node.state(), life.node.next_deadline()), (State::ShuttingDown, None));
    assert_eq!(life.step(Event::Tick), vec![]);
}

#[test]
fn a_stop_does_not_wait_for_ever() {
    let mut life = Life::running();
    life.step(Event::StopRequested);
    let stop_at = life.now.mono.plus(Duration::from_secs(300));
    // The controller answers, and never lets it go.
    let mut last = vec![];
    while last != [Action::MayStop] {
        life.step(standing(true, false, false));
        life.now.mono = life.node.next_deadline().expect("armed");
        last = life.step(Event::Tick);
    }
    assert_eq!(life.now.mono, stop_at);
}

#[test]
fn a_stop_does_not_wait_for_a_quorum_that_is_gone() {
    let mut life = Life::running();
    life.step(Event::StopRequested);
    life.step(standing(true, false, false));
    let answered_at = life.now.mono;
    let mut last = vec![];
    while last != [Action::MayStop] {
        life.step(Event::HeartbeatAnswered(Err(Failure::Retry)));
        life.now.mono = life.node.next_deadline().expect("armed");
        last = life.step(Event::Tick);
    }
    assert_eq!(life.now.mono.since(answered_at), Duration::from_secs(4));
}

#[test]
fn a_broker_that_does_not_serve_yet_stops_at_once() {
    let mut life = Life::new();
    life.start();
    assert_eq!(life.step(Event::StopRequested), vec![Action::MayStop]);
}

#[test]
fn failures_are_retried_with_growing_pauses_until_the_registration_times_out() {
    let mut life = Life::new();
    life.start();
    let mut waits = vec![];
    loop {
        life.step(Event::RegistrationAnswered(Err(Failure::Retry)));
        let deadline = life.node.next_deadline().expect("armed");
        waits.push(deadline.since(life.now.mono).as_millis());
        life.now.mono = deadline;
        match &*life.step(Event::Tick) {
            [Action::SendRegistration(_)] => {}
            [Action::GiveUp(GaveUp::RegistrationTimedOut)] => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(life.now.mono.as_micros(), 60_000_000);
    let expected = [100, 200, 400, 800, 1_600, 3_200, 6_400, 9_000];
    for (wait, base) in waits.iter().zip(expected) {
        assert!((base..=base + base / 50).contains(wait), "{waits:?}");
    }
}

#[test]
fn a_registration_that_is_gone_is_made_again() {
    let mut life = Life::running();
    life.tick_after(INTERVAL);
    assert_eq!(life.step(Event::HeartbeatAnswered(Err(Failure::StaleEpoch))), vec![]);
    life.now.mono = life.node.next_deadline().expect("armed");
    assert_eq!(life.step(Event::Tick), vec![Action::SendRegistration(registration())]);
    let again = Heartbeat { epoch: BrokerEpoch::new(20), ..running_heartbeat() };
    let answered = life.step(Event::RegistrationAnswered(Ok(BrokerEpoch::new(20))));
    assert_eq!(answered, vec![Action::SendHeartbeat(again)]);

    life.step(standing(true, false, false));
    assert_eq!(life.step(Event::RegisterAgain), vec![Action::SendRegistration(registration())]);
}

#[test]
fn a_failed_directory_is_told_at_once_and_must_be_known_in_time() {
    let mut life = Life::running();
    let told = Heartbeat { offline_log_dirs: vec![dir(2)], ..running_heartbeat() };
    assert_eq!(life.step(Event::DirectoryFailed(dir(2))), vec![Action::SendHeartbeat(told.clone())]);
    life.step(standing(true, false, false));
    // Known: nothing is due but the next heartbeat, which says it again.
    assert_eq!(life.tick_after(INTERVAL), vec![Action::SendHeartbeat(told)]);

    let mut life = Life::running();
    life.step(Event::DirectoryFailed(dir(2)));
    let gave_up = Action::GiveUp(GaveUp::DirectoryFailureUnknown(dir(2)));
    assert_eq!(life.tick_after(Duration::from_secs(30)), vec![gave_up]);
}

#[test]
fn without_any_directory_it_gives_up() {
    let mut life = Life::running();
    life.step(Event::DirectoryFailed(dir(1)));
    assert_eq!(life.step(Event::DirectoryFailed(dir(2))), vec![Action::GiveUp(GaveUp::NoDirectoryLeft)]);
}

#[test]
fn an_answer_that_nobody_waits_for_changes_nothing() {
    let mut life = Life::running();
    assert_eq!(life.step(standing(true, true, true)), vec![]);
    assert_eq!(life.step(Event::RegistrationAnswered(Ok(BrokerEpoch::new(99)))), vec![]);
    assert_eq!((life.node.state(), life.node.epoch()), (State::Running, Some(BrokerEpoch::new(10))));
}
