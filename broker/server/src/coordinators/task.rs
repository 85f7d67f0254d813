//! One shard at work: it reads its log, then answers, writes and lets time pass, until the lead is over.

use std::{collections::HashMap, pin::Pin, sync::Arc, time::Duration};

use broker_coordinator::{Action, Driver, Event, Refused};
use broker_types::{LeaderEpoch, Offset, ReplyId};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Instant, Sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{
    hosted::{Entry, Hosted, Keeping, Unencodable},
    load::{LoadError, Loaded, load},
    seat::{Ask, Phase, Vacant},
    write::{Stopped, Writer, Written},
};
use crate::{
    broker::Broker,
    partition::{Grounds, Partition},
};

/// How many questions are answered before what they decided is written: one batch for all of them.
const TURN_MAX: usize = 500;
/// How long after a log that could not be read it is tried again.
const LOAD_PAUSE: Duration = Duration::from_secs(10);

/// Why a shard stopped serving.
enum Ended {
    /// The lead is over.
    Over,
    /// It has to read its log anew.
    Foreign,
}

/// Runs the shard of a seat until the seat goes or the broker drains.
pub(super) async fn run<S: Hosted>(broker: Arc<Broker>, vacant: Vacant<S>, draining: CancellationToken) {
    let stop = vacant.stop.clone();
    tokio::select! {
        biased;
        () = draining.cancelled() => {}
        () = stop.cancelled() => {}
        () = lead(&broker, vacant) => {}
    }
}

/// Reads the log and serves, as often as it takes.
async fn lead<S: Hosted>(broker: &Arc<Broker>, vacant: Vacant<S>) {
    let Vacant { partition, epoch, mut asked, phase, stop } = vacant;
    loop {
        let began = broker.clock().mono();
        let loaded = match load::<S>(broker, &partition, epoch, &stop).await {
            Ok(loaded) => loaded,
            Err(LoadError::Over) => return,
            Err(error) => {
                tracing::error!(partition = %partition.id(), %error, "a coordinator cannot read its log");
                sleep_until(broker.clock().instant_of(broker.clock().mono().plus(LOAD_PAUSE))).await;
                continue;
            }
        };
        let (records, took) = (loaded.records, broker.clock().mono().since(began));
        tracing::info!(partition = %partition.id(), %epoch, records, ?took, "coordinating");
        let Some(working) = Working::begin(broker, &partition, epoch, loaded) else { return };
        match working.serve(&mut asked, &phase).await {
            Ended::Over => return,
            Ended::Foreign => phase.set_loading(true),
        }
    }
}

/// A shard that has read its log.
struct Working<'a, S: Hosted> {
    broker: &'a Broker,
    partition: &'a Arc<Partition>,
    epoch: LeaderEpoch,
    keeping: Keeping,
    driver: Driver<S>,
    /// Where the log ends.
    end: Offset,
    committed: watch::Receiver<Offset>,
    /// The one timer, and when it is due: most questions leave it as it is.
    timer: Pin<Box<Sleep>>,
    due: Option<Instant>,
    /// Who waits.
    replies: HashMap<ReplyId, oneshot::Sender<Result<S::Response, Refused>>>,
    next_reply: u64,
    /// Empty between turns; kept for its memory.
    actions: Vec<Action<S>>,
    /// The same, for what comes up while those are carried out.
    next_actions: Vec<Action<S>>,
    /// The grounds of appends among the actions, by place; those that are not named have none.
    grounds: Vec<(std::ops::Range<usize>, Grounds)>,
}

/// What wakes a shard.
enum Woken<S: Hosted> {
    Committed,
    Asked(Ask<S>),
    Due,
    Over,
}

impl<'a, S: Hosted> Working<'a, S> {
    fn begin(
        broker: &'a Broker,
        partition: &'a Arc<Partition>,
        epoch: LeaderEpoch,
        loaded: Loaded<S>,
    ) -> Option<Self> {
        let keeping = S::keeping(broker);
        let shard = S::make(broker, partition.id().partition);
        let mut driver =
            Driver::new(shard, loaded.state, loaded.end).with_commit_timeout(keeping.commit_timeout);
        let mut actions = Vec::new();
        driver.step(broker.clock().now(), Event::Elected { epoch, next: loaded.end }, &mut actions);
        Some(Self {
            broker,
            partition,
            epoch,
            keeping,
            driver,
            end: loaded.end,
            committed: partition.watch_committed()?,
            timer: Box::pin(sleep_until(Instant::now())),
            due: None,
            replies: HashMap::new(),
            next_reply: 0,
            actions,
            next_actions: Vec::new(),
            grounds: Vec::new(),
        })
    }

    async fn serve(mut self, asked: &mut mpsc::Receiver<Ask<S>>, phase: &Phase) -> Ended {
        phase.set_loading(false);
        loop {
            match self.wait(asked).await {
                Woken::Committed => self.commit(),
                Woken::Asked(ask) => {
                    self.ask(ask);
                    for _ in 1..TURN_MAX {
                        let Ok(ask) = asked.try_recv() else { break };
                        self.ask(ask);
                    }
                }
                Woken::Due => self.step(Event::Tick),
                Woken::Over => return Ended::Over,
            }
            if let Err(ended) = self.settle() {
                return ended;
            }
            if self.partition.settings().log.flush_messages.is_some() {
                // Where a sync is promised nothing is committed before it.
                self.broker.flush_before_answer(vec![Arc::clone(self.partition)]).await;
            }
        }
    }

    async fn wait(&mut self, asked: &mut mpsc::Receiver<Ask<S>>) -> Woken<S> {
        self.set_timer();
        tokio::select! {
            biased;
            changed = self.committed.changed() => match changed {
                Ok(()) => Woken::Committed,
                Err(_) => Woken::Over,
            },
            ask = asked.recv() => ask.map_or(Woken::Over, Woken::Asked),
            () = self.timer.as_mut(), if self.due.is_some() => {
                self.due = None;
                Woken::Due
            }
        }
    }

    fn set_timer(&mut self) {
        let due = self.driver.next_deadline().map(|due| self.broker.clock().instant_of(due));
        if let Some(due) = due
            && self.due != Some(due)
        {
            self.timer.as_mut().reset(due);
        }
        self.due = due;
    }

    fn ask(&mut self, Ask { request, came, grounds, reply }: Ask<S>) {
        // Whoever went away meanwhile wants nothing decided.
        if reply.is_closed() {
            return;
        }
        // Nothing else lets time pass while requests come without end, and none finds what was over before it came.
        let clock = self.broker.clock();
        self.driver.pass_until(clock.mono_of(came), clock.now(), &mut self.actions);
        self.next_reply += 1;
        let id = ReplyId::new(self.next_reply);
        self.replies.insert(id, reply);
        let before = self.actions.len();
        self.step(Event::Request { reply: id, request });
        if grounds != Grounds::default() {
            self.grounds.push((before..self.actions.len(), grounds));
        }
    }

    fn step(&mut self, event: Event<S>) {
        self.driver.step(self.broker.clock().now(), event, &mut self.actions);
    }

    fn commit(&mut self) {
        // Foreign records are not the shard's; they are found at its next write.
        let upto = (*self.committed.borrow_and_update()).min(self.end);
        self.step(Event::Committed { upto });
    }

    /// Does what the shard wants until it wants nothing more.
    fn settle(&mut self) -> Result<(), Ended> {
        while !self.actions.is_empty() {
            let mut appends = Vec::new();
            let mut grounds = std::mem::take(&mut self.grounds).into_iter().peekable();
            let mut actions = std::mem::replace(&mut self.actions, std::mem::take(&mut self.next_actions));
            for (at, action) in actions.drain(..).enumerate() {
                match action {
                    Action::Reply { reply, response } => {
                        // Nobody hears it when the connection is gone.
                        let _ = self.replies.remove(&reply).map(|waiting| waiting.send(response));
                    }
                    Action::Append { records, .. } => {
                        while grounds.next_if(|(range, _)| range.end <= at).is_some() {}
                        let own = grounds.peek().filter(|(range, _)| range.contains(&at));
                        appends.push((records, own.map(|(_, grounds)| *grounds).unwrap_or_default()));
                    }
                }
            }
            self.next_actions = actions;
            if !appends.is_empty() {
                self.write(&appends)?;
            }
        }
        Ok(())
    }

    fn write(&mut self, appends: &[(Vec<S::Record>, Grounds)]) -> Result<(), Ended> {
        let mut unencodable = None;
        let entries = appends.iter().map_while(|(records, grounds)| {
            let entries: Result<Vec<Entry>, Unencodable> = records.iter().map(S::encode).collect();
            entries.map(|entries| (entries, *grounds)).map_err(|error| unencodable = Some(error)).ok()
        });
        let entries: Vec<_> = entries.collect();
        let writer = Writer {
            broker: self.broker,
            partition: self.partition,
            epoch: self.epoch,
            codec: self.keeping.codec,
            now: self.broker.clock().now(),
            end: self.end,
        };
        let Written { confirmed, stopped } = writer.write(entries);
        for (first, last) in confirmed {
            self.end = last.next();
            self.step(Event::Appended { first, last });
        }
        self.commit();
        let stopped = stopped.or_else(|| {
            let error = unencodable?;
            tracing::warn!(partition = %self.partition.id(), %error, "a coordinator could not write");
            Some(Stopped::Unwritten(broker_coordinator::Unwritten::TooLarge))
        });
        match stopped {
            None => Ok(()),
            Some(Stopped::Unwritten(why)) => {
                self.step(Event::Failed(why));
                Ok(())
            }
            Some(Stopped::NotLeader) => Err(Ended::Over),
            Some(Stopped::Foreign) => Err(Ended::Foreign),
        }
    }
}
