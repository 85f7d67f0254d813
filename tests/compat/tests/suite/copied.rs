//! Consume, transform, produce: what is written to one topic is copied to another in transactions, while those who copy
//! and brokers are killed, stopped, and held for longer than their sessions and transactions last. Whoever reads what is
//! committed sees every record once, in order. `KLAMM_COPY_SECONDS` says how long it goes on (20, or 900 with
//! `KLAMM_SOAK`).

mod java;
mod librdkafka;
mod standing;

use std::time::Duration;

use anyhow::{Context, Result};
use tests_compat::copied::{FROM, Feed, LIMIT, Output, PARTITIONS, TO};
use tests_compat::{Cluster, Deadline, Stopwatch, pause};

use self::standing::standing;

/// Copied between two faults, at least.
const STEP: u64 = 100;
/// A record of each partition about so often.
const PACE: Duration = Duration::from_millis(5);
/// Longer than sessions and transactions of copiers.
const AWAY: Duration = Duration::from_secs(8);

/// One that copies.
trait Copier {
    /// Ends it in the middle of whatever it does.
    fn kill(&mut self) -> Result<()>;
    fn start(&mut self) -> Result<()>;
    /// Holds it where it is.
    fn suspend(&mut self) -> Result<()>;
    /// It goes on, and does not know that it was away.
    fn resume(&mut self) -> Result<()>;
}

#[derive(Clone, Copy, Debug)]
enum Fault {
    KillCopier(usize),
    KillBroker(usize),
    HoldCopier(usize),
    StopBroker(usize),
}

impl Fault {
    const EACH: &[Self] = &[
        Self::KillCopier(0),
        Self::KillBroker(1),
        Self::HoldCopier(1),
        Self::StopBroker(2),
        Self::KillBroker(3),
        Self::KillCopier(1),
        Self::StopBroker(1),
        Self::KillBroker(2),
    ];

    fn happen(self, cluster: &mut Cluster, copiers: &mut [impl Copier], output: &mut Output) -> Result<()> {
        match self {
            Self::KillCopier(at) => {
                copiers[at].kill()?;
                output.progress(STEP, LIMIT)?;
                copiers[at].start()
            }
            Self::HoldCopier(at) => {
                copiers[at].suspend()?;
                pause(AWAY);
                output.progress(STEP, LIMIT)?;
                copiers[at].resume()
            }
            Self::KillBroker(id) => {
                cluster.node(id).kill()?;
                output.progress(STEP, LIMIT)?;
                cluster.launch()?;
                cluster.wait_until_in_sync(&[TO.to_owned(), FROM.to_owned()], LIMIT)
            }
            Self::StopBroker(id) => {
                cluster.node(id).stop()?;
                output.progress(STEP, LIMIT)?;
                cluster.launch()?;
                cluster.wait_until_in_sync(&[TO.to_owned(), FROM.to_owned()], LIMIT)
            }
        }
    }
}

fn cluster() -> Result<Cluster> {
    let cluster = Cluster::resilient()?;
    cluster.nodes()[0].create_replicated(&[FROM.to_owned(), TO.to_owned()], PARTITIONS, 3, &[])?;
    Ok(cluster)
}

fn seconds() -> Result<Duration> {
    let default = if std::env::var_os("KLAMM_SOAK").is_some() { 900 } else { 20 };
    let seconds = std::env::var("KLAMM_COPY_SECONDS").map_or(Ok(default), |text| text.parse())?;
    Ok(Duration::from_secs(seconds))
}

/// Lets faults happen, each once at least, until the time is over, then waits until everything is copied.
fn everything_is_copied_once<C: Copier>(make: impl Fn(&Cluster, usize) -> Result<C>) -> Result<()> {
    let mut cluster = cluster()?;
    let mut output = Output::open(&cluster.bootstrap())?;
    let feed = Feed::start(&cluster.bootstrap(), PACE, output.fewest())?;
    let mut copiers = [make(&cluster, 0)?, make(&cluster, 1)?];
    copiers.iter_mut().try_for_each(Copier::start)?;
    output.progress(STEP, LIMIT)?;
    let (deadline, watch) = (Deadline::after(seconds()?), Stopwatch::start());
    let mut count = 0;
    while count < Fault::EACH.len() || deadline.left().is_some() {
        let fault = Fault::EACH[count % Fault::EACH.len()];
        fault
            .happen(&mut cluster, &mut copiers, &mut output)
            .and_then(|()| output.progress(STEP, LIMIT))
            .with_context(|| format!("fault {count}: {fault:?}\n{}", standing(&cluster)))?;
        count += 1;
        eprintln!("{fault:?} after {:?}", watch.elapsed());
    }
    let written = feed.finish()?;
    output.finish(&written, LIMIT).with_context(|| standing(&cluster))?;
    eprintln!("{count} faults: {written:?} records copied, each once");
    copiers.iter_mut().try_for_each(Copier::kill)
}
