//! The classic arithmetic: disk from messages and retention, brokers from network bandwidth.

use super::{Step, count_up};
use crate::quantity::{Bytes, Rate, Span, short};

/// The share of a network card that is planned with.
const NETWORK_SHARE: f64 = 0.7;
/// What each written byte costs a broker's network, roughly: receive it, and send it to a replica and a consumer.
const NETWORK_USES: f64 = 3.0;

/// What is known of the data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DiskLoad {
    /// Messages a day.
    pub messages_per_day: f64,
    /// Bytes of one.
    pub message: Bytes,
    /// How many copies are kept of each.
    pub copies: u16,
    /// Bytes of index for each byte of log: 0.1 for 10 %.
    pub index_overhead: f64,
    /// How long they are kept.
    pub retention: Span,
    /// Stored bytes for each written one: 0.75 for a quarter saved.
    pub compression_ratio: f64,
}

/// The disk that the data needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Disk {
    /// What is added in a day, with copies and indexes.
    pub per_day: Bytes,
    /// What is kept.
    pub kept: Bytes,
    /// What is kept, compressed.
    pub compressed: Bytes,
    /// How it is computed.
    pub steps: Vec<Step>,
}

/// Disk = messages a day x size x copies x (1 + index) x retention x compression.
#[must_use]
pub fn disk(load: &DiskLoad) -> Disk {
    let raw = load.messages_per_day * load.message.get();
    let per_day = Bytes::new(raw * f64::from(load.copies) * (1.0 + load.index_overhead));
    let kept = Bytes::new(per_day.get() * load.retention.days());
    let compressed = Bytes::new(kept.get() * load.compression_ratio);
    let steps = vec![
        Step::new(
            "disk a day",
            format!(
                "{} messages x {} x {} copies x {} with indexes = {per_day}",
                short_count(load.messages_per_day),
                load.message,
                load.copies,
                short(1.0 + load.index_overhead)
            ),
        ),
        Step::new("disk kept", format!("{per_day} x {} days = {kept}", short(load.retention.days()))),
        Step::new("disk compressed", format!("{kept} x {} = {compressed}", short(load.compression_ratio))),
    ];
    Disk { per_day, kept, compressed, steps }
}

/// The brokers that the traffic needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Brokers {
    /// What one broker takes in.
    pub usable: Rate,
    /// For the traffic alone.
    pub for_traffic: i64,
    /// With the copies.
    pub with_copies: i64,
    /// How it is computed.
    pub steps: Vec<Step>,
}

/// Brokers = ceil(target / (network card x 70 % / 3)) x copies.
#[must_use]
pub fn brokers(target: Rate, network: Rate, copies: u16) -> Brokers {
    let usable = Rate::new(network.get() * NETWORK_SHARE / NETWORK_USES);
    let for_traffic = count_up(target.get() / usable.get());
    let with_copies = for_traffic.saturating_mul(i64::from(copies));
    let [card, use_of_it, wanted] = [network, usable, target].map(|rate| format!("{} Mb/s", megabits(rate)));
    let said = if megabits(usable) == "233" { " (said as 240)" } else { "" };
    let steps = vec![
        Step::new("usable for each broker", format!("{card} x 70 % / 3 = {use_of_it}{said}")),
        Step::new("brokers for the traffic", format!("{wanted} / {use_of_it}, rounded up = {for_traffic}")),
        Step::new("brokers with the copies", format!("{for_traffic} x {copies} = {with_copies}")),
    ];
    Brokers { usable, for_traffic, with_copies, steps }
}

fn megabits(rate: Rate) -> String {
    let digits = format!("{:.0}", rate.megabits());
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn short_count(count: f64) -> String {
    if count >= 1e6 { format!("{} million", short(count / 1e6)) } else { format!("{count:.0}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(steps: &[Step]) -> Vec<String> {
        steps.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_hundred_million_messages_a_day_for_two_weeks() {
        let disk = disk(&DiskLoad {
            messages_per_day: 100e6,
            message: Bytes::new(1000.0),
            copies: 2,
            index_overhead: 0.1,
            retention: Span::from_days(14.0),
            compression_ratio: 0.75,
        });
        assert_eq!(
            texts(&disk.steps),
            [
                "disk a day: 100 million messages x 1 kB x 2 copies x 1.1 with indexes = 220 GB",
                "disk kept: 220 GB x 14 days = 3.08 TB",
                "disk compressed: 3.08 TB x 0.75 = 2.31 TB",
            ]
        );
    }

    #[test]
    fn a_terabyte_in_an_hour() {
        let target = "1TB/h".parse().expect("a rate");
        let brokers = brokers(target, Rate::from_megabits(1000.0), 3);
        assert_eq!((brokers.for_traffic, brokers.with_copies), (10, 30));
        assert_eq!(
            texts(&brokers.steps),
            [
                "usable for each broker: 1,000 Mb/s x 70 % / 3 = 233 Mb/s (said as 240)",
                "brokers for the traffic: 2,222 Mb/s / 233 Mb/s, rounded up = 10",
                "brokers with the copies: 10 x 3 = 30",
            ]
        );
    }

    #[test]
    fn a_gigabit_a_second() {
        let brokers = brokers(Rate::from_megabits(1000.0), Rate::from_megabits(1000.0), 3);
        assert_eq!((brokers.for_traffic, brokers.with_copies), (5, 15));
    }
}
