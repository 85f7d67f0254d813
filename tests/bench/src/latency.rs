//! Time from the moment a batch is due to its acknowledgement, at a fixed rate that both brokers bear.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use tests_compat::{Broker, Connection, Stopwatch, pause};

use crate::options::Options;
use crate::report::{Goal, Report, Unit};
use crate::requests::{self, LIMIT};
use crate::subject::{Subjects, create_topic, delete_topic};

const TOPIC: &str = "latency";

pub(crate) fn run(options: &Options, subjects: &Subjects, report: &mut Report) -> Result<()> {
    let seconds = if options.quick { 2 } else { 8 };
    for broker in subjects.each() {
        create_topic(broker, TOPIC, options.partitions)?;
    }
    for round in 0..=options.rounds() {
        for broker in subjects.each() {
            let mut times = measure(options, broker, seconds)?;
            if round == 0 {
                continue;
            }
            times.sort_unstable();
            for (name, share) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)] {
                let at = ((times.len() - 1) as f64 * share) as usize;
                let name = format!("latency at {} MB/s: {name}", options.rate);
                report
                    .row(&name, Unit::Milliseconds, Goal::RatioAtMost(1.0))
                    .add(broker.kind(), times[at].as_secs_f64() * 1e3);
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

/// Sends one batch at a time to the partitions in turn, each when it is due, and collects the delays.
fn measure(options: &Options, broker: &Broker, seconds: u64) -> Result<Vec<Duration>> {
    let (batch, _) = requests::batch(1000, options.batch_bytes);
    let rate = (options.rate * 1_000_000) as f64 / batch.len() as f64;
    let count = (rate * seconds as f64) as usize;
    let frames: Vec<_> =
        (0..options.partitions).map(|p| requests::produce(TOPIC, p..p + 1, &batch)).collect();
    let mut writers = Vec::new();
    let mut readers = Vec::new();
    for _ in 0..options.connections {
        let connection = Connection::open(broker.address(), LIMIT)?;
        readers.push(connection.share()?);
        writers.push(connection);
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
            let connection = number % writers.len();
            let queue = &waiting[connection];
            queue.times.lock().expect("no panic").0.push_back(due);
            queue.changed.notify_one();
            writers[connection].send(&frames[number % frames.len()])
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
