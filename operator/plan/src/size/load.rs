//! The load as the model wants it: `spec.sizing` with its text read and its gaps filled.

use std::str::FromStr;

use operator_api::Sizing;

use crate::quantity::{Bytes, InvalidQuantity, Rate, Span};

/// A field of `spec.sizing` that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct InvalidSizing {
    /// Which field.
    pub field: &'static str,
    /// Why not.
    pub reason: String,
}

/// The load, and what one node can do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// What producers write at the busiest time.
    pub peak: Rate,
    /// What they write over a day.
    pub average: Rate,
    /// Messages a day and bytes of each, when the load was said so.
    pub messages: Option<(f64, Bytes)>,
    /// How many consumers read everything.
    pub fan_out: u16,
    /// Copies of every record.
    pub copies: u16,
    /// How long records are kept.
    pub retention: Span,
    /// Stored bytes for each written one.
    pub compression_ratio: f64,
    /// Bytes of index for each byte of log.
    pub index_overhead: f64,
    /// Partitions, without their copies.
    pub partitions: u32,
    /// Client connections.
    pub connections: u32,
    /// Nodes that may be lost.
    pub tolerate_failures: u16,
    /// The share of each node that is used: 1 - headroom.
    pub used_share: f64,
    /// How long copying a lost node's data may take.
    pub recovery_max: Option<Span>,
    /// Zones.
    pub racks: u16,
    /// Cores of a node.
    pub node_cpu: f64,
    /// Memory of a node.
    pub node_memory: Bytes,
    /// Network of a node, each way.
    pub node_network: Rate,
    /// What a node's disks write together.
    pub node_disk_bandwidth: Rate,
    /// The most a node's disks hold.
    pub node_disk_max: Bytes,
}

impl Load {
    /// Reads `sizing`; what it does not say is as documented at its fields.
    ///
    /// # Errors
    /// Names the field that is not the quantity it should be, or that nothing can be computed from.
    pub fn read(sizing: &Sizing) -> Result<Self, InvalidSizing> {
        let messages = match &sizing.messages {
            Some(messages) => {
                let size: Bytes = read("spec.sizing.messages.size", &messages.size)?;
                Some((whole("spec.sizing.messages.perDay", messages.per_day)?, size))
            }
            None => None,
        };
        let said =
            messages.map(|(count, size)| Rate::new(count * size.get() / Span::from_days(1.0).seconds()));
        let (peak, average) = match &sizing.ingress {
            Some(ingress) => {
                let peak: Rate = read("spec.sizing.ingress.peak", &ingress.peak)?;
                let average =
                    read_or("spec.sizing.ingress.average", ingress.average.as_deref(), said.unwrap_or(peak))?;
                (peak, average)
            }
            None => {
                let reason = "either this or spec.sizing.messages must be given".to_owned();
                let said = said.ok_or(InvalidSizing { field: "spec.sizing.ingress", reason })?;
                (said, said)
            }
        };
        positive("spec.sizing.ingress", peak.get())?;
        let node = sizing.node.clone().unwrap_or_default();
        let copies = sizing.replication_factor.unwrap_or(3).max(1);
        let network =
            read_or("spec.sizing.node.network", node.network.as_deref(), Rate::from_megabits(10_000.0))?;
        let disk =
            read_or("spec.sizing.node.diskBandwidth", node.disk_bandwidth.as_deref(), Rate::new(250e6))?;
        let tebibytes_2 = Bytes::new(2.0 * 1_099_511_627_776.0);
        let disk_max = read_or("spec.sizing.node.maxDisk", node.max_disk.as_deref(), tebibytes_2)?;
        positive("spec.sizing.node.network", network.get())?;
        positive("spec.sizing.node.diskBandwidth", disk.get())?;
        positive("spec.sizing.node.maxDisk", disk_max.get())?;
        let recovery_max = sizing.max_recovery_time.as_deref();
        Ok(Self {
            peak,
            average,
            messages,
            fan_out: sizing.fan_out.unwrap_or(1),
            copies,
            retention: read_or("spec.sizing.retention", sizing.retention.as_deref(), Span::from_days(7.0))?,
            compression_ratio: share(
                "spec.sizing.compressionRatio",
                sizing.compression_ratio.unwrap_or(1.0),
            )?,
            index_overhead: sizing.index_overhead.unwrap_or(0.1).clamp(0.0, 1.0),
            partitions: sizing.partitions.unwrap_or(1000).max(1),
            connections: sizing.connections.unwrap_or(1000).max(1),
            tolerate_failures: sizing.tolerate_failures.unwrap_or(u16::from(copies > 1)),
            used_share: share("spec.sizing.headroom", 1.0 - sizing.headroom.unwrap_or(0.3))?,
            recovery_max: recovery_max.map(|text| read("spec.sizing.maxRecoveryTime", text)).transpose()?,
            racks: sizing.racks.unwrap_or(1).max(1),
            node_cpu: positive("spec.sizing.node.cpu", node.cpu.unwrap_or(4.0))?,
            node_memory: read_or(
                "spec.sizing.node.memory",
                node.memory.as_deref(),
                Bytes::new(17_179_869_184.0),
            )?,
            node_network: network,
            node_disk_bandwidth: disk,
            node_disk_max: disk_max,
        })
    }

    /// Bytes that are kept for each byte that producers write, on each copy.
    #[must_use]
    pub fn stored_ratio(&self) -> f64 {
        self.compression_ratio * (1.0 + self.index_overhead)
    }

    /// All bytes that are kept, with copies and indexes.
    #[must_use]
    pub fn kept(&self) -> Bytes {
        Bytes::new(
            self.average.get() * self.retention.seconds() * f64::from(self.copies) * self.stored_ratio(),
        )
    }
}

fn read<Q: FromStr<Err = InvalidQuantity>>(field: &'static str, text: &str) -> Result<Q, InvalidSizing> {
    text.parse().map_err(|error: InvalidQuantity| InvalidSizing { field, reason: error.to_string() })
}

fn read_or<Q: FromStr<Err = InvalidQuantity>>(
    field: &'static str,
    text: Option<&str>,
    otherwise: Q,
) -> Result<Q, InvalidSizing> {
    text.map_or(Ok(otherwise), |text| read(field, text))
}

fn positive(field: &'static str, value: f64) -> Result<f64, InvalidSizing> {
    if value > 0.0 && value.is_finite() {
        Ok(value)
    } else {
        Err(InvalidSizing { field, reason: "must be more than nothing".to_owned() })
    }
}

fn share(field: &'static str, value: f64) -> Result<f64, InvalidSizing> {
    if value > 0.0 && value <= 1.0 {
        Ok(value)
    } else {
        Err(InvalidSizing { field, reason: "must leave more than nothing, and no more than all".to_owned() })
    }
}

/// A count as a real number; exact up to 2^53, which is more than there are.
fn whole(field: &'static str, count: i64) -> Result<f64, InvalidSizing> {
    #[allow(clippy::cast_precision_loss)]
    positive(field, count as f64)
}

#[cfg(test)]
mod tests {
    use operator_api::{Ingress, Messages};

    use super::*;

    #[test]
    fn what_is_not_said_has_a_documented_value() {
        let ingress = Some(Ingress { peak: "10MB/s".to_owned(), average: None });
        let load = Load::read(&Sizing { ingress, ..Sizing::default() }).expect("a load");
        assert_eq!(
            (load.peak, load.average, load.copies, load.tolerate_failures),
            (Rate::new(1e7), Rate::new(1e7), 3, 1)
        );
    }

    #[test]
    fn messages_are_a_load_too() {
        let messages = Some(Messages { per_day: 86_400, size: "1KB".to_owned() });
        let load = Load::read(&Sizing { messages, ..Sizing::default() }).expect("a load");
        assert_eq!(load.average, Rate::new(1000.0));
    }

    #[test]
    fn a_wrong_quantity_names_its_field() {
        let ingress = Some(Ingress { peak: "10 bananas/s".to_owned(), average: None });
        let error = Load::read(&Sizing { ingress, ..Sizing::default() }).expect_err("no load");
        assert_eq!(error.field, "spec.sizing.ingress.peak");
        assert_eq!(Load::read(&Sizing::default()).expect_err("no load").field, "spec.sizing.ingress");
        let ingress = Some(Ingress { peak: "1MB/s".to_owned(), average: None });
        let sizing = Sizing { ingress, headroom: Some(1.0), ..Sizing::default() };
        assert_eq!(Load::read(&sizing).expect_err("no load").field, "spec.sizing.headroom");
    }
}
