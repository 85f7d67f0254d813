//! The hook through which every API asks whether a principal may do something.
//!
//! No authorizer is built yet, which is Kafka's own default (`authorizer.class.name` empty): everything is allowed.
//! The APIs ask all the same, so that an authorizer changes this file and no API.

use broker_group::Reader;

use crate::context::RequestContext;

/// An operation on a resource, with Kafka's codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Read,
    Write,
    Create,
    Delete,
    Alter,
    Describe,
    DescribeConfigs,
    AlterConfigs,
    IdempotentWrite,
    ClusterAction,
}

/// What an operation is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource<'a> {
    Topic(&'a str),
    Group(&'a str),
    TransactionalId(&'a str),
    Cluster,
}

/// Decides.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Authorizer;

impl Authorizer {
    /// Whether the request's principal may do `operation` on `resource`.
    pub(crate) fn allows(
        self,
        context: &RequestContext,
        operation: Operation,
        resource: Resource<'_>,
    ) -> bool {
        let (principal, address) = (context.principal.name.as_ref(), context.address);
        tracing::trace!(principal, %address, ?operation, ?resource, "allowed");
        true
    }
}

impl Authorizer {
    /// Whether a member of a group may see a topic that its pattern matches.
    pub(crate) fn shows(self, topic: &str, reader: &Reader) -> bool {
        tracing::trace!(topic, principal = reader.principal.as_str(), "shown");
        true
    }
}

/// The operations that Kafka lists as authorized on a kind of resource when everything is allowed: a bit
/// for each operation code (KIP-430).
pub(crate) mod authorized_operations {
    /// READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS.
    pub(crate) const TOPIC: i32 = bits(&[3, 4, 5, 6, 7, 8, 10, 11]);
    /// CREATE, ALTER, DESCRIBE, CLUSTER_ACTION, DESCRIBE_CONFIGS, ALTER_CONFIGS, IDEMPOTENT_WRITE.
    pub(crate) const CLUSTER: i32 = bits(&[5, 7, 8, 9, 10, 11, 12]);
    /// READ, DELETE, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS.
    pub(crate) const GROUP: i32 = bits(&[3, 6, 8, 10, 11]);
    /// What an answer holds when the client did not ask.
    pub(crate) const NOT_ASKED: i32 = i32::MIN;

    const fn bits(codes: &[u32]) -> i32 {
        let mut bits = 0;
        let mut at = 0;
        while at < codes.len() {
            bits |= 1 << codes[at];
            at += 1;
        }
        bits
    }
}
