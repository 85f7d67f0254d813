//! Transactions of one batch of 100 records under transaction.version 2: the batch enters the transaction by being
//! produced, the end of it brings the next epoch. Every producer has one transaction under way.
//!
//! One node on one core with one replica, as for commits. The delay is from the batch until the end is answered; a
//! batch that comes before the one before it has its markers is sent again, as clients do, and the wait counts.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use tests_compat::Broker;

use crate::coordinators::crowd::{Client, Crowd, Next};
use crate::coordinators::messages::{
    Producer, end_txn, error, init_producer_id, produce_in_transaction, stamp, take_produced, take_producer,
};
use crate::coordinators::setting::{RoundOf, Speed, TOPIC, find_transaction_coordinator};
use crate::options::Options;
use crate::report::Report;
use crate::requests;
use crate::subject::Subjects;

const PRODUCERS: i32 = 16;
const RECORDS: usize = 100;
const VALUE_BYTES: usize = 100;
/// What a record takes besides its value.
const RECORD_OVERHEAD_BYTES: usize = 10;
/// How soon what a coordinator is not ready for is asked again, as Java's producer does.
const TRY_EVERY: Duration = Duration::from_millis(20);

/// What a producer waits for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    Init,
    Produce,
    End,
}

/// Does one transaction after the other, until a moment.
#[derive(Debug)]
struct Transactor {
    id: String,
    partition: i32,
    batch: Vec<u8>,
    phase: Phase,
    producer: Producer,
    began: Duration,
    end: Duration,
    times: Vec<Duration>,
}

impl Transactor {
    fn produce(&mut self) -> Vec<u8> {
        self.phase = Phase::Produce;
        stamp(&mut self.batch, self.producer);
        produce_in_transaction(&self.id, TOPIC, self.partition, &self.batch)
    }

    fn again(&self, error: i16, now: Duration, frame: Vec<u8>) -> Result<Next> {
        match error {
            error::CONCURRENT_TRANSACTIONS
            | error::COORDINATOR_LOAD_IN_PROGRESS
            | error::COORDINATOR_NOT_AVAILABLE
            | error::NOT_COORDINATOR => Ok(Next::SendAt(now + TRY_EVERY, frame)),
            other => bail!("{} in {:?}: error {other}", self.id, self.phase),
        }
    }
}

impl Client for Transactor {
    fn next(&mut self, answer: Option<&[u8]>, now: Duration) -> Result<Next> {
        let Some(answer) = answer else { return Ok(Next::Send(init_producer_id(&self.id))) };
        if self.phase == Phase::Produce {
            return match take_produced(answer)? {
                0 => {
                    self.phase = Phase::End;
                    Ok(Next::Send(end_txn(&self.id, self.producer)))
                }
                error => {
                    let frame = self.produce();
                    self.again(error, now, frame)
                }
            };
        }
        let (error, producer) = take_producer(answer)?;
        if error != 0 {
            let frame = match self.phase {
                Phase::Init => init_producer_id(&self.id),
                Phase::Produce | Phase::End => end_txn(&self.id, self.producer),
            };
            return self.again(error, now, frame);
        }
        if self.phase == Phase::End {
            self.times.push(now.saturating_sub(self.began));
        }
        (self.producer, self.began) = (producer, now);
        Ok(if now >= self.end { Next::Done } else { Next::Send(self.produce()) })
    }
}

pub(crate) fn run(options: &Options, subjects: &Subjects, report: &mut Report) -> Result<()> {
    let title = format!("transactions of {RECORDS}, {PRODUCERS} producers, 1 node, TV 2");
    for broker in subjects.each() {
        find_transaction_coordinator(broker, "transactor-0")?;
    }
    for round in RoundOf::all(options) {
        for broker in subjects.each() {
            let speed = Speed::of(options, broker, || transact(options, broker))?;
            report.say(&format!("transactions, {:?}: {speed}{round}", broker.kind()));
            if round.counts() {
                speed.add(report, broker.kind(), &title, 1.5);
            }
        }
    }
    Ok(())
}

/// The delay of each transaction, and how long all took.
fn transact(options: &Options, broker: &Broker) -> Result<(Vec<Duration>, Duration)> {
    let (batch, count) = requests::batch(VALUE_BYTES, RECORDS * (VALUE_BYTES + RECORD_OVERHEAD_BYTES));
    ensure!(count == RECORDS, "a batch of {count} records");
    let transactors = (0..PRODUCERS).map(|number| Transactor {
        id: format!("transactor-{number}"),
        partition: number % options.partitions,
        batch: batch.clone(),
        phase: Phase::Init,
        producer: Producer::default(),
        began: Duration::ZERO,
        end: options.stretch(),
        times: Vec::new(),
    });
    let mut crowd = Crowd::connect(broker.address(), transactors)?;
    crowd.begin()?;
    let elapsed = crowd.run(|_| false)?;
    Ok((crowd.into_clients().flat_map(|transactor| transactor.times).collect(), elapsed))
}
