//! Memory and CPU of a node, without a JVM: a working set that is computed, and page cache for what was just written.

use super::{Step, load::Load};
use crate::quantity::{Bytes, Rate, short};

const MIB: f64 = 1_048_576.0;
/// What a broker holds before it has a partition or a client.
const BASE: Bytes = Bytes::new(48.0 * MIB);
/// What a partition copy adds: indexes of its active segment, producer state, its share of the metadata.
const PER_PARTITION: Bytes = Bytes::new(24.0 * 1024.0);
/// What a client connection adds: its buffers and its fetch session.
const PER_CONNECTION: Bytes = Bytes::new(64.0 * 1024.0);
/// How many seconds of writes the page cache should hold, so that consumers which keep up never touch the disk.
const CACHED_SECONDS: f64 = 30.0;
/// The planned traffic of one core, in weighted bytes each second.
pub(crate) const RATE_PER_CORE: f64 = 100e6;
/// What a node is assumed to write when nobody says.
const ASSUMED_WRITES: Rate = Rate::new(4e6);
const ASSUMED_PARTITIONS: f64 = 1000.0;
const ASSUMED_CONNECTIONS: f64 = 1000.0;
/// The least room for the page cache above what is requested.
const CACHE_LEAST: Bytes = Bytes::new(192.0 * MIB);
/// No less is requested, in thousandths of a core.
const CPU_LEAST: i64 = 100;

/// What one node has to bear.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NodeLoad {
    /// What it writes, copies for others included.
    pub writes: Rate,
    /// What it sends to consumers and other brokers.
    pub sends: Rate,
    /// Partition copies on it.
    pub partitions: f64,
    /// Connections to it.
    pub connections: f64,
}

impl NodeLoad {
    /// What is assumed when nobody says.
    #[must_use]
    pub const fn assumed() -> Self {
        Self {
            writes: ASSUMED_WRITES,
            sends: ASSUMED_WRITES,
            partitions: ASSUMED_PARTITIONS,
            connections: ASSUMED_CONNECTIONS,
        }
    }

    /// The share of `load` that each of `brokers` brokers bears.
    #[must_use]
    pub fn share_of(load: &Load, brokers: i64) -> Self {
        let brokers = u32::try_from(brokers.max(1)).map_or(f64::from(u32::MAX), f64::from);
        // A cluster of fewer brokers than copies holds as many copies as it has brokers.
        let copies = f64::from(load.copies).min(brokers);
        Self {
            writes: Rate::new(load.peak.get() * copies / brokers),
            sends: Rate::new(load.peak.get() * (f64::from(load.fan_out) + copies - 1.0) / brokers),
            partitions: f64::from(load.partitions) * copies / brokers,
            connections: f64::from(load.connections) / brokers,
        }
    }
}

/// Memory and CPU of a node.
#[derive(Clone, Debug, PartialEq)]
pub struct Derived {
    /// Memory that is set aside for it.
    pub memory_request: Bytes,
    /// Memory that it may use: as much again, so that the page cache has room at a peak.
    pub memory_limit: Bytes,
    /// CPU that is set aside, in thousandths of a core. There is no limit: an idle core is of no use.
    pub cpu_request_millis: i64,
    /// How these came about.
    pub steps: Vec<Step>,
}

/// Memory = base + partitions + connections + 30 s of writes; CPU = weighted traffic / planned traffic of a core.
#[must_use]
pub fn derive(load: &NodeLoad) -> Derived {
    let working_set = Bytes::new(
        BASE.get() + load.partitions * PER_PARTITION.get() + load.connections * PER_CONNECTION.get(),
    );
    let cache = Bytes::new(load.writes.get() * CACHED_SECONDS);
    let memory_request = Bytes::new(((working_set.get() + cache.get()) / MIB).ceil() * MIB);
    let memory_limit = Bytes::new(memory_request.get() + memory_request.get().max(CACHE_LEAST.get()));
    let traffic = weighted(load.writes, load.sends);
    let cpu_request_millis = super::count_up(traffic.get() / RATE_PER_CORE * 1000.0).max(CPU_LEAST);
    let mebibytes = |bytes: Bytes| format!("{}Mi", short(bytes.get() / MIB));
    let steps = vec![
        Step::new(
            "memory",
            format!(
                "{} + {:.0} partitions x {}Ki + {:.0} connections x {}Ki + {} written x {} s cached = {}",
                mebibytes(BASE),
                load.partitions.ceil(),
                short(PER_PARTITION.get() / 1024.0),
                load.connections.ceil(),
                short(PER_CONNECTION.get() / 1024.0),
                load.writes,
                short(CACHED_SECONDS),
                mebibytes(memory_request)
            ),
        ),
        Step::new(
            "memory limit",
            format!(
                "{} + as much again, at least {}, for the page cache = {}",
                mebibytes(memory_request),
                mebibytes(CACHE_LEAST),
                mebibytes(memory_limit)
            ),
        ),
        Step::new(
            "cpu",
            format!(
                "{traffic} weighted / {} for each core, at least {CPU_LEAST}m = {cpu_request_millis}m",
                Rate::new(RATE_PER_CORE)
            ),
        ),
    ];
    Derived { memory_request, memory_limit, cpu_request_millis, steps }
}

/// Traffic weighted by its cost: sending what is cached costs a quarter of taking it in.
pub(crate) fn weighted(writes: Rate, sends: Rate) -> Rate {
    Rate::new(writes.get() + sends.get() / 4.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_working_set_and_thirty_seconds_of_writes() {
        let derived = derive(&NodeLoad {
            writes: Rate::new(10.0 * MIB),
            sends: Rate::new(0.0),
            partitions: 1024.0,
            connections: 160.0,
        });
        assert_eq!(derived.memory_request, Bytes::new((48.0 + 24.0 + 10.0 + 300.0) * MIB));
        assert_eq!(derived.memory_limit, Bytes::new(764.0 * MIB));
        assert_eq!(derived.cpu_request_millis, 105);
    }

    #[test]
    fn a_cluster_that_nobody_describes_gets_a_small_node() {
        let derived = derive(&NodeLoad::assumed());
        assert_eq!(derived.memory_request, Bytes::new(249.0 * MIB));
        assert_eq!(derived.cpu_request_millis, CPU_LEAST);
        assert_eq!(
            derived.steps[0].to_string(),
            "memory: 48Mi + 1000 partitions x 24Ki + 1000 connections x 64Ki + 4 MB/s written x 30 s cached = 249Mi"
        );
    }
}
