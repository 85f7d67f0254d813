//! Who gets in by what listener, and who decides what they may do then: settings of the brokers.

use operator_api::{Listener, ListenerAuthentication, Role};

use crate::{
    certificates::{ORGANIZATION, SUBJECT_OF_OPERATOR},
    names::Names,
    validated::{ValidatedCluster, ValidatedPool},
};

/// What decides by ACLs: Kafka's own, which is built in.
const AUTHORIZER: &str = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";
/// Who may do everything.
pub(super) const SUPER_USERS: &str = "super.users";
/// What a listener needs that asks for passwords; users are in the metadata.
const JAAS: &str = "org.apache.kafka.common.security.scram.ScramLoginModule required;";

/// How connections of a listener are protected.
pub(super) fn protocol(listener: &Listener) -> &'static str {
    match (listener.asks_for(ListenerAuthentication::SCRAM_SHA_512), listener.tls) {
        (true, true) => "SASL_SSL",
        (true, false) => "SASL_PLAINTEXT",
        (false, true) => "SSL",
        (false, false) => "PLAINTEXT",
    }
}

/// What all nodes of a pool are told.
pub(super) fn properties(cluster: &ValidatedCluster, pool: &ValidatedPool) -> Vec<(String, String)> {
    let mut properties = Vec::new();
    // Controllers decide too: they are asked on behalf of clients.
    if cluster.authorization.is_some() {
        properties.push(("authorizer.class.name".to_owned(), AUTHORIZER.to_owned()));
    }
    // Without an authorizer these may keep ACLs already, so that all are there when the first node decides by them.
    let stated = cluster.authorization.iter().flat_map(|stated| &stated.super_users);
    properties.push((SUPER_USERS.to_owned(), super_users(&cluster.names, stated)));
    let asks = |one: &&Listener| one.asks_for(ListenerAuthentication::SCRAM_SHA_512);
    for listener in cluster.listeners.iter().filter(|_| pool.has(Role::Broker)).filter(asks) {
        let key = |rest: &str| format!("listener.name.{}.{rest}", listener.name);
        properties.push((key("sasl.enabled.mechanisms"), "SCRAM-SHA-512".to_owned()));
        properties.push((key("scram-sha-512.sasl.jaas.config"), JAAS.to_owned()));
    }
    properties
}

/// The nodes and the operator, by the subjects of their certificates, and those whom the user names. The order is always
/// the same: another one would restart nodes.
fn super_users<'a>(names: &Names, stated: impl Iterator<Item = &'a String>) -> String {
    let own = [names.shared(), SUBJECT_OF_OPERATOR.to_owned()];
    let own = own.into_iter().map(|name| format!("CN={name},O={ORGANIZATION}"));
    let all = own.chain(stated.map(|name| name.trim().to_owned()));
    all.map(|name| format!("User:{name}")).collect::<Vec<_>>().join(";")
}
