//! Nodes that each have a network of their own, joined by a switch that the test holds: wires can be pulled, and packets
//! dropped in one direction.
//!
//! The test's own thread, and what it starts, is at the switch. Nothing there leads to another network.

use std::fs::File;
use std::net::Ipv4Addr;
use std::os::fd::AsFd;

use anyhow::{Context, Result};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use tests_compat::{Cluster, Kind, Spec};

use crate::namespace::Namespace;
use crate::shape::quick;

/// The switch, with the test at 10.99.0.254, and node 1 at 10.99.0.1 and so on.
pub(crate) struct Wires {
    switch: Namespace,
    nodes: Vec<Namespace>,
}

fn host(id: usize) -> Ipv4Addr {
    Ipv4Addr::new(10, 99, 0, u8::try_from(id).unwrap_or(u8::MAX))
}

impl Wires {
    /// Lays the wires and moves this thread to the switch.
    pub(crate) fn lay(count: usize) -> Result<Self> {
        let switch = Namespace::open(
            &["net"],
            "ip link set lo up\n\
             ip link add switch type bridge\n\
             ip addr add 10.99.0.254/24 dev switch\n\
             ip link set switch up",
        )?;
        let mut nodes = Vec::new();
        for id in 1..=count {
            let node = Namespace::open(&["net"], "ip link set lo up")?;
            let (wire, pid) = (format!("node{id}"), node.pid().to_string());
            let pair = ["type", "veth", "peer", "name", "eth0", "netns", &pid];
            switch.run(&[&["ip", "link", "add", &wire][..], &pair].concat())?;
            switch.run(&["ip", "link", "set", &wire, "master", "switch", "up"])?;
            node.run(&["ip", "addr", "add", &format!("{}/24", host(id)), "dev", "eth0"])?;
            node.run(&["ip", "link", "set", "eth0", "up"])?;
            nodes.push(node);
        }
        let own = File::open(format!("/proc/{}/ns/net", switch.pid()))?;
        move_into_link_name_space(own.as_fd(), Some(LinkNameSpaceType::Network))
            .context("this thread cannot move to the switch")?;
        Ok(Self { switch, nodes })
    }

    /// A combined node on each wire.
    pub(crate) fn start(&self) -> Result<Cluster> {
        let spec = |(id, node): (usize, &Namespace)| -> Result<Spec> {
            Ok(quick(Spec::new(Kind::under_test()?)).host(host(id)).launcher(&node.enter()))
        };
        Cluster::start_specs((1..).zip(&self.nodes).map(spec).collect::<Result<_>>()?)
    }

    /// Pulls a node's wire: what is sent to it, and by it, is gone without a word.
    pub(crate) fn pull(&self, id: usize) -> Result<()> {
        self.switch.run(&["ip", "link", "set", &format!("node{id}"), "down"]).map(drop)
    }

    /// Plugs it in again.
    pub(crate) fn plug(&self, id: usize) -> Result<()> {
        self.switch.run(&["ip", "link", "set", &format!("node{id}"), "up"]).map(drop)
    }

    /// Drops what one node sends to another; what comes back the other way arrives.
    pub(crate) fn deafen(&self, from: usize, to: usize) -> Result<()> {
        self.filter("-A", from, to)
    }

    /// Ends [`Wires::deafen`].
    pub(crate) fn hear(&self, from: usize, to: usize) -> Result<()> {
        self.filter("-D", from, to)
    }

    fn filter(&self, what: &str, from: usize, to: usize) -> Result<()> {
        let to = host(to).to_string();
        self.nodes[from - 1].run(&["iptables", "-w", what, "OUTPUT", "-d", &to, "-j", "DROP"]).map(drop)
    }
}
