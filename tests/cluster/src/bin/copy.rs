//! Copies a topic in transactions, as `tests_compat::copied` tells: `copy BOOTSTRAP`.
//!
//! Goes on until standard input ends; for each line of it a line tells how far the copy is. At the end all that was
//! written must be copied, once, in order, and be committed by both groups; then a last line tells what it took.

#![allow(clippy::print_stdout, reason = "it answers there")]

use std::{
    io::{BufRead as _, stdin},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::spawn,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tests_compat::copied::{
    COPIERS, FROM, Feed, LIMIT, Output, Readers, Rehearsal, TO, committed, copier, ends,
};
use tests_compat::{Service, pause};

/// A record of each partition about so often: a load, not a benchmark.
const PACE: Duration = Duration::from_millis(25);

fn main() -> Result<()> {
    let bootstrap = std::env::args().nth(1).context("BOOTSTRAP")?;
    let readers = Readers::join(&bootstrap, 2)?;
    let mut output = Output::open(&bootstrap)?;
    let mut copiers =
        [copier(&bootstrap, 0, Rehearsal::Aborted)?, copier(&bootstrap, 1, Rehearsal::Aborted)?];
    copiers.iter_mut().try_for_each(Service::start)?;
    let feed = Feed::start(&bootstrap, PACE, output.fewest())?;
    let ended = Arc::new(AtomicBool::new(false));
    let (copied, end) = (output.fewest(), Arc::clone(&ended));
    spawn(move || {
        for _ in stdin().lock().lines().map_while(Result::ok) {
            // Who asks without end is not to take the machine from those who are measured.
            pause(PACE);
            println!("{}", json!({ "copied": copied.load(Ordering::Relaxed) }));
        }
        end.store(true, Ordering::Relaxed);
    });
    while !ended.load(Ordering::Relaxed) {
        output.read(PACE)?;
    }
    let written = feed.finish()?;
    output.finish(&written, LIMIT)?;
    let changes = readers.finish(&written, output.ends())?;
    copiers.iter_mut().try_for_each(Service::kill)?;
    let (done, all) = (committed(&bootstrap, COPIERS, FROM)?, ends(&bootstrap, FROM)?);
    ensure!(done == all, "{COPIERS} committed {done:?} of {all:?}");
    // Everything was written twice at least, and aborted once.
    let aborted = ends(&bootstrap, TO)?.iter().zip(&all).all(|(written, copied)| *written > 2 * copied);
    println!("{}", json!({ "copied": written, "aborted": aborted, "changes": changes }));
    Ok(())
}
