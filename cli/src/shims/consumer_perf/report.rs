//! How fast records were read.

use crate::groups::moment;
use crate::shims::date::DateFormat;
use crate::shims::figure::figure;

const MIB: f64 = 1024.0 * 1024.0;

/// What is told of a test.
#[derive(Debug)]
pub(super) struct Report {
    date_format: DateFormat,
    is_detailed: bool,
    start_ms: i64,
    /// When the last report was.
    reported_ms: i64,
    bytes: i64,
    records: i64,
    reported_bytes: i64,
    reported_records: i64,
    /// When the group began to form anew; `None` while partitions are there.
    joining_since_ms: Option<i64>,
    joined_ms: i64,
    joined_since_report_ms: i64,
}

impl Report {
    pub(super) fn new(date_format: DateFormat, is_detailed: bool) -> Self {
        Self {
            date_format,
            is_detailed,
            start_ms: 0,
            reported_ms: 0,
            bytes: 0,
            records: 0,
            reported_bytes: 0,
            reported_records: 0,
            joining_since_ms: None,
            joined_ms: 0,
            joined_since_report_ms: 0,
        }
    }

    pub(super) fn head(&self) -> String {
        let times = if self.is_detailed { "time, threadId" } else { "start.time, end.time" };
        format!(
            "{times}, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, \
             fetch.MB.sec, fetch.nMsg.sec"
        )
    }

    pub(super) fn start(&mut self) {
        let now = moment::now().as_millis();
        (self.start_ms, self.reported_ms, self.joining_since_ms) = (now, now, Some(now));
    }

    pub(super) fn rebalances(&mut self, now: i64) {
        self.joining_since_ms.get_or_insert(now);
    }

    pub(super) fn rebalanced(&mut self, now: i64) {
        let took = self.joining_since_ms.take().map_or(0, |since| now - since);
        self.joined_ms += took;
        self.joined_since_report_ms += took;
    }

    pub(super) fn read(&mut self, bytes: usize, now: i64, interval: i64) {
        self.records += 1;
        self.bytes += i64::try_from(bytes).unwrap_or(i64::MAX);
        if now - self.reported_ms < interval {
            return;
        }
        if self.is_detailed {
            println!("{}", self.line(now));
        }
        self.joined_since_report_ms = 0;
        self.reported_ms = now;
        (self.reported_records, self.reported_bytes) = (self.records, self.bytes);
    }

    /// A report of what came since the last one.
    fn line(&self, now: i64) -> String {
        let (records, bytes) = (self.records - self.reported_records, self.bytes - self.reported_bytes);
        let elapsed = now - self.reported_ms;
        let fetching = elapsed - self.joined_since_report_ms;
        let per_fetch = |amount: f64| if fetching <= 0 { 0.0 } else { amount / seconds(fetching) };
        format!(
            "{}, 0, {}, {}, {}, {}, {}, {fetching}, {}, {}",
            self.date_format.format(now),
            figure(float(self.bytes) / MIB, 4),
            figure(float(bytes) / MIB / seconds(elapsed), 4),
            self.records,
            figure(float(records) / seconds(elapsed), 4),
            self.joined_since_report_ms,
            figure(per_fetch(float(bytes) / MIB), 4),
            figure(per_fetch(float(records)), 4),
        )
    }

    pub(super) fn end(&self) {
        if !self.is_detailed {
            println!("{}", self.total(moment::now().as_millis()));
        }
    }

    fn total(&self, now: i64) -> String {
        let elapsed = seconds(now - self.start_ms);
        let fetching = now - self.start_ms - self.joined_ms;
        let mib = float(self.bytes) / MIB;
        format!(
            "{}, {}, {}, {}, {}, {}, {}, {fetching}, {}, {}",
            self.date_format.format(self.start_ms),
            self.date_format.format(now),
            figure(mib, 4),
            figure(mib / elapsed, 4),
            self.records,
            figure(float(self.records) / elapsed, 4),
            self.joined_ms,
            figure(mib / seconds(fetching), 4),
            figure(float(self.records) / seconds(fetching), 4),
        )
    }
}

fn seconds(millis: i64) -> f64 {
    float(millis) / 1000.0
}

#[allow(clippy::cast_precision_loss, reason = "what is shown has few digits")]
fn float(number: i64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kafkas() {
        let format = DateFormat::parse("ss:SSS").unwrap();
        let mut report = Report::new(format, true);
        (report.start_ms, report.reported_ms, report.joining_since_ms) = (1000, 1000, Some(1000));
        report.rebalanced(1500);
        (0..8).for_each(|_| report.read(1024 * 1024, 2000, 5000));
        assert_eq!(report.line(3000), "03:000, 0, 8.0000, 4.0000, 8, 4.0000, 500, 1500, 5.3333, 5.3333");
        assert_eq!(
            report.total(5000),
            "01:000, 05:000, 8.0000, 2.0000, 8, 2.0000, 500, 3500, 2.2857, 2.2857"
        );
        report.read(0, 7000, 5000);
        assert_eq!((report.reported_records, report.joined_since_report_ms), (9, 0));
    }
}
