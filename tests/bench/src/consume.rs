//! Consume throughput from the page cache: each connection reads its partitions again and again, one request under
//! way, as a consumer does.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use tests_compat::Stopwatch;

use crate::options::Options;
use crate::produce::fill;
use crate::report::{Goal, Report, Unit};
use crate::requests;
use crate::route::Routes;
use crate::subject::{Subjects, cost, create_topic, delete_topic};

const TOPIC: &str = "cached";

pub(crate) fn run(options: &Options, subjects: &Subjects, report: &mut Report) -> Result<()> {
    // Half of a round's volume, read twice, stays well inside the page cache for both brokers.
    for broker in subjects.each() {
        create_topic(broker, TOPIC, options.partitions)?;
        fill(options, broker, TOPIC, 1000, options.volume() / 2)?;
    }
    for round in 0..=options.rounds() {
        for broker in subjects.each() {
            let routes = Routes::alone(broker.address(), options.partitions);
            let cost = cost(options, broker, || read(options, &routes, TOPIC, options.volume()))?;
            if round == 0 {
                continue;
            }
            report.progress("consume", broker.kind(), &cost);
            let row =
                report.row("cached consume: throughput", Unit::MegabytesPerSecond, Goal::RatioAtLeast(1.2));
            row.add(broker.kind(), cost.throughput());
            let row = report.row("cached consume: broker CPU", Unit::CpuPerGigabyte, Goal::RatioAtMost(0.8));
            row.add(broker.kind(), cost.cpu_per_gigabyte());
        }
    }
    for broker in subjects.each() {
        delete_topic(broker, TOPIC)?;
    }
    Ok(())
}

/// Reads about `volume` bytes of a topic that one broker leads; gives how many, and the time.
pub(crate) fn read(options: &Options, routes: &Routes, topic: &str, volume: u64) -> Result<(u64, Duration)> {
    let total = AtomicU64::new(0);
    let watch = Stopwatch::start();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..options.connections)
            .map(|number| {
                let total = &total;
                let own = options.partitions_of(number);
                scope.spawn(move || read_partitions(routes, topic, &own, total, volume))
            })
            .collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("a generator thread does not panic"))
    })?;
    Ok((total.into_inner(), watch.elapsed()))
}

fn read_partitions(
    routes: &Routes,
    topic: &str,
    partitions: &[i32],
    total: &AtomicU64,
    volume: u64,
) -> Result<()> {
    let Some(leader) = partitions.first().and_then(|_| routes.leaders().first()) else { return Ok(()) };
    let mut connection = routes.open(*leader)?;
    let start: Vec<_> = partitions.iter().map(|partition| (*partition, 0)).collect();
    let mut positions = start.clone();
    let mut answer = Vec::new();
    while total.load(Ordering::Relaxed) < volume {
        connection.send(&requests::fetch(topic, &positions))?;
        connection.receive_into(&mut answer)?.context("the broker closed the connection")?;
        let before = positions.clone();
        let bytes = requests::take_fetched(&answer, &mut positions)?;
        total.fetch_add(bytes, Ordering::Relaxed);
        // A partition that brought nothing has been read to its end: read it again.
        for (position, (partition, offset)) in positions.iter_mut().zip(before) {
            if *position == (partition, offset) {
                position.1 = 0;
            }
        }
    }
    Ok(())
}
