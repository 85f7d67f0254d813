//! What a cluster means to its users: rules for decisions, and the ways in.

use operator_api::{KafkaCluster, KafkaUser, ListenerAuthentication, UserAuthenticationType};
use operator_plan::users::UserRules;

/// What a cluster means to its users.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Terms {
    /// What decisions depend on.
    pub(super) rules: UserRules,
    /// Listeners that ask who somebody is, as the cluster has them.
    ways: Vec<Way>,
}

/// A listener that asks who somebody is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Way {
    /// The type of authentication.
    pub(super) kind: String,
    /// Whether it is encrypted.
    pub(super) is_encrypted: bool,
    /// Where clients start from.
    pub(super) bootstrap: String,
}

impl Terms {
    pub(super) fn of(cluster: &KafkaCluster) -> Self {
        let served = cluster.status.iter().flat_map(|status| &status.listeners);
        let ways = served.filter_map(|served| {
            let stated = cluster.spec.kafka.listeners.iter().find(|stated| stated.name == served.name)?;
            Some(Way {
                kind: stated.authentication.as_ref()?.kind.clone(),
                is_encrypted: stated.tls,
                bootstrap: served.bootstrap_servers.clone(),
            })
        });
        Self { rules: UserRules::of(cluster), ways: ways.collect() }
    }

    /// The way in that a user is told: the first that encrypts of those that ask for what it has, or else the first.
    pub(super) fn way(&self, user: &KafkaUser) -> Option<&Way> {
        let kind = match user.authentication()? {
            UserAuthenticationType::Tls | UserAuthenticationType::TlsExternal => ListenerAuthentication::TLS,
            UserAuthenticationType::ScramSha512 => ListenerAuthentication::SCRAM_SHA_512,
        };
        let fitting = || self.ways.iter().filter(|way| way.kind == kind);
        fitting().find(|way| way.is_encrypted).or_else(|| fitting().next())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_user_is_told_of_a_listener_that_asks_for_what_it_has_and_encrypts_where_one_does() {
        let listener = |name: &str, port: u16, tls: bool, kind: &str| json!({"name": name, "port": port, "type": "internal", "tls": tls, "authentication": {"type": kind}});
        let served = |name: &str, port: u16| json!({"name": name, "addresses": [], "bootstrapServers": format!("c:{port}")});
        let mut cluster: KafkaCluster = serde_json::from_value(json!({
            "apiVersion": "klamm.dev/v1alpha1", "kind": "KafkaCluster", "metadata": {"name": "c"},
            "spec": {"kafka": {"listeners": [
                {"name": "open", "port": 9092, "type": "internal", "tls": false},
                listener("bare", 9093, false, "scram-sha-512"),
                listener("safe", 9094, true, "scram-sha-512"),
                listener("mutual", 9095, true, "tls"),
                listener("new", 9096, true, "tls"),
            ]}},
            "status": {"listeners": [
                served("open", 9092), served("bare", 9093), served("safe", 9094), served("mutual", 9095)
            ]},
        }))
        .expect("a cluster");
        let user = |kind: &str| -> KafkaUser {
            serde_json::from_value(json!({
                "apiVersion": "klamm.dev/v1alpha1", "kind": "KafkaUser", "metadata": {"name": "u"},
                "spec": {"authentication": {"type": kind}},
            }))
            .expect("a user")
        };
        let told = |cluster: &KafkaCluster, kind: &str| {
            Terms::of(cluster).way(&user(kind)).map(|way| (way.bootstrap.clone(), way.is_encrypted))
        };
        assert_eq!(told(&cluster, "scram-sha-512"), Some(("c:9094".to_owned(), true)));
        assert_eq!(told(&cluster, "tls"), Some(("c:9095".to_owned(), true)));
        cluster.spec.kafka.listeners.retain(|listener| listener.name != "safe");
        assert_eq!(told(&cluster, "scram-sha-512"), Some(("c:9093".to_owned(), false)));
        cluster.status = None;
        assert_eq!(told(&cluster, "tls"), None);
    }
}
