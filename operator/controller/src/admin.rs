//! Topics of a Kafka cluster, as the operator and `klamm up` see and change them: many with one request.
//!
//! `Desks` gathers what is asked at the same time; `carry_out` does what `operator_plan::topics::plan` decided, in its
//! order. Nothing here decides.

mod batch;
mod desk;
mod kafka;
#[cfg(test)]
mod tests;

use std::time::Duration;

use futures::future::BoxFuture;
use operator_plan::topics::{Failure, ObservedTopic, TopicAction};

pub(crate) use desk::Desk;
pub use desk::Desks;
pub(crate) use kafka::KafkaConnect;
pub use kafka::kafka;

/// The reason of a failure that is not Kafka's answer: there was none.
pub(crate) const UNREACHABLE: &str = "Unreachable";

/// A topic as it is, `None` when there is none; or why nobody can tell.
pub type Described = Result<Option<ObservedTopic>, Failure>;

/// A change that was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub failure: Failure,
    /// The cluster takes so many changes in a time and no more (KIP-599): when it may be asked again.
    pub retry_after: Option<Duration>,
}

/// One connection to a cluster, for its topics.
pub trait Admin: Send {
    /// The topics as they are, in the order of `names`.
    ///
    /// # Errors
    /// When nobody answers.
    fn describe<'a>(&'a mut self, names: &'a [&'a str]) -> BoxFuture<'a, Result<Vec<Described>, Failure>>;

    /// Makes changes, one of each topic, and tells what came of each, in their order. Those that concern the resource
    /// alone are done.
    fn change<'a>(
        &'a mut self,
        changes: &'a [(&'a str, &'a TopicAction)],
    ) -> BoxFuture<'a, Vec<Result<(), Refusal>>>;
}

/// Opens connections.
pub trait Connect: Send + Sync {
    /// A new connection to the cluster that answers at `bootstrap` (`host:port`, comma-separated).
    fn connect<'a>(&'a self, bootstrap: &'a str) -> BoxFuture<'a, Result<Box<dyn Admin>, Failure>>;
}

/// One topic as it is.
///
/// # Errors
/// Why nobody can tell.
pub async fn describe(admin: &mut dyn Admin, name: &str) -> Described {
    admin.describe(&[name]).await?.pop().unwrap_or(Ok(None))
}

/// Carries out the actions that concern Kafka, in order, and stops at the first that fails. Where the cluster takes no
/// more changes for now, it waits for as long as that says.
///
/// # Errors
/// The cluster's answer to the action that failed; those before it are done.
pub async fn carry_out(admin: &mut dyn Admin, name: &str, actions: &[TopicAction]) -> Result<(), Failure> {
    for action in actions {
        loop {
            match admin.change(&[(name, action)]).await.pop() {
                None | Some(Ok(())) => break,
                Some(Err(Refusal { retry_after: Some(time), .. })) => tokio::time::sleep(time).await,
                Some(Err(Refusal { failure, retry_after: None })) => return Err(failure),
            }
        }
    }
    Ok(())
}
