//! The program `load` beside the cluster: producers whose every acknowledgement is checked at the end.

use crate::{beside::Beside, kube::Kube};

/// A running load.
#[derive(Debug)]
pub struct Load(Beside);

/// What happened since the last look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since {
    /// The longest time in which some partition acknowledged nothing, in milliseconds.
    pub silence_ms: u64,
    /// Deliveries that failed for good, since the beginning.
    pub failed: u64,
    /// The acknowledged records of the partition that has fewest, since the beginning.
    pub fewest: u64,
}

/// What came of all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Records that were acknowledged.
    pub acknowledged: u64,
    /// Deliveries that failed for good.
    pub failed: u64,
    /// Acknowledged records that are not there.
    pub lost: u64,
    /// Records that are there twice, or out of order.
    pub wrong: u64,
}

impl Load {
    /// The same over connections as these properties say.
    pub fn start_secure(
        kube: &Kube,
        program: &str,
        bootstrap: &str,
        (topic, partitions): (&str, u32),
        properties: &str,
    ) -> Self {
        let mut load =
            Self(Beside::start(kube, &[program, bootstrap, topic, &partitions.to_string(), properties]));
        load.more(1);
        load.since();
        load
    }

    /// Starts `program` against these brokers; it writes to all `partitions` of the topic when this returns.
    pub fn start(kube: &Kube, program: &str, bootstrap: &str, topic: &str, partitions: u32) -> Self {
        let mut load = Self(Beside::start(kube, &[program, bootstrap, topic, &partitions.to_string()]));
        load.more(1);
        load.since();
        load
    }

    /// What happened since this was asked last.
    pub fn since(&mut self) -> Since {
        let told = self.0.ask("");
        let number = |key: &str| told[key].as_u64().expect("a number");
        Since { silence_ms: number("silenceMs"), failed: number("failed"), fewest: number("fewest") }
    }

    /// The active controller.
    pub fn leader(&mut self) -> i64 {
        self.0.ask("leader")["leader"].as_i64().expect("a node")
    }

    /// Waits until every partition acknowledged so many more records; gives what happened meanwhile.
    pub fn more(&mut self, records: u64) -> Since {
        let first = self.since();
        let mut all = first;
        while all.fewest < first.fewest + records {
            assert_eq!(all.failed, 0, "a delivery failed: {all:?}");
            let now = self.since();
            all = Since { silence_ms: all.silence_ms.max(now.silence_ms), ..now };
        }
        all
    }

    /// Ends the load: everything that was acknowledged is there, once, in order, and no delivery failed.
    pub fn end_without_loss(self) {
        let outcome = self.end();
        let expected = Outcome { failed: 0, lost: 0, wrong: 0, ..outcome };
        assert_eq!(outcome, expected);
        eprintln!("{} records acknowledged and there", outcome.acknowledged);
    }

    /// Ends the load and has everything read back.
    pub fn end(self) -> Outcome {
        let told = self.0.end();
        let number = |key: &str| told[key].as_u64().expect("a number");
        Outcome {
            acknowledged: number("acknowledged"),
            failed: number("failed"),
            lost: number("lost"),
            wrong: number("wrong"),
        }
    }
}
