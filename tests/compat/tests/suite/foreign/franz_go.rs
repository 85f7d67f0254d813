//! franz-go's tests of its client `kgo`, in the version that our other tests use: producing, consuming, groups of both
//! protocols with every balancer, transactions. Left out by the suite itself: SCRAM without a user for it.

use std::time::Duration;

use anyhow::Result;
use tests_compat::{Broker, Cache, Program};

use super::{Told, is_asked_for};

const LIMIT: Duration = Duration::from_secs(1200);
/// Of the records that the tests of groups and transactions copy; by itself the suite takes ten times as many.
const RECORDS: usize = 50_000;

#[test]
fn its_tests_pass() -> Result<()> {
    if !is_asked_for() {
        return Ok(());
    }
    let broker = Broker::under_test()?;
    let environment = [
        format!("KGO_SEEDS={}", broker.bootstrap()),
        format!("KGO_TEST_RECORDS={RECORDS}"),
        "KGO_TEST_RF=1".to_owned(),
        "KGO_LOG_LEVEL=none".to_owned(),
    ];
    let output = Program::new("env")
        .args(environment)
        .args([Cache::open()?.foreign("kgo.test")?])
        .args(["-test.v", "-test.timeout=20m"])
        .limit(LIMIT)
        .run()?;
    let called = |end| output.stdout.lines().filter_map(move |line| line.trim_start().strip_prefix(end));
    let told = Told { passed: called("--- PASS: ").collect(), failed: called("--- FAIL: ").collect() };
    told.is_good(30, &output)
}
