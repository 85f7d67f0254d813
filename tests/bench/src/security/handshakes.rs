//! Time to the acknowledgement on a plain listener, alone and while clients of another listener shake hands by TLS all the
//! time. Brokers and generator share all cores, and the brokers take turns.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use tests_compat::{Broker, Connection, Stopwatch, Trust, pause};

use crate::latency::{measure, percentiles};
use crate::options::Options;
use crate::report::{Goal, Report, Unit};
use crate::requests::LIMIT;
use crate::route::Routes;
use crate::security::Protection;
use crate::subject::{JAVA_FLAGS, Subjects, create_topic};

const TOPIC: &str = "beside-handshakes";
/// Handshakes that are begun in a second.
const RATE: u32 = 500;
/// Clients that shake hands in turn, so that a slow handshake does not put off the next.
const CLIENTS: u32 = 8;

pub(crate) fn run(options: &Options, report: &mut Report) -> Result<()> {
    let protection = Protection::new()?;
    let specs = options.kinds().into_iter().map(|kind| {
        let spec = tests_compat::Spec::new(kind).java_flags(&JAVA_FLAGS);
        protection.add_to(spec.set("auto.create.topics.enable", "false"))
    });
    let subjects = Subjects::start_specs(specs.collect::<Result<Vec<_>>>()?.into_iter())?;
    for broker in subjects.each() {
        create_topic(broker, TOPIC, options.partitions)?;
    }
    for round in 0..=options.rounds() {
        for broker in subjects.each() {
            let alone = delay(options, broker)?;
            let (beside, rate) = beside_handshakes(broker, &protection.trust, || delay(options, broker))?;
            report.say(&format!(
                "plain p99, {:?}: {alone:.2} ms alone, {beside:.2} ms beside {rate:.0} handshakes/s",
                broker.kind()
            ));
            if round == 0 {
                continue;
            }
            let name = format!("plain p99 at {} MB/s", options.rate);
            report.row(&name, Unit::Milliseconds, Goal::None).add(broker.kind(), alone);
            let row = report.row(&format!("{name}, handshakes beside"), Unit::Milliseconds, Goal::None);
            row.add(broker.kind(), beside);
            let row = report.row("of that alone", Unit::Percent, Goal::AtMost(300.0));
            row.add(broker.kind(), 100.0 * beside / alone);
            let row = report.row("handshakes done", Unit::PerSecond, Goal::AtLeast(f64::from(RATE) * 0.95));
            row.add(broker.kind(), rate);
        }
    }
    Ok(())
}

/// Milliseconds, the 99th percentile.
fn delay(options: &Options, broker: &Broker) -> Result<f64> {
    let seconds = if options.quick { 2 } else { 8 };
    let routes = Routes::alone(broker.address(), options.partitions);
    let times = measure(options, &routes, TOPIC, (options.rate * 1_000_000) as f64, seconds)?;
    Ok(percentiles(times)[1].as_secs_f64() * 1e3)
}

/// Runs `work` while clients shake hands; gives also how many a second were done.
fn beside_handshakes(
    broker: &Broker,
    trust: &Trust,
    work: impl FnOnce() -> Result<f64>,
) -> Result<(f64, f64)> {
    let is_over = AtomicBool::new(false);
    let watch = Stopwatch::start();
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let is_over = &is_over;
                scope.spawn(move || shake_hands(broker, trust, number, watch, is_over))
            })
            .collect();
        let result = work();
        is_over.store(true, Ordering::Relaxed);
        let mut done = 0;
        for client in clients {
            done += client.join().expect("a generator thread does not panic")?;
        }
        Ok((result?, f64::from(done) / watch.elapsed().as_secs_f64()))
    })
}

/// Shakes hands each time that it is this client's turn; gives how often.
fn shake_hands(
    broker: &Broker,
    trust: &Trust,
    number: u32,
    watch: Stopwatch,
    is_over: &AtomicBool,
) -> Result<u32> {
    let mut done = 0;
    while !is_over.load(Ordering::Relaxed) {
        let due = Duration::from_secs(1) * (number + done * CLIENTS) / RATE;
        if let Some(early) = due.checked_sub(watch.elapsed()) {
            pause(early);
        }
        drop(Connection::open_tls(broker.ssl_address(), trust, LIMIT)?);
        done += 1;
    }
    Ok(done)
}
