//! Topics of a Kafka cluster, as the operator and `klamm up` see and change them.
//!
//! `carry_out` does what `operator_plan::topics::plan` decided, in its order. Nothing here decides.

mod kafka;
mod pool;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use operator_plan::topics::{Failure, ObservedTopic, TopicAction};

pub use kafka::{KafkaConnect, kafka};
pub use pool::Admins;
pub(crate) use pool::Origin;

/// The reason of a failure that is not Kafka's answer: there was none.
pub(crate) const UNREACHABLE: &str = "Unreachable";

/// One connection to a cluster, for its topics.
pub trait Admin: Send {
    /// The topic as it is; `None` when there is none.
    fn describe<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<Option<ObservedTopic>, Failure>>;

    /// Creates a topic; `None` for the cluster's defaults.
    fn create<'a>(
        &'a mut self,
        name: &'a str,
        partitions: Option<i32>,
        replicas: Option<i32>,
        config: &'a BTreeMap<String, String>,
    ) -> BoxFuture<'a, Result<(), Failure>>;

    /// Grows a topic to `partitions`.
    fn grow<'a>(&'a mut self, name: &'a str, partitions: i32) -> BoxFuture<'a, Result<(), Failure>>;

    /// Sets and unsets settings of a topic, all or none.
    fn alter_config<'a>(
        &'a mut self,
        name: &'a str,
        set: &'a BTreeMap<String, String>,
        unset: &'a [String],
    ) -> BoxFuture<'a, Result<(), Failure>>;

    /// Deletes a topic; one that is gone already is deleted.
    fn delete<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<(), Failure>>;
}

/// Opens connections.
pub trait Connect: Send + Sync {
    /// A new connection to the cluster that answers at `bootstrap` (`host:port`, comma-separated).
    fn connect<'a>(&'a self, bootstrap: &'a str) -> BoxFuture<'a, Result<Box<dyn Admin>, Failure>>;
}

/// Carries out the actions that concern Kafka, in order, and stops at the first that fails.
///
/// # Errors
/// The cluster's answer to the action that failed; those before it are done.
pub async fn carry_out(admin: &mut dyn Admin, name: &str, actions: &[TopicAction]) -> Result<(), Failure> {
    for action in actions {
        match action {
            TopicAction::Create { partitions, replicas, config } => {
                admin.create(name, *partitions, *replicas, config).await?;
            }
            TopicAction::GrowTo(partitions) => admin.grow(name, *partitions).await?,
            TopicAction::AlterConfig { set, unset } => admin.alter_config(name, set, unset).await?,
            TopicAction::Delete => admin.delete(name).await?,
            // These concern the resource, not the topic.
            TopicAction::AddFinalizer | TopicAction::RemoveFinalizer => {}
        }
    }
    Ok(())
}
