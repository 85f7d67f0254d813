//! [`Admin`] over Klamm's own client: any Kafka will do.

mod change;
mod describe;
mod users;

use std::{sync::Arc, time::Duration};

use broker_client::{Client, ClientError, Options};
use futures::{FutureExt as _, future::BoxFuture};
use operator_plan::{standing::Failure, topics::TopicAction};

use super::{Admin, Connect, Described, Refusal, Topics, UNREACHABLE, UserChange, Users, Ware};
use crate::certificates::Securities;

/// The longest wait for a connection or one answer. A reconcile has other objects to look after.
const PATIENCE: Duration = Duration::from_secs(10);
/// The code of topics in requests about settings.
const TOPIC_RESOURCE: i8 = 2;

/// Opens connections of Klamm's own client, with the operator's own certificate.
#[derive(Clone)]
pub(crate) struct KafkaConnect {
    client: kube::Client,
    securities: Arc<Securities>,
}

impl KafkaConnect {
    pub(crate) fn new(client: kube::Client, securities: Arc<Securities>) -> Self {
        Self { client, securities }
    }
}

impl<W: Ware> Connect<W> for KafkaConnect
where
    Kafka: Admin<W>,
{
    fn connect<'a>(&'a self, bootstrap: &'a str) -> BoxFuture<'a, Result<Box<dyn Admin<W>>, Failure>> {
        async move {
            let security = self.securities.of_or_read(&self.client, bootstrap).await.unwrap_or_default();
            let options = Options {
                client_id: "klamm-operator".to_owned(),
                patience: PATIENCE,
                security,
                ..Options::default()
            };
            let client = Client::connect(bootstrap, options).await.map_err(failure)?;
            Ok(Box::new(Kafka { client }) as Box<dyn Admin<W>>)
        }
        .boxed()
    }
}

/// An open client as an [`Admin`] of topics.
#[must_use]
pub fn kafka(client: Client) -> Box<dyn Admin> {
    Box::new(Kafka { client })
}

struct Kafka {
    client: Client,
}

impl Admin<Topics> for Kafka {
    fn describe<'a>(
        &'a mut self,
        names: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Vec<Described<Topics>>, Failure>> {
        async move { describe::all(&mut self.client, names).await.map_err(failure) }.boxed()
    }

    fn change<'a>(
        &'a mut self,
        changes: &'a [(&'a str, &'a TopicAction)],
    ) -> BoxFuture<'a, Vec<Result<(), Refusal>>> {
        change::all(&mut self.client, changes).boxed()
    }
}

impl Admin<Users> for Kafka {
    fn describe<'a>(
        &'a mut self,
        names: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Vec<Described<Users>>, Failure>> {
        async move { users::describe(&mut self.client, names).await.map_err(failure) }.boxed()
    }

    fn change<'a>(
        &'a mut self,
        changes: &'a [(&'a str, &'a UserChange)],
    ) -> BoxFuture<'a, Vec<Result<(), Refusal>>> {
        users::change(&mut self.client, changes).boxed()
    }
}

/// Kafka's own words where it answered, ours where it did not.
fn failure(error: ClientError) -> Failure {
    let reason = match error.code() {
        Some(code) => camel_case(code.name()),
        None => UNREACHABLE.to_owned(),
    };
    Failure { reason, message: error.to_string() }
}

/// `INVALID_REPLICATION_FACTOR` as conditions say it: `InvalidReplicationFactor`.
fn camel_case(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(letters.map(|c| c.to_ascii_lowercase())).collect::<String>()
    };
    name.split('_').map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_reasons() {
        assert_eq!(camel_case("INVALID_REPLICATION_FACTOR"), "InvalidReplicationFactor");
        assert_eq!(camel_case("NONE"), "None");
    }
}
