//! How one API is asked in each of its versions.

use std::ops::RangeInclusive;

use anyhow::{Result, ensure};
use tests_compat::{Body, request};

use super::{Outcome, Pair};

/// One API with its versions in Kafka 4.3.1.
#[derive(Clone, Debug)]
pub(super) struct Api {
    pub(super) key: i16,
    pub(super) versions: RangeInclusive<i16>,
    pub(super) first_flexible: i16,
}

impl Api {
    pub(super) fn frame(&self, version: i16, body: impl Fn(i16, Body) -> Body) -> Vec<u8> {
        let flexible = version >= self.first_flexible;
        let bytes = body(version, Body::new(flexible)).bytes();
        request(self.key, version, 77, if flexible { 2 } else { 1 }, &bytes)
    }

    pub(super) fn last(&self) -> i16 {
        *self.versions.end()
    }

    /// The same before a later version.
    pub(super) fn before(&self, version: i16) -> Self {
        Self { versions: *self.versions.start()..=version - 1, ..self.clone() }
    }

    /// The same from a later version on.
    pub(super) fn since(&self, version: i16) -> Self {
        Self { versions: version..=self.last(), ..self.clone() }
    }

    /// Only these of its versions.
    pub(super) fn of(&self, versions: RangeInclusive<i16>) -> Self {
        Self { versions, ..self.clone() }
    }
}

impl Pair {
    /// One request in every version.
    pub(super) fn ask(&mut self, name: &str, api: &Api, body: impl Fn(i16, Body) -> Body) -> Result<()> {
        self.compare_versions(name, api.key, api.versions.clone(), api.first_flexible, body)
    }

    /// One request in one version.
    pub(super) fn ask_in(
        &mut self,
        name: &str,
        api: &Api,
        version: i16,
        body: impl Fn(i16, Body) -> Body,
    ) -> Result<()> {
        let outcome = self.compare(&format!("{name} v{version}"), &api.frame(version, body))?;
        ensure!(matches!(outcome, Outcome::Answer(_)), "{name} v{version}: {outcome:?}");
        Ok(())
    }
}
