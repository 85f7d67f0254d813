//! Topics and users of a Kafka cluster, as the operator and `klamm up` see and change them: many with one request.
//!
//! `Desks` gathers what is asked at the same time; `carry_out` does what `operator_plan::topics::plan` decided, in its
//! order. Nothing here decides.

mod batch;
mod desk;
mod kafka;
#[cfg(test)]
mod tests;
mod users;

use std::time::Duration;

use futures::future::BoxFuture;
use operator_plan::{
    standing::Failure,
    topics::{ObservedTopic, TopicAction},
};

pub use desk::Desks;
pub(crate) use desk::{Desk, UNREACHABLE};
pub(crate) use kafka::KafkaConnect;
pub use kafka::kafka;
pub use users::{UserChange, Users};

/// What clusters are asked about.
pub trait Ware: Send + Sync + 'static {
    /// One of them as it is.
    type Seen: Clone + Send + 'static;
    /// A change of one.
    type Change: Clone + Send + Sync + 'static;

    /// Whether a change concerns Kafka: others are none of its requests.
    fn is_for_kafka(change: &Self::Change) -> bool;

    /// How many of `changes`, from the first on, go into one request: at least one.
    fn batch<'a>(changes: impl Iterator<Item = &'a Self::Change>) -> usize;
}

/// Topics: each as it is, `None` when there is none.
#[derive(Clone, Copy, Debug)]
pub struct Topics;

impl Ware for Topics {
    type Seen = Option<ObservedTopic>;
    type Change = TopicAction;

    fn is_for_kafka(change: &TopicAction) -> bool {
        !matches!(change, TopicAction::AddFinalizer | TopicAction::RemoveFinalizer)
    }

    fn batch<'a>(changes: impl Iterator<Item = &'a TopicAction>) -> usize {
        batch::size(changes.map(batch::of_topic))
    }
}

/// One as it is; or why nobody can tell.
pub type Described<W> = Result<<W as Ware>::Seen, Failure>;

/// A change that was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub failure: Failure,
    /// The cluster takes so many changes in a time and no more (KIP-599): when it may be asked again.
    pub retry_after: Option<Duration>,
}

/// One connection to a cluster.
pub trait Admin<W: Ware = Topics>: Send {
    /// Those of these names as they are, in the order of `names`.
    ///
    /// # Errors
    /// When nobody answers.
    fn describe<'a>(&'a mut self, names: &'a [&'a str]) -> BoxFuture<'a, Result<Vec<Described<W>>, Failure>>;

    /// Makes changes, one of each name, and tells what came of each, in their order. Those that concern the resource
    /// alone are done.
    fn change<'a>(
        &'a mut self,
        changes: &'a [(&'a str, &'a W::Change)],
    ) -> BoxFuture<'a, Vec<Result<(), Refusal>>>;
}

/// Opens connections.
pub trait Connect<W: Ware>: Send + Sync {
    /// A new connection to the cluster that answers at `bootstrap` (`host:port`, comma-separated).
    fn connect<'a>(&'a self, bootstrap: &'a str) -> BoxFuture<'a, Result<Box<dyn Admin<W>>, Failure>>;
}

/// One topic as it is.
///
/// # Errors
/// Why nobody can tell.
pub async fn describe(admin: &mut dyn Admin, name: &str) -> Described<Topics> {
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
