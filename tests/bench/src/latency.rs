//! Time from the moment a batch is due to its acknowledgement, at a fixed rate that both brokers bear.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use tests_compat::{Connection, Stopwatch, pause};

use crate::options::Options;
use crate::report::{Goal, Report, Unit};
use crate::requests::{self, LIMIT};
use crate::route::Routes;
use crate::subject::{Subjects, create_topic, delete_topic};

const TOPIC: &str = "latency";
/// What is told of the delays, and which share of them is below it.
pub(crate) const SHARES: [(&str, f64); 3] = [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)];

pub(crate) fn run(options: &Options, subjects: &Subjects, report: &mut Report) -> Result<()> {
    let seconds = if options.quick { 2 } else { 8 };
    for broker in subjects.each() {
        create_topic(broker, TOPIC, options.partitions)?;
    }
    for round in 0..=options.rounds() {
        for broker in subjects.each() {
            let routes = Routes::alone(broker.address(), options.partitions);
            let rate = (options.rate * 1_000_000) as f64;
            let times = measure(options, &routes, TOPIC, rate, seconds)?;
            if round == 0 {
                continue;
            }
            for (name, time) in SHARES.iter().map(|(name, _)| name).zip(percentiles(times)) {
                let name = format!("latency at {} MB/s: {name}", options.rate);
                report
                    .row(&name, Unit::Milliseconds, Goal::RatioAtMost(1.0))
                    .add(broker.kind(), time.as_secs_f64() * 1e3);
            }
        }
    }
    for broker in subjects.each() {
        delete_topic(broker, TOPIC)?;
    }
    Ok(())
}

/// When each request under way on a connection was due.
#[derive(Default)]
struct Due {
    times: Mutex<(VecDeque<Duration>, bool)>,
    changed: Condvar,
}

/// The delays of [`SHARES`].
pub(crate) fn percentiles(mut times: Vec<Duration>) -> [Duration; SHARES.len()] {
    times.sort_unstable();
    let last = times.len().saturating_sub(1) as f64;
    SHARES.map(|(_, share)| times.get((last * share) as usize).copied().unwrap_or_default())
}

/// Sends one batch at a time to the leaders of the partitions in turn, each when it is due, at `rate` bytes a second,
/// and collects the delays.
pub(crate) fn measure(
    options: &Options,
    routes: &Routes,
    topic: &str,
    rate: f64,
    seconds: u64,
) -> Result<Vec<Duration>> {
    let (batch, _) = requests::batch(1000, options.batch_bytes);
    let rate = rate / batch.len() as f64;
    let count = (rate * seconds as f64) as usize;
    let frames: Vec<_> =
        (0..).take(routes.partitions()).map(|p| requests::produce(topic, p..p + 1, &batch)).collect();
    let mut writers = Vec::new();
    let mut readers = Vec::new();
    let mut first = BTreeMap::new();
    for address in routes.by_leader().into_keys() {
        first.insert(address, writers.len());
        for _ in 0..options.connections {
            let connection = Connection::open(address, LIMIT)?;
            readers.push(connection.share()?);
            writers.push(connection);
        }
    }
    let waiting: Vec<_> = readers.iter().map(|_| Due::default()).collect();
    let watch = Stopwatch::start();
    thread::scope(|scope| {
        let threads: Vec<_> = readers
            .into_iter()
            .zip(&waiting)
            .map(|(reader, due)| scope.spawn(move || collect(reader, due, watch)))
            .collect();
        let sent = (0..count).try_for_each(|number| {
            let due = Duration::from_secs_f64(number as f64 / rate);
            if let Some(early) = due.checked_sub(watch.elapsed()) {
                pause(early);
            }
            let partition = number % frames.len();
            let leader = routes.leaders()[partition];
            let connection = first[&leader] + number / frames.len() % options.connections;
            let queue = &waiting[connection];
            queue.times.lock().expect("no panic").0.push_back(due);
            queue.changed.notify_one();
            writers[connection].send(&frames[partition])
        });
        for due in &waiting {
            due.times.lock().expect("no panic").1 = true;
            due.changed.notify_one();
        }
        sent?;
        let mut all = Vec::with_capacity(count);
        for thread in threads {
            all.extend(thread.join().expect("a generator thread does not panic")?);
        }
        Ok(all)
    })
}

fn collect(mut connection: Connection, due: &Due, watch: Stopwatch) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    loop {
        let mut state = due.times.lock().expect("no panic");
        while state.0.is_empty() && !state.1 {
            state = due.changed.wait(state).expect("no panic");
        }
        let Some(start) = state.0.pop_front() else { return Ok(times) };
        drop(state);
        let answer = connection.receive()?.context("the broker closed the connection")?;
        times.push(watch.elapsed().saturating_sub(start));
        requests::check_produced(&answer, 1)?;
    }
}
