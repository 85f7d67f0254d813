//! The test suites of clients, as their authors wrote them: what passes against Apache Kafka passes against Klamm. They
//! take half an hour, so they run only with `KLAMM_FOREIGN` (`tests/run foreign`), after `tests/compat/setup foreign`.

mod franz_go;
mod librdkafka;

use anyhow::{Result, ensure};
use tests_compat::Output;

/// Whether these suites are asked for.
fn is_asked_for() -> bool {
    std::env::var_os("KLAMM_FOREIGN").is_some()
}

/// What a suite told about its tests.
struct Told<'a> {
    passed: Vec<&'a str>,
    failed: Vec<&'a str>,
}

impl Told<'_> {
    /// That all have passed, and that there were at least so many.
    fn is_good(&self, fewest: usize, output: &Output) -> Result<()> {
        let Self { passed, failed } = self;
        let (stdout, stderr) = (&output.stdout, &output.stderr);
        ensure!(failed.is_empty(), "these failed: {failed:?}\n{stdout}{stderr}");
        ensure!(passed.len() >= fewest, "only {} passed: {passed:?}\n{stdout}{stderr}", passed.len());
        ensure!(output.code == Some(0), "the suite ended with {:?}:\n{stdout}{stderr}", output.code);
        Ok(())
    }
}
