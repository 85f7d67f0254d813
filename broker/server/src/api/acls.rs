//! What the three APIs of access control bindings have in common.

use broker_authorizer::{
    EntryFilter, Filter, Operation, PatternFilter, PatternType, Permission, ResourceType,
};
use broker_protocol::{ErrorCode, Str};

use crate::{broker::Broker, context::RequestContext};

/// These requests have no timeout of their own.
pub(super) const PATIENCE_MS: i32 = 30_000;

/// Kafka does not read requests with a code of zero, "unknown": they end the connection. What it does not know
/// otherwise it answers.
pub(super) fn known(codes: &[i8]) -> Result<(), &'static str> {
    if codes.contains(&0) { Err("access control with unknown elements") } else { Ok(()) }
}

/// Why nothing is done that takes `operation` on the cluster, if it is so.
pub(super) fn refusal(
    broker: &Broker,
    context: &RequestContext,
    operation: Operation,
    without_authorizer: &'static str,
) -> Option<(ErrorCode, &'static str)> {
    if let Err(denied) = broker.authorizer().on_cluster(context, operation) {
        return Some((denied, denied.message()));
    }
    (!broker.authorizer().keeps_bindings(context))
        .then_some((ErrorCode::SecurityDisabled, without_authorizer))
}

/// A filter as requests hold it.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) resource_type: i8,
    pub(super) pattern_type: i8,
    pub(super) name: Option<Str>,
    pub(super) principal: Option<Str>,
    pub(super) host: Option<Str>,
    pub(super) operation: i8,
    pub(super) permission: i8,
}

impl Asked {
    pub(super) fn filter(self) -> Filter {
        Filter {
            pattern: PatternFilter {
                resource_type: ResourceType::from_code(self.resource_type),
                pattern_type: PatternType::from_code(self.pattern_type),
                name: self.name,
            },
            entry: EntryFilter {
                principal: self.principal,
                host: self.host,
                operation: Operation::from_code(self.operation),
                permission: Permission::from_code(self.permission),
            },
        }
    }
}
