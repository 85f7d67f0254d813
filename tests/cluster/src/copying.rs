//! The program `copy` beside the cluster: a topic that is copied to another in transactions, read by a group, and judged.

use crate::{beside::Beside, client::Client, kube::Kube};

/// A running copy.
#[derive(Debug)]
pub struct Copying(Beside);

impl Copying {
    /// Makes the topics `from` and `to`, and starts `program` on them; records are copied when this returns.
    pub fn start(kube: &Kube, program: &str, bootstrap: &str, client: &Client<'_>) -> Self {
        for topic in ["from", "to"] {
            client.must(&["topic", "create", topic, "--partitions", "3"]);
        }
        let mut copying = Self(Beside::start(kube, &[program, bootstrap]));
        copying.more(1);
        copying
    }

    /// Waits until so many more records of every partition are copied.
    pub fn more(&mut self, records: u64) {
        let mut copied = || self.0.ask("")["copied"].as_u64().expect("a number");
        let goal = copied() + records;
        while copied() < goal {}
    }

    /// Ends it: everything is copied once, in order, nothing that was aborted was seen, by the group either, no producer
    /// failed, and both groups have committed all.
    pub fn end_exactly_once(self) {
        let told = self.0.end();
        eprintln!("copied: {told}");
        assert_eq!(told["aborted"], true, "there was something not to be seen: {told}");
        assert_eq!(told["changes"], 0, "readers kept their partitions: {told}");
    }
}
