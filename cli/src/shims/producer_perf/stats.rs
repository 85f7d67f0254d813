//! How many records there were and how long they took.

use std::time::{Duration, Instant};

use crate::shims::figure::figure;

/// The most latencies that are kept.
const SAMPLES_MAX: u64 = 500_000;
const MIB: f64 = 1024.0 * 1024.0;

/// Which records count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    All,
    /// Those after the warm-up.
    Steady,
}

/// Counts.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    records: u64,
    bytes: u64,
    latency_ms: u64,
    latency_ms_max: u64,
}

impl Sums {
    fn add(&mut self, latency_ms: u64, bytes: usize) {
        self.records += 1;
        self.bytes += bytes as u64;
        self.latency_ms += latency_ms;
        self.latency_ms_max = self.latency_ms_max.max(latency_ms);
    }
}

/// What is told of a test.
#[derive(Debug)]
pub(super) struct Stats {
    kind: Kind,
    interval: Duration,
    start: Instant,
    window_start: Instant,
    total: Sums,
    window: Sums,
    /// Every so many latencies one is kept.
    sampling: u64,
    latencies_ms: Vec<u64>,
    is_quiet: bool,
}

impl Stats {
    #[allow(clippy::disallowed_methods, reason = "the tool measures time")]
    pub(super) fn new(kind: Kind, records: u64, interval: Duration) -> Self {
        let now = Instant::now();
        Self {
            kind,
            interval,
            start: now,
            window_start: now,
            total: Sums::default(),
            window: Sums::default(),
            sampling: (records / records.clamp(1, SAMPLES_MAX)).max(1),
            latencies_ms: Vec::new(),
            is_quiet: false,
        }
    }

    /// Leaves reports to the other one.
    pub(super) fn say_nothing(&mut self) {
        self.is_quiet = true;
    }

    pub(super) fn record(&mut self, latency: Duration, bytes: usize) {
        let latency_ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
        if self.total.records.is_multiple_of(self.sampling) {
            self.latencies_ms.push(latency_ms);
        }
        self.total.add(latency_ms, bytes);
        self.window.add(latency_ms, bytes);
        if self.window_start.elapsed() >= self.interval {
            if self.kind == Kind::Steady && self.total.records == self.window.records {
                println!("In steady state.");
            }
            if !self.is_quiet {
                println!("{}", self.window_line(self.window_start.elapsed()));
            }
            self.next_window();
        }
    }

    #[allow(clippy::disallowed_methods, reason = "the tool measures time")]
    fn next_window(&mut self) {
        self.window_start = Instant::now();
        self.window = Sums::default();
    }

    fn window_line(&self, elapsed: Duration) -> String {
        let (records, mib) = rates(&self.window, elapsed);
        format!(
            "{} records sent, {} records/sec ({} MB/sec), {} ms avg latency, {:.1} ms max latency.",
            self.window.records,
            figure(records, 1),
            figure(mib, 2),
            figure(mean(&self.window), 1),
            float(self.window.latency_ms_max)
        )
    }

    pub(super) fn print_total(&mut self) {
        println!("{}", self.total_line(self.start.elapsed()));
    }

    fn total_line(&mut self, elapsed: Duration) -> String {
        let (records, mib) = rates(&self.total, elapsed);
        self.latencies_ms.sort_unstable();
        let [half, most, nearly, all] = [0.5, 0.95, 0.99, 0.999].map(|part| self.percentile(part));
        let steady = if self.kind == Kind::Steady { " steady state" } else { "" };
        format!(
            "{}{steady} records sent, {} records/sec ({} MB/sec), {} ms avg latency, {:.2} ms max latency, {half} ms \
             50th, {most} ms 95th, {nearly} ms 99th, {all} ms 99.9th.",
            self.total.records,
            figure(records, 6),
            figure(mib, 2),
            figure(mean(&self.total), 2),
            float(self.total.latency_ms_max)
        )
    }

    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a part of a length is an index"
    )]
    fn percentile(&self, part: f64) -> u64 {
        let index = (part * float(self.latencies_ms.len() as u64)) as usize;
        self.latencies_ms.get(index).copied().unwrap_or_default()
    }
}

/// Records and mebibytes in a second.
fn rates(sums: &Sums, elapsed: Duration) -> (f64, f64) {
    // Whole milliseconds, as Kafka's tool counts.
    let seconds = float(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)) / 1000.0;
    (float(sums.records) / seconds, float(sums.bytes) / seconds / MIB)
}

fn mean(sums: &Sums) -> f64 {
    float(sums.latency_ms) / float(sums.records)
}

#[allow(clippy::cast_precision_loss, reason = "what is shown has few digits")]
fn float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kafkas() {
        let mut stats = Stats::new(Kind::Steady, 100, Duration::from_secs(3600));
        for latency in 1..=100 {
            stats.record(Duration::from_millis(latency), 1024 * 1024);
        }
        assert_eq!(
            stats.window_line(Duration::from_secs(8)),
            "100 records sent, 12.5 records/sec (12.50 MB/sec), 50.5 ms avg latency, 100.0 ms max latency."
        );
        assert_eq!(
            stats.total_line(Duration::from_millis(3000)),
            "100 steady state records sent, 33.333333 records/sec (33.33 MB/sec), 50.50 ms avg latency, 100.00 ms max \
             latency, 51 ms 50th, 96 ms 95th, 100 ms 99th, 100 ms 99.9th."
        );
    }

    #[test]
    fn of_many_latencies_some_are_kept() {
        let mut stats = Stats::new(Kind::All, 1_000_000, Duration::from_secs(3600));
        (0..10).for_each(|latency| stats.record(Duration::from_millis(latency), 1));
        assert_eq!(stats.latencies_ms, [0, 2, 4, 6, 8]);
    }
}
