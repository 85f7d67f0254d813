//! Who of several replicas works: the holder of a Lease.
//!
//! Invariants: a replica takes the Lease only when nobody holds it, or when its holder has not renewed it for its whole
//! duration as seen by this replica's own clock; a holder that cannot renew stops working before that duration is over.

use std::time::Duration;

use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use kube::{Api, Client, api::PostParams};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{clock, error::brief, metrics::Metrics};

const NAME: &str = "klamm-operator";
/// How long a holder is believed in without a renewal.
const DURATION: Duration = Duration::from_secs(15);
/// A holder that could not renew for so long stops.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is renewed, and looked at by those who wait.
const PERIOD: Duration = Duration::from_secs(3);

/// The Lease as it was seen last, and since when it looks so.
#[derive(Clone, Debug)]
struct Seen {
    renewed: String,
    since: Instant,
}

/// What to do about the Lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Make it ours, or renew it.
    Take,
    /// Somebody else has it.
    Wait,
}

/// A replica's part in the election.
#[derive(Debug)]
pub(crate) struct Election {
    api: Api<Lease>,
    identity: String,
    seen: Option<Seen>,
}

/// Why a holder stopped.
#[derive(Debug, thiserror::Error)]
#[error("the lease {NAME} could not be renewed for {} s: {last}", PATIENCE.as_secs())]
pub(crate) struct Lost {
    last: String,
}

impl Election {
    pub(crate) fn new(client: Client, namespace: &str, identity: &str) -> Self {
        Self { api: Api::namespaced(client, namespace), identity: identity.to_owned(), seen: None }
    }

    /// Waits until this replica holds the Lease; `false` when `stop` came first.
    pub(crate) async fn win(&mut self, stop: &CancellationToken) -> bool {
        loop {
            match self.try_once().await {
                Ok(true) => return true,
                Ok(false) => {}
                Err(error) => tracing::warn!(error = brief(&error), "the lease could not be had"),
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => return false,
                () = tokio::time::sleep(PERIOD) => {}
            }
        }
    }

    /// Keeps the Lease until `stop`, and then gives it away.
    ///
    /// # Errors
    /// When it was lost: whoever works must stop at once.
    pub(crate) async fn keep(mut self, stop: CancellationToken, metrics: Metrics) -> Result<(), Lost> {
        metrics.leader.set(1);
        let mut renewed = Instant::now();
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                () = tokio::time::sleep(PERIOD) => {}
            }
            let last = match tokio::time::timeout(PATIENCE - PERIOD, self.try_once()).await {
                Ok(Ok(true)) => {
                    renewed = Instant::now();
                    continue;
                }
                Ok(Ok(false)) => "another replica has it".to_owned(),
                Ok(Err(error)) => brief(&error),
                Err(_) => "no answer".to_owned(),
            };
            let is_taken = last == "another replica has it";
            if is_taken || renewed.elapsed() >= PATIENCE {
                metrics.leader.set(0);
                return Err(Lost { last });
            }
        }
        metrics.leader.set(0);
        if let Err(error) = self.release().await {
            tracing::debug!(error = brief(&error), "the lease was not given away; it runs out by itself");
        }
        Ok(())
    }

    /// Whether the Lease is ours after one look.
    async fn try_once(&mut self) -> Result<bool, kube::Error> {
        let Some(mut lease) = self.api.get_opt(NAME).await? else {
            let mut lease = Lease::default();
            lease.metadata.name = Some(NAME.to_owned());
            lease.spec = Some(self.held(None));
            return conflict_is_no(self.api.create(&PostParams::default(), &lease).await);
        };
        let spec = lease.spec.take().unwrap_or_default();
        if self.look(&spec, Instant::now()) == Step::Wait {
            return Ok(false);
        }
        lease.spec = Some(self.held(Some(spec)));
        // With the version that was read: of two that try, one is told of a conflict.
        conflict_is_no(self.api.replace(NAME, &PostParams::default(), &lease).await)
    }

    fn look(&mut self, spec: &LeaseSpec, now: Instant) -> Step {
        let holder = spec.holder_identity.as_deref().unwrap_or_default();
        if holder.is_empty() || holder == self.identity {
            return Step::Take;
        }
        let renewed = spec.renew_time.as_ref().map(|time| time.0.to_string()).unwrap_or_default();
        match &self.seen {
            Some(seen) if seen.renewed == renewed => {
                let duration = spec.lease_duration_seconds.and_then(|seconds| u64::try_from(seconds).ok());
                let duration = duration.map_or(DURATION, Duration::from_secs);
                if now.duration_since(seen.since) > duration { Step::Take } else { Step::Wait }
            }
            _ => {
                self.seen = Some(Seen { renewed, since: now });
                Step::Wait
            }
        }
    }

    fn held(&self, before: Option<LeaseSpec>) -> LeaseSpec {
        let before = before.unwrap_or_default();
        let now = clock::now_micros();
        let is_ours = before.holder_identity.as_deref() == Some(&self.identity);
        LeaseSpec {
            holder_identity: Some(self.identity.clone()),
            lease_duration_seconds: i32::try_from(DURATION.as_secs()).ok(),
            acquire_time: if is_ours { before.acquire_time } else { Some(now.clone()) },
            renew_time: Some(now),
            lease_transitions: Some(before.lease_transitions.unwrap_or_default() + i32::from(!is_ours)),
            ..LeaseSpec::default()
        }
    }

    async fn release(&mut self) -> Result<(), kube::Error> {
        let mut lease = self.api.get(NAME).await?;
        let spec = lease.spec.get_or_insert_default();
        if spec.holder_identity.as_deref() != Some(&self.identity) {
            return Ok(());
        }
        spec.holder_identity = Some(String::new());
        self.api.replace(NAME, &PostParams::default(), &lease).await.map(drop)
    }
}

/// Somebody was faster.
fn conflict_is_no(result: Result<Lease, kube::Error>) -> Result<bool, kube::Error> {
    match result {
        Ok(_) => Ok(true),
        Err(kube::Error::Api(status)) if status.code == 409 => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::{apimachinery::pkg::apis::meta::v1::MicroTime, jiff::Timestamp};

    use super::*;

    fn election() -> Election {
        // A client that is never asked.
        let config = kube::Config::new("http://127.0.0.1:1".parse().expect("an address"));
        Election::new(Client::try_from(config).expect("a client"), "ns", "me")
    }

    fn spec(holder: &str, renewed_second: i64) -> LeaseSpec {
        LeaseSpec {
            holder_identity: Some(holder.to_owned()),
            lease_duration_seconds: Some(15),
            renew_time: Some(MicroTime(Timestamp::from_second(renewed_second).expect("a time"))),
            ..LeaseSpec::default()
        }
    }

    #[tokio::test]
    async fn a_lease_is_taken_when_nobody_has_it_or_its_holder_is_silent() {
        let mut election = election();
        let begin = Instant::now();
        let after = |seconds| begin + Duration::from_secs(seconds);
        assert_eq!(election.look(&spec("", 1), begin), Step::Take);
        assert_eq!(election.look(&spec("me", 1), begin), Step::Take);
        assert_eq!(election.look(&spec("other", 1), begin), Step::Wait);
        assert_eq!(election.look(&spec("other", 1), after(14)), Step::Wait);
        assert_eq!(election.look(&spec("other", 2), after(16)), Step::Wait, "it was renewed");
        assert_eq!(election.look(&spec("other", 2), after(31)), Step::Wait);
        assert_eq!(election.look(&spec("other", 2), after(32)), Step::Take);
    }

    #[tokio::test]
    async fn a_renewal_is_no_transition() {
        let election = election();
        let first = election.held(Some(spec("other", 1)));
        assert_eq!((first.holder_identity.as_deref(), first.lease_transitions), (Some("me"), Some(1)));
        let second = election.held(Some(first.clone()));
        assert_eq!((second.acquire_time, second.lease_transitions), (first.acquire_time, Some(1)));
    }
}
