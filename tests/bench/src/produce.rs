//! Produce throughput: requests built once, a fixed number under way on each connection.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use tests_compat::{Broker, Connection, Stopwatch};

use crate::options::Options;
use crate::report::{Goal, Report, Unit};
use crate::requests;
use crate::route::Routes;
use crate::subject::{Cost, Subjects, cost, create_topic, delete_topic};

/// One size of record with what it is held to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    name: &'static str,
    value_bytes: usize,
    throughput: Goal,
    cpu: Goal,
    warm_up_rounds: usize,
}

impl Load {
    pub(crate) const LARGE: Self = Self {
        name: "produce 1 KB",
        value_bytes: 1000,
        throughput: Goal::RatioAtLeast(1.5),
        cpu: Goal::RatioAtMost(0.3),
        // A Java machine needs some gigabytes before its compiler is done.
        warm_up_rounds: 3,
    };
    pub(crate) const SMALL: Self = Self {
        name: "produce 100 B",
        value_bytes: 90,
        throughput: Goal::RatioAtLeast(1.3),
        cpu: Goal::RatioAtMost(0.3),
        warm_up_rounds: 1,
    };
}

pub(crate) fn run(options: &Options, subjects: &Subjects, report: &mut Report, load: Load) -> Result<()> {
    let warm_up = if options.quick { 1 } else { load.warm_up_rounds };
    for round in 0..warm_up + options.rounds() {
        for broker in subjects.each() {
            let topic = format!("load-{}-{round}", load.value_bytes);
            create_topic(broker, &topic, options.partitions)?;
            let cost = fill(options, broker, &topic, load.value_bytes, options.volume())?;
            delete_topic(broker, &topic)?;
            if round < warm_up {
                continue;
            }
            report.progress(load.name, broker.kind(), &cost);
            let row =
                report.row(&format!("{}: throughput", load.name), Unit::MegabytesPerSecond, load.throughput);
            row.add(broker.kind(), cost.throughput());
            let row = report.row(&format!("{}: broker CPU", load.name), Unit::CpuPerGigabyte, load.cpu);
            row.add(broker.kind(), cost.cpu_per_gigabyte());
        }
    }
    Ok(())
}

/// Produces about `volume` bytes of batches to all partitions of `topic`.
pub(crate) fn fill(
    options: &Options,
    broker: &Broker,
    topic: &str,
    value_bytes: usize,
    volume: u64,
) -> Result<Cost> {
    let routes = Routes::alone(broker.address(), options.partitions);
    cost(options, broker, || fill_routes(options, &routes, topic, value_bytes, volume))
}

/// The same through the leader of each partition, over connections of its own; gives the bytes and the time.
pub(crate) fn fill_routes(
    options: &Options,
    routes: &Routes,
    topic: &str,
    value_bytes: usize,
    volume: u64,
) -> Result<(u64, Duration)> {
    let (batch, _) = requests::batch(value_bytes, options.batch_bytes);
    let round_bytes = u64::try_from(batch.len() * routes.partitions())?;
    let each = volume.div_ceil(round_bytes);
    let led: Vec<_> = routes
        .by_leader()
        .into_iter()
        .map(|(address, led)| {
            let count = led.len();
            (address, count, requests::produce(topic, led.into_iter(), &batch), AtomicU64::new(each))
        })
        .collect();
    let watch = Stopwatch::start();
    let batches = thread::scope(|scope| {
        let threads: Vec<_> = led
            .iter()
            .flat_map(|leader| (0..options.connections).map(move |_| leader))
            .map(|(address, count, request, left)| {
                scope.spawn(move || {
                    let connection = routes.open(*address)?;
                    let sent = send(connection, request, *count, options.in_flight, left)?;
                    Ok(sent * u64::try_from(*count)?)
                })
            })
            .collect();
        let counts =
            threads.into_iter().map(|thread| thread.join().expect("a generator thread does not panic"));
        counts.sum::<Result<u64>>()
    })?;
    Ok((batches * u64::try_from(batch.len())?, watch.elapsed()))
}

/// Sends the request over one connection while any are left, and gives how many were acknowledged.
fn send(
    mut connection: Connection,
    request: &[u8],
    partitions: usize,
    in_flight: usize,
    left: &AtomicU64,
) -> Result<u64> {
    let (mut waiting, mut acknowledged) = (0, 0);
    loop {
        while waiting < in_flight && take_one(left) {
            connection.send(request)?;
            waiting += 1;
        }
        if waiting == 0 {
            return Ok(acknowledged);
        }
        let answer = connection.receive()?.context("the broker closed the connection")?;
        requests::check_produced(&answer, partitions)?;
        waiting -= 1;
        acknowledged += 1;
    }
}

fn take_one(left: &AtomicU64) -> bool {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
}
