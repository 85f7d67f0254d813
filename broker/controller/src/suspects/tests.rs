use alloc::{vec, vec::Vec};
use core::time::Duration;

use broker_types::{BrokerEpoch, BrokerId, Mono, Now, Timestamp};

use super::{PROBES_MAX, Probe, SuspectAction, SuspectEvent, Suspects};
use crate::{
    RegisterBroker, Suspect,
    testing::{Cluster, dir, registration},
};

const SESSION: Duration = Duration::from_secs(9);

struct Run {
    suspects: Suspects,
    now: Now,
}

impl Run {
    fn new() -> Self {
        let now = Now { mono: Mono::from_micros(1_000_000), wall: Timestamp::from_millis(0) };
        Self { suspects: Suspects::new(SESSION), now }
    }

    fn leading() -> Self {
        let mut run = Self::new();
        assert_eq!(run.step(SuspectEvent::Elected(vec![])), []);
        run
    }

    fn step(&mut self, event: SuspectEvent) -> Vec<SuspectAction> {
        let mut actions = Vec::new();
        self.suspects.step(self.now, event, &mut actions);
        actions
    }

    /// Moves the clock to the next deadline.
    fn tick(&mut self) -> Vec<SuspectAction> {
        self.now.mono = self.suspects.next_deadline().expect("something is waited for");
        self.step(SuspectEvent::Tick)
    }
}

fn one(id: i32) -> Suspect {
    Suspect { broker: BrokerId::new(id), epoch: BrokerEpoch::new(100 + i64::from(id)) }
}

#[test]
fn a_broker_whose_listener_refuses_is_fenced_at_once() {
    let mut run = Run::leading();
    assert_eq!(run.step(SuspectEvent::Lost(one(1))), [SuspectAction::Probe(one(1))]);
    assert_eq!(run.step(SuspectEvent::Probed(one(1), Probe::Refused)), [SuspectAction::Fence(one(1))]);
    assert_eq!(run.suspects.next_deadline(), None);
}

#[test]
fn one_that_answers_is_tried_again_until_it_is_heard_from() {
    let mut run = Run::leading();
    run.step(SuspectEvent::Lost(one(1)));
    for found in [Probe::Answered, Probe::Silent] {
        assert_eq!(run.step(SuspectEvent::Probed(one(1), found)), []);
        assert_eq!(run.tick(), [SuspectAction::Probe(one(1))]);
    }
    // Its connection is back, whatever the probe that is under way will say.
    assert_eq!(run.step(SuspectEvent::Heard(BrokerId::new(1))), []);
    assert_eq!(run.step(SuspectEvent::Probed(one(1), Probe::Refused)), []);
    assert_eq!(run.suspects.next_deadline(), None);
}

#[test]
fn a_dying_process_may_answer_once_more() {
    let mut run = Run::leading();
    run.step(SuspectEvent::Lost(one(1)));
    run.step(SuspectEvent::Probed(one(1), Probe::Answered));
    let before = run.now.mono;
    assert_eq!(run.tick(), [SuspectAction::Probe(one(1))]);
    assert_eq!(run.now.mono.since(before), Duration::from_millis(50));
    assert_eq!(run.step(SuspectEvent::Probed(one(1), Probe::Refused)), [SuspectAction::Fence(one(1))]);
}

#[test]
fn a_suspicion_ends_when_the_session_would_have() {
    let mut run = Run::leading();
    let end = run.now.mono.plus(SESSION);
    run.step(SuspectEvent::Lost(one(1)));
    let mut probes = 1;
    while run.suspects.next_deadline().is_some() {
        run.step(SuspectEvent::Probed(one(1), Probe::Silent));
        probes += run.tick().len();
    }
    assert_eq!(run.now.mono, end);
    assert!(probes < 30, "{probes} probes in a session");
}

#[test]
fn whoever_does_not_lead_suspects_nobody() {
    let mut run = Run::new();
    assert_eq!(run.step(SuspectEvent::Lost(one(1))), []);
    run.step(SuspectEvent::Elected(vec![one(2)]));
    assert_eq!(run.step(SuspectEvent::Resigned), []);
    assert_eq!(run.step(SuspectEvent::Probed(one(2), Probe::Refused)), []);
    assert_eq!(run.suspects.next_deadline(), None);
}

#[test]
fn a_new_leader_tries_all_that_it_has_not_heard_from_some_at_a_time() {
    let mut run = Run::new();
    let count = i32::try_from(PROBES_MAX).unwrap() + 2;
    let probes = run.step(SuspectEvent::Elected((0..count).map(one).collect()));
    assert_eq!(probes, (0..count - 2).map(|id| SuspectAction::Probe(one(id))).collect::<Vec<_>>());
    assert_eq!(
        run.step(SuspectEvent::Probed(one(0), Probe::Refused)),
        [SuspectAction::Fence(one(0)), SuspectAction::Probe(one(count - 2))]
    );
    assert_eq!(run.step(SuspectEvent::Heard(BrokerId::new(1))), []);
    assert_eq!(
        run.step(SuspectEvent::Probed(one(1), Probe::Answered)),
        [SuspectAction::Probe(one(count - 1))]
    );
}

#[test]
fn another_life_of_the_broker_is_another_matter() {
    let mut run = Run::leading();
    let later = Suspect { epoch: BrokerEpoch::new(500), ..one(1) };
    run.step(SuspectEvent::Lost(one(1)));
    assert_eq!(run.step(SuspectEvent::Lost(later)), [SuspectAction::Probe(later)]);
    assert_eq!(run.step(SuspectEvent::Probed(one(1), Probe::Refused)), []);
    assert_eq!(run.step(SuspectEvent::Probed(later, Probe::Refused)), [SuspectAction::Fence(later)]);
}

#[test]
fn who_comes_back_with_the_directories_of_a_suspect_takes_its_place() {
    let cluster = Cluster::with_brokers(&[1, 2]);
    let of = |id| Suspect { broker: BrokerId::new(id), epoch: cluster.epoch(id) };
    let mut run = Run::leading();
    let again = registration(1, 2);
    assert_eq!(run.suspects.replaced(&cluster.image, &again), None, "its connection stands");
    run.step(SuspectEvent::Lost(of(1)));
    assert_eq!(run.suspects.replaced(&cluster.image, &again), Some(of(1)));
    assert_eq!(run.suspects.replaced(&cluster.image, &registration(1, 1)), None, "the same life");
    let elsewhere = RegisterBroker { log_dirs: vec![dir(77)], ..registration(1, 2) };
    assert_eq!(run.suspects.replaced(&cluster.image, &elsewhere), None, "perhaps another machine");
}
