//! Java clients that use up their quotas, on Apache Kafka and on the broker under test.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};
use tests_compat::{Kind, Spec, java_program};

/// Bytes a second.
const RATE: u64 = 200_000;
/// So many seconds' worth is sent and read.
const SECONDS: u64 = 8;
/// With two windows of a second a client that begins has one at once, and up to two where they meet.
const AT_ONCE: u64 = 2;

/// Milliseconds by what took them.
struct Told(BTreeMap<String, u64>);

impl Told {
    fn of(kind: Kind) -> Result<Self> {
        let mut spec = Spec::new(kind);
        for windows in ["quota.window.num", "controller.quota.window.num"] {
            spec = spec.set(windows, "2");
        }
        let broker = spec.start()?;
        let told = java_program("Quotas.java")?
            .args([broker.bootstrap(), RATE.to_string(), SECONDS.to_string()])
            .limit(Duration::from_secs(300))
            .stdout()?;
        let line = |line: &str| {
            let (what, millis) = line.split_once('\t').context("two columns")?;
            Ok((what.to_owned(), millis.parse()?))
        };
        Ok(Self(told.lines().map(line).collect::<Result<_>>()?))
    }

    fn millis(&self, what: &str) -> u64 {
        *self.0.get(what).unwrap_or_else(|| panic!("{what} is not in {:?}", self.0))
    }

    fn throttled(&self, what: &str) -> u64 {
        self.millis(&format!("{what}, throttled"))
    }

    /// Only from below: how much longer it takes is a matter of the machine.
    fn check(&self, who: &str) {
        let all = &self.0;
        for what in ["written", "read"] {
            let (took, least) = (self.millis(what), (SECONDS - AT_ONCE) * 1_000);
            assert!(took >= least, "{who}: {what} in {took} ms, with its quota at least {least}: {all:?}");
            assert!(self.throttled(what) > 0, "{who}: {all:?}");
            for freely in [format!("{what} with more"), format!("{what} without")] {
                assert_eq!(self.throttled(&freely), 0, "{who}: {freely}: {all:?}");
            }
        }
        assert_eq!(self.throttled("written slowly"), 0, "{who}: {all:?}");
        assert!(self.throttled("written more slowly") > 0, "{who}: {all:?}");
        let longest = self.throttled("answered");
        assert!((1..=1_000).contains(&longest), "{who}: a window at most, not {longest} ms: {all:?}");
        assert_eq!(self.throttled("answered without"), 0, "{who}: {all:?}");
        assert_eq!(self.millis("first created"), 0, "{who}: {all:?}");
        let wait = self.millis("second created");
        assert!((1_500..=3_000).contains(&wait), "{who}: three partitions too many: {all:?}");
        // A partition a second: first the account is back at nothing, then it is two below it.
        assert!(self.millis("second created at last") >= 1_000, "{who}: {all:?}");
        assert!(self.millis("partitions created at last") >= 1_000, "{who}: {all:?}");
    }
}

#[test]
fn java_clients_keep_to_their_quotas_as_they_do_with_apache_kafka() -> Result<()> {
    Told::of(Kind::Apache)?.check("Apache Kafka");
    Told::of(Kind::under_test()?)?.check("this broker");
    Ok(())
}
