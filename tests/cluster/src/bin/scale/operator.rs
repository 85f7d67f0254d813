//! What the processes of the operator have used, from /proc: its pods are processes of this machine.

use std::{fs, time::Duration};

use anyhow::{Context as _, Result, ensure};

/// CPU time of all of them together, and the memory of the one that has most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Used {
    pub(crate) cpu: Duration,
    pub(crate) rss_mb: f64,
}

impl Used {
    /// The CPU time since then, and the memory now.
    pub(crate) fn since(&self, before: &Self) -> Self {
        Self { cpu: self.cpu.saturating_sub(before.cpu), rss_mb: self.rss_mb }
    }
}

/// What they have used until now.
pub(crate) fn used() -> Result<Used> {
    let mut all = Used { cpu: Duration::ZERO, rss_mb: 0.0 };
    let mut found = 0;
    for entry in fs::read_dir("/proc")?.filter_map(Result::ok) {
        let Ok(command) = fs::read(entry.path().join("cmdline")) else { continue };
        let mut words = command.split(|byte| *byte == 0);
        let is_klamm = words.next().is_some_and(|program| program.ends_with(b"klamm"));
        if !is_klamm || words.next() != Some(b"operator") {
            continue;
        }
        found += 1;
        let stat = fs::read_to_string(entry.path().join("stat"))?;
        // The name in parentheses may contain spaces; the fields after it do not.
        let (_, fields) = stat.rsplit_once(')').context("a process name")?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let ticks: u64 = fields[11..13].iter().map(|field| field.parse::<u64>().unwrap_or(0)).sum();
        all.cpu += Duration::from_millis(ticks * 1000 / rustix::param::clock_ticks_per_second());
        let status = fs::read_to_string(entry.path().join("status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("a field")?;
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
        all.rss_mb = all.rss_mb.max(kilobytes * 1024.0 / 1e6);
    }
    ensure!(found > 0, "no operator runs");
    Ok(all)
}
