//! kill -9 at many moments while idempotent producers send: every acknowledged record is there, in order, once.
//!
//! `KLAMM_KILLS` sets the number of kills (20, or 200 with `KLAMM_SOAK`), `KLAMM_SEED` the moments.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tests_compat::{Broker, Deadline, Kind, Spec, pause};

use crate::moments::{Moments, setting};
use crate::oracle::{Acknowledged, check, produce, producer_config};

const TOPIC: &str = "killed";
const CODECS: [&str; 3] = ["none", "lz4", "zstd"];
const LIMIT: Duration = Duration::from_secs(120);

#[test]
fn every_acknowledged_record_survives_kills_in_order_and_once() -> Result<()> {
    let kills = setting("KLAMM_KILLS", if std::env::var_os("KLAMM_SOAK").is_some() { 200 } else { 20 })?;
    let mut moments = Moments::from_environment()?;
    let mut broker = Spec::new(Kind::under_test()?).start()?;
    broker.create_topic(TOPIC, i32::try_from(CODECS.len())?, &[("segment.bytes", "1048576")])?;
    let bootstrap = broker.bootstrap();
    let acknowledged: Vec<_> = CODECS.iter().map(|_| Arc::new(Acknowledged::default())).collect();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| -> Result<()> {
        let mut producers = Vec::new();
        for ((partition, codec), own) in (0..).zip(CODECS).zip(&acknowledged) {
            let (bootstrap, stop) = (&bootstrap, &stop);
            let mut config = producer_config(bootstrap);
            config.set("compression.codec", codec);
            let is_over = || stop.load(Ordering::Relaxed);
            producers.push(scope.spawn(move || produce(&config, TOPIC, partition, own, is_over, || {})));
        }
        let killed = (0..kills).try_for_each(|kill| {
            kill_once(&mut broker, &mut moments, &acknowledged).with_context(|| format!("kill {kill}"))
        });
        stop.store(true, Ordering::Relaxed);
        let produced = producers
            .into_iter()
            .try_for_each(|producer| producer.join().expect("a producer does not panic"));
        killed.and(produced)
    })?;
    for (partition, own) in (0..).zip(&acknowledged) {
        check(&broker.bootstrap(), TOPIC, partition, own)
            .with_context(|| format!("partition {partition} of {:?}", broker.data()))?;
    }
    broker.stop()
}

/// Waits for some progress, kills the broker, sometimes kills it again while it recovers, and starts it.
fn kill_once(broker: &mut Broker, moments: &mut Moments, acknowledged: &[Arc<Acknowledged>]) -> Result<()> {
    let total = || acknowledged.iter().map(|own| own.count()).sum::<u64>();
    // Between nothing and some ten thousand records, small numbers as often as large ones.
    let size = moments.below(14);
    let until = total() + moments.below(1 << (size + 1));
    let deadline = Deadline::after(LIMIT);
    while total() < until {
        if let Some(said) = acknowledged.iter().find_map(|own| own.failure()) {
            bail!("a producer gave up: {said}");
        }
        ensure!(deadline.left().is_some(), "no progress: {} of {until}", total());
        pause(Duration::from_micros(200));
    }
    broker.kill()?;
    for _ in 0..moments.below(3) {
        broker.spawn()?;
        let ended = broker.wait(Duration::from_micros(moments.below(60_000)))?;
        ensure!(ended.is_none(), "it ended while recovering: {ended:?}\n{}", broker.last_lines());
        broker.kill()?;
    }
    broker.launch()
}
