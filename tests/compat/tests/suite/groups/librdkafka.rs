//! librdkafka's groups, through its Rust binding: members that join, leave, crash and come back.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use rdkafka::client::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{Message, Offset, TopicPartitionList};
use tests_compat::{Broker, Deadline, pause};

use super::PARTITIONS;
use super::kcat::Kcat;
use super::sightings::Sightings;
use super::source::Source;

pub(super) const GROUP: &str = "shared";
pub(super) const TOPIC: &str = "shared";
const LIMIT: Duration = Duration::from_secs(90);
const POLL: Duration = Duration::from_millis(50);

/// Keeps what a member has; commits what it has read before somebody else gets it.
#[derive(Debug, Default)]
struct Share {
    partitions: Mutex<BTreeSet<i32>>,
    rebalances: AtomicU32,
    failed: Mutex<Option<KafkaError>>,
}

impl ClientContext for Share {}

impl ConsumerContext for Share {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        self.rebalances.fetch_add(1, Ordering::Relaxed);
        let (list, comes) = match rebalance {
            Rebalance::Assign(list) => (list, true),
            Rebalance::Revoke(list) => (list, false),
            Rebalance::Error(error) => return self.fail(error.clone()),
        };
        if !comes && let Err(error) = consumer.commit_consumer_state(CommitMode::Sync) {
            match error {
                // Nothing was read since the last commit.
                KafkaError::ConsumerCommit(RDKafkaErrorCode::NoOffset) => {}
                other => self.fail(other),
            }
        }
        let mut partitions = self.partitions.lock().expect("no panic while it is held");
        for element in list.elements() {
            if comes {
                partitions.insert(element.partition());
            } else {
                partitions.remove(&element.partition());
            }
        }
    }
}

impl Share {
    fn fail(&self, error: KafkaError) {
        self.failed.lock().expect("no panic while it is held").get_or_insert(error);
    }
}

/// A member in a thread of its own.
#[derive(Debug)]
pub(super) struct Member {
    share: Arc<Share>,
    leave: Arc<AtomicBool>,
    thread: JoinHandle<Result<()>>,
}

pub(super) fn config(bootstrap: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", bootstrap)
        .set("group.id", GROUP)
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("auto.offset.reset", "earliest")
        .set("session.timeout.ms", "10000")
        .set("heartbeat.interval.ms", "300");
    config
}

impl Member {
    pub(super) fn join(config: &ClientConfig, name: &str, sightings: &Sightings) -> Result<Self> {
        let consumer: BaseConsumer<Share> =
            config.clone().set("client.id", name).create_with_context(Share::default())?;
        consumer.subscribe(&[TOPIC])?;
        let (share, leave) = (consumer.context().clone(), Arc::new(AtomicBool::new(false)));
        let (name, sightings, leaves) = (name.to_owned(), sightings.clone(), leave.clone());
        let thread = thread::spawn(move || read(&consumer, &name, &sightings, &leaves));
        Ok(Self { share, leave, thread })
    }

    pub(super) fn partitions(&self) -> BTreeSet<i32> {
        self.share.partitions.lock().expect("no panic while it is held").clone()
    }

    fn rebalances(&self) -> u32 {
        self.share.rebalances.load(Ordering::Relaxed)
    }

    /// Leaves in order: what it has read is committed first.
    pub(super) fn leave(self) -> Result<()> {
        self.leave.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| anyhow!("a member panicked"))??;
        match self.share.failed.lock().expect("no panic while it is held").take() {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    }
}

fn read(consumer: &BaseConsumer<Share>, name: &str, sightings: &Sightings, leave: &AtomicBool) -> Result<()> {
    while !leave.load(Ordering::Relaxed) {
        let Some(message) = consumer.poll(POLL) else { continue };
        match message {
            Ok(message) => {
                sightings.add(name, (message.partition(), message.offset()));
                consumer.store_offset_from_message(&message)?;
            }
            // Brokers come and go; the client finds them again by itself.
            Err(KafkaError::MessageConsumption(error)) if passes(error) => {}
            Err(error) => return Err(error).context(name.to_owned()),
        }
    }
    Ok(())
}

/// Whether a client goes on by itself after this error.
fn passes(error: RDKafkaErrorCode) -> bool {
    use RDKafkaErrorCode as Code;
    matches!(
        error,
        Code::BrokerTransportFailure
            | Code::AllBrokersDown
            | Code::CoordinatorNotAvailable
            | Code::NotCoordinator
            | Code::CoordinatorLoadInProgress
    )
}

/// Waits until the members have all partitions, nobody's twice, and as equally as their number allows.
pub(super) fn wait_for_shares(members: &[&Member]) -> Result<()> {
    let deadline = Deadline::after(LIMIT);
    let count = usize::try_from(PARTITIONS)?;
    let mut last = Vec::new();
    while deadline.left().is_some() {
        last = members.iter().map(|member| member.partitions()).collect();
        let all: BTreeSet<i32> = last.iter().flatten().copied().collect();
        let sum: usize = last.iter().map(BTreeSet::len).sum();
        let most = count.div_ceil(members.len());
        if all.len() == count && sum == count && last.iter().all(|own| own.len() <= most) {
            return Ok(());
        }
        pause(POLL);
    }
    bail!("not shared after {LIMIT:?}: {last:?}")
}

pub(super) fn wait_for(wanted: &str, is_so: impl Fn() -> Result<bool>) -> Result<()> {
    let deadline = Deadline::after(LIMIT);
    while deadline.left().is_some() {
        if is_so()? {
            return Ok(());
        }
        pause(POLL);
    }
    bail!("not so after {LIMIT:?}: {wanted}")
}

/// Members join, leave and crash while a producer writes; each record is seen once, except what the crashed one had
/// seen and not committed.
fn churn(assignor: &str) -> Result<()> {
    let broker = Broker::under_test()?;
    broker.create_topic(TOPIC, PARTITIONS, &[])?;
    let mut settings = config(&broker.bootstrap());
    settings.set("partition.assignment.strategy", assignor);
    let sightings = Sightings::default();
    let source = Source::start(&broker.bootstrap(), TOPIC)?;

    let first = Member::join(&settings, "first", &sightings)?;
    wait_for_shares(&[&first])?;
    let second = Member::join(&settings, "second", &sightings)?;
    wait_for_shares(&[&first, &second])?;
    let doomed = Kcat::join(&broker, GROUP, TOPIC, assignor)?;
    wait_for("the doomed member reads", || Ok(doomed.seen()?.len() > 20))?;
    broker.wait_for_group(GROUP, |view| {
        view.state == "Stable" && view.protocol == assignor && view.members.len() == 3
    })?;

    let lost = doomed.crash(&sightings)?;
    // Nobody says that it is gone; its session of six seconds ends.
    wait_for_shares(&[&first, &second])?;
    second.leave()?;
    wait_for_shares(&[&first])?;
    let third = Member::join(&settings, "third", &sightings)?;
    wait_for_shares(&[&first, &third])?;
    let written = source.finish()?;
    let total = usize::try_from(written.iter().sum::<i64>())?;
    wait_for("every record is seen", || Ok(sightings.distinct() == total))?;
    first.leave()?;
    third.leave()?;

    sightings.judge(&written, &lost)?;
    let members = sightings.members();
    ensure!(members.len() == 4, "{members:?} have read something");
    for (partition, count) in (0..).zip(&written) {
        ensure!(broker.committed(GROUP, TOPIC, partition)? == Some(*count), "committed of {partition}");
    }
    let view = broker.describe_group(GROUP)?;
    ensure!(view.state == "Empty" && view.members.is_empty(), "{view:?}");
    Ok(())
}

#[test]
fn members_come_go_and_crash_with_range() -> Result<()> {
    churn("range")
}

#[test]
fn members_come_go_and_crash_with_cooperative_sticky() -> Result<()> {
    churn("cooperative-sticky")
}

#[test]
fn static_members_bounce_without_a_rebalance() -> Result<()> {
    let broker = Broker::under_test()?;
    broker.create_topic(TOPIC, PARTITIONS, &[])?;
    let sightings = Sightings::default();
    let source = Source::start(&broker.bootstrap(), TOPIC)?;
    let settings = |name: &str| config(&broker.bootstrap()).set("group.instance.id", name).clone();
    let join = |name: &str| Member::join(&settings(name), name, &sightings);
    let (first, second) = (join("first")?, join("second")?);
    let mut bouncing = join("bouncing")?;
    wait_for_shares(&[&first, &second, &bouncing])?;
    let stable = broker.wait_for_group(GROUP, |view| view.state == "Stable")?;
    let generation = broker.generation(GROUP, &stable.members[0])?;
    let before = (first.rebalances(), second.rebalances());
    let old_ids: BTreeSet<_> = stable.members.iter().map(|member| member.id.clone()).collect();

    for _ in 0..2 {
        let own = bouncing.partitions();
        bouncing.leave()?;
        let view = broker.describe_group(GROUP)?;
        ensure!(view.state == "Stable" && view.members.len() == 3, "it stays a member: {view:?}");
        bouncing = join("bouncing")?;
        wait_for("it has its partitions again", || Ok(bouncing.partitions() == own))?;
    }
    let view = broker.describe_group(GROUP)?;
    let new_ids: BTreeSet<_> = view.members.iter().map(|member| member.id.clone()).collect();
    ensure!(new_ids.intersection(&old_ids).count() == 2, "the bouncing one has a new id");
    ensure!(broker.generation(GROUP, &view.members[0])? == generation, "no new generation");
    ensure!((first.rebalances(), second.rebalances()) == before, "the others were left alone");

    // One that does not come back loses its partitions when its session ends.
    bouncing.leave()?;
    wait_for_shares(&[&first, &second])?;
    let written = source.finish()?;
    let total = usize::try_from(written.iter().sum::<i64>())?;
    wait_for("every record is seen", || Ok(sightings.distinct() == total))?;
    first.leave()?;
    second.leave()?;
    sightings.judge(&written, &BTreeSet::new())
}

#[test]
fn offsets_and_their_metadata_outlive_clients_and_the_broker() -> Result<()> {
    let mut broker = Broker::under_test()?;
    broker.create_topic(TOPIC, PARTITIONS, &[])?;
    let source = Source::start(&broker.bootstrap(), TOPIC)?;
    wait_for("the end of a partition is there", || {
        let consumer: BaseConsumer = config(&broker.bootstrap()).create()?;
        // A topic that is new may have no leader yet.
        Ok(consumer.fetch_watermarks(TOPIC, PARTITIONS - 1, LIMIT).is_ok_and(|(_, end)| end > 10))
    })?;
    source.finish()?;
    // A consumer that is no member commits for itself.
    let standalone: BaseConsumer = config(&broker.bootstrap()).create()?;
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(TOPIC, 0, Offset::Offset(7))?;
    list.add_partition_offset(TOPIC, 1, Offset::Offset(3))?;
    for mut element in list.elements() {
        let note = format!("noted for {}", element.partition());
        element.set_metadata(note);
    }
    standalone.commit(&list, CommitMode::Sync)?;

    let committed = |bootstrap: &str| -> Result<Vec<(Offset, String)>> {
        let consumer: BaseConsumer = config(bootstrap).create()?;
        let mut asked = TopicPartitionList::new();
        asked.add_partition_range(TOPIC, 0, 2);
        let answer = consumer.committed_offsets(asked, LIMIT)?;
        let of = |element: &rdkafka::topic_partition_list::TopicPartitionListElem<'_>| {
            (element.offset(), element.metadata().to_owned())
        };
        Ok(answer.elements().iter().map(of).collect())
    };
    let expected = [
        (Offset::Offset(7), "noted for 0".to_owned()),
        (Offset::Offset(3), "noted for 1".to_owned()),
        (Offset::Invalid, String::new()),
    ];
    assert_eq!(committed(&broker.bootstrap())?, expected);
    broker.stop()?;
    broker.launch()?;
    broker.find_coordinator(GROUP)?;
    assert_eq!(committed(&broker.bootstrap())?, expected);
    broker.kill()?;
    broker.launch()?;
    broker.find_coordinator(GROUP)?;
    assert_eq!(committed(&broker.bootstrap())?, expected);

    // A member starts where the group is, and elsewhere at the beginning.
    let sightings = Sightings::default();
    let member = Member::join(&config(&broker.bootstrap()), "member", &sightings)?;
    wait_for_shares(&[&member])?;
    wait_for("it reads", || Ok(sightings.first_of(0).is_some() && sightings.first_of(2).is_some()))?;
    assert_eq!((sightings.first_of(0), sightings.first_of(2)), (Some(7), Some(0)));

    // Whoever is no member may not commit for a group that lives.
    let refused = standalone.commit(&list, CommitMode::Sync);
    let unknown = KafkaError::ConsumerCommit(RDKafkaErrorCode::UnknownMemberId);
    assert_eq!(refused, Err(unknown));
    member.leave()
}
