//! The full model: every resource of a node is a constraint on the number of nodes; the largest is named.

use super::{Step, classic, count_up, load::Load, resources};
use crate::quantity::{Bytes, Rate, Span, short};

/// The share of a disk that is filled.
const DISK_FILL: f64 = 0.8;
/// Partition copies that one node is planned with.
const PARTITIONS_PER_NODE: f64 = 4000.0;
/// The size a segment is closed at (`log.segment.bytes`): retention frees whole segments only.
const SEGMENT_BYTES: f64 = 1_073_741_824.0;
/// The search for a number of nodes that recovers in time ends here.
const NODES_MAX: i64 = 10_000;

/// One thing that asks for nodes.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint {
    /// What: `diskBandwidth`, `networkOut`, ...
    pub name: &'static str,
    /// How many nodes it asks for, before rounding.
    pub nodes: f64,
    /// The arithmetic.
    pub text: String,
}

/// What the model says.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// All constraints, in a fixed order.
    pub constraints: Vec<Constraint>,
    /// The one that decides.
    pub binding: &'static str,
    /// Brokers to have, those that may be lost included.
    pub brokers: i64,
    /// Disk of each.
    pub volume: Bytes,
    /// Memory and CPU of each.
    pub resources: resources::Derived,
    /// The classic arithmetic and this one, in the order they are shown.
    pub steps: Vec<Step>,
}

/// Sizes a cluster for `load`.
#[must_use]
pub fn report(load: &Load) -> Report {
    let constraints = constraints(load);
    let mut binding = "diskBandwidth";
    let mut most = 0.0;
    for constraint in &constraints {
        if constraint.nodes > most {
            (binding, most) = (constraint.name, constraint.nodes);
        }
    }
    let carrying = count_up(most).max(1);
    let spare = i64::from(load.tolerate_failures);
    let mut steps = classic_steps(load);
    steps.extend(constraints.iter().map(|constraint| Step::new(constraint.name, constraint.text.clone())));
    steps.push(Step::new(
        "brokers",
        format!("{carrying} ({binding} decides) + {spare} that may be lost = {}", carrying + spare),
    ));
    let mut brokers = carrying + spare;
    if let Some(limit) = load.recovery_max {
        let (enough, step) = recover_within(load, limit, brokers);
        if enough > brokers {
            (brokers, binding) = (enough, "recoveryTime");
        }
        steps.push(step);
    }
    let volume = volume(load, brokers - spare);
    steps.push(Step::new(
        "volume",
        format!(
            "{} / {} brokers / {} % filled + open segments = {volume}",
            load.kept(),
            brokers - spare,
            short(DISK_FILL * 100.0)
        ),
    ));
    let resources = resources::derive(&resources::NodeLoad::share_of(load, brokers - spare));
    steps.extend(resources.steps.iter().cloned());
    Report { constraints, binding, brokers, volume, resources, steps }
}

fn classic_steps(load: &Load) -> Vec<Step> {
    let day = Span::from_days(1.0).seconds();
    let (messages_per_day, message) = load.messages.unwrap_or((load.average.get() * day, Bytes::new(1.0)));
    let disk = classic::disk(&classic::DiskLoad {
        messages_per_day,
        message,
        copies: load.copies,
        index_overhead: load.index_overhead,
        retention: load.retention,
        compression_ratio: load.compression_ratio,
    });
    let brokers = classic::brokers(load.peak, load.node_network, load.copies);
    let classic = disk.steps.into_iter().chain(brokers.steps);
    classic.map(|step| Step { title: format!("classic: {}", step.title), ..step }).collect()
}

fn constraints(load: &Load) -> Vec<Constraint> {
    let (peak, copies, fan_out, used) =
        (load.peak.get(), f64::from(load.copies), f64::from(load.fan_out), load.used_share);
    let percent = short(used * 100.0);
    let written = Rate::new(peak * copies);
    let stored = Rate::new(peak * copies * load.stored_ratio());
    let sent = Rate::new(peak * (fan_out + copies - 1.0));
    let per_rate = |name, what: Rate, node: Rate| {
        let nodes = what.get() / (node.get() * used);
        Constraint { name, nodes, text: format!("{what} / ({node} x {percent} %) = {}", short(nodes)) }
    };
    let filled = Bytes::new(load.node_disk_max.get() * DISK_FILL);
    let space = load.kept().get() / filled.get();
    let replicas = f64::from(load.partitions) * copies;
    let cpu_rate = resources::weighted(written, sent);
    let cores = cpu_rate.get() / resources::RATE_PER_CORE;
    vec![
        per_rate("diskBandwidth", stored, load.node_disk_bandwidth),
        per_rate("networkIn", written, load.node_network),
        per_rate("networkOut", sent, load.node_network),
        Constraint {
            name: "space",
            nodes: space,
            text: format!(
                "{} / ({} x {} %) = {}",
                load.kept(),
                load.node_disk_max,
                short(DISK_FILL * 100.0),
                short(space)
            ),
        },
        Constraint {
            name: "partitions",
            nodes: replicas / PARTITIONS_PER_NODE,
            text: format!(
                "{replicas:.0} copies / {PARTITIONS_PER_NODE:.0} = {}",
                short(replicas / PARTITIONS_PER_NODE)
            ),
        },
        Constraint {
            name: "cpu",
            nodes: cores / (load.node_cpu * used),
            text: format!(
                "{cpu_rate} weighted / {} for each core / ({} cores x {percent} %) = {}",
                Rate::new(resources::RATE_PER_CORE),
                short(load.node_cpu),
                short(cores / (load.node_cpu * used))
            ),
        },
        Constraint {
            name: "copies",
            nodes: copies,
            text: format!("{} copies on different brokers", load.copies),
        },
        Constraint {
            name: "racks",
            nodes: f64::from(load.racks),
            text: format!("{} zones with a broker each", load.racks),
        },
    ]
}

/// The fewest brokers, from `brokers` on, that copy a lost one's data within `limit`.
fn recover_within(load: &Load, limit: Span, brokers: i64) -> (i64, Step) {
    let mut count = brokers;
    loop {
        let time = recovery_time(load, count);
        if time <= limit || count >= NODES_MAX {
            let verdict = if time <= limit { "within" } else { "never within" };
            let text = format!("{count} brokers copy a lost one's data in {time}, {verdict} {limit}");
            return (count, Step::new("recoveryTime", text));
        }
        count += 1;
    }
}

fn recovery_time(load: &Load, brokers: i64) -> Span {
    let count = real(brokers);
    let written = load.peak.get() * f64::from(load.copies) / count;
    let spare_network = load.node_network.get() - written;
    let spare_disk = load.node_disk_bandwidth.get() - written * load.stored_ratio();
    let spare = spare_network.min(spare_disk);
    Span::from_seconds(if spare > 0.0 { load.kept().get() / count / spare } else { f64::INFINITY })
}

fn volume(load: &Load, carrying: i64) -> Bytes {
    let carrying = real(carrying.max(1));
    let partition = load.kept().get() / (f64::from(load.partitions) * f64::from(load.copies));
    let open = partition.min(SEGMENT_BYTES) * f64::from(load.partitions) * f64::from(load.copies) / carrying;
    Bytes::new(load.kept().get() / carrying / DISK_FILL + open)
}

/// A number of nodes as a real number: it is far below 2^53.
fn real(count: i64) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

#[cfg(test)]
mod tests {
    use operator_api::{Ingress, NodeShape, Sizing};

    use super::*;

    fn sizing() -> Sizing {
        Sizing {
            ingress: Some(Ingress { peak: "300MB/s".to_owned(), average: Some("120MB/s".to_owned()) }),
            fan_out: Some(3),
            retention: Some("3d".to_owned()),
            partitions: Some(6000),
            index_overhead: Some(0.0),
            node: Some(NodeShape {
                cpu: Some(4.0),
                network: Some("10Gb/s".to_owned()),
                disk_bandwidth: Some("250MB/s".to_owned()),
                max_disk: Some("20TB".to_owned()),
                ..NodeShape::default()
            }),
            ..Sizing::default()
        }
    }

    fn of(sizing: &Sizing) -> Report {
        report(&Load::read(sizing).expect("a load"))
    }

    fn nodes(report: &Report, name: &str) -> f64 {
        report.constraints.iter().find(|constraint| constraint.name == name).expect("a constraint").nodes
    }

    #[test]
    fn every_resource_is_a_constraint() {
        let report = of(&sizing());
        let expected = [
            ("diskBandwidth", 900.0 / 175.0),
            ("networkIn", 900.0 / 875.0),
            ("networkOut", 1500.0 / 875.0),
            ("space", 93_312.0 / 16_000.0),
            ("partitions", 4.5),
            ("cpu", (900.0 + 1500.0 / 4.0) / 100.0 / 2.8),
            ("copies", 3.0),
            ("racks", 1.0),
        ];
        for (name, value) in expected {
            assert!((nodes(&report, name) - value).abs() < 1e-9, "{name}: {}", nodes(&report, name));
        }
        assert_eq!((report.binding, report.brokers), ("space", 7));
    }

    #[test]
    fn the_binding_constraint_changes_with_the_load() {
        let node = |change: fn(&mut NodeShape)| {
            let mut sizing = sizing();
            change(sizing.node.as_mut().expect("a node"));
            of(&sizing).binding
        };
        assert_eq!(node(|node| node.disk_bandwidth = Some("50MB/s".to_owned())), "diskBandwidth");
        assert_eq!(node(|node| node.network = Some("1Gb/s".to_owned())), "networkOut");
        assert_eq!(node(|node| node.cpu = Some(1.0)), "cpu");
        assert_eq!(of(&Sizing { partitions: Some(100_000), ..sizing() }).binding, "partitions");
        assert_eq!(
            of(&Sizing {
                fan_out: Some(0),
                ingress: Some(Ingress { peak: "1kB/s".to_owned(), average: None }),
                ..sizing()
            })
            .binding,
            "partitions"
        );
        let small = Sizing {
            partitions: Some(10),
            ingress: Some(Ingress { peak: "1kB/s".to_owned(), average: None }),
            ..sizing()
        };
        assert_eq!((of(&small).binding, of(&small).brokers), ("copies", 4));
        assert_eq!(of(&Sizing { racks: Some(5), ..small }).binding, "racks");
    }

    #[test]
    fn recovery_in_time_may_ask_for_more_and_smaller_brokers() {
        let report = of(&Sizing { max_recovery_time: Some("10h".to_owned()), ..sizing() });
        assert_eq!(report.binding, "recoveryTime");
        let load = Load::read(&sizing()).expect("a load");
        assert!(recovery_time(&load, report.brokers) <= Span::from_seconds(36_000.0));
        assert!(recovery_time(&load, report.brokers - 1) > Span::from_seconds(36_000.0));
    }

    #[test]
    fn more_load_never_asks_for_fewer_brokers() {
        let brokers = |peak: u32| {
            let ingress = Some(Ingress { peak: format!("{peak}MB/s"), average: None });
            of(&Sizing { ingress, ..sizing() }).brokers
        };
        let found: Vec<_> = (1..200).step_by(7).map(|tens| brokers(tens * 10)).collect();
        assert!(found.is_sorted(), "{found:?}");
    }

    #[test]
    fn one_copy_on_one_node_is_a_size_too() {
        let ingress = Some(Ingress { peak: "1MB/s".to_owned(), average: None });
        let report =
            of(&Sizing { ingress, replication_factor: Some(1), partitions: Some(3), ..Sizing::default() });
        assert_eq!((report.brokers, report.binding), (1, "copies"));
    }
}
