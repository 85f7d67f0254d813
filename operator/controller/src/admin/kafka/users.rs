//! Many principals, one request for each kind of what Kafka has of them: credentials, ACLs, quotas.

mod change;
mod describe;

pub(super) use change::all as change;
pub(super) use describe::all as describe;

use broker_client::admin::acls::AclBinding;
use broker_sasl::ScramMechanism;
use operator_plan::users::{Acl, Mechanism};

/// The type of principals and the part of an entity that users are.
const USER: &str = "user";

/// A principal as ACLs name it.
fn typed(name: &str) -> String {
    format!("User:{name}")
}

fn scram(mechanism: Mechanism) -> ScramMechanism {
    match mechanism {
        Mechanism::ScramSha256 => ScramMechanism::Sha256,
        Mechanism::ScramSha512 => ScramMechanism::Sha512,
    }
}

fn binding(principal: &str, acl: &Acl) -> AclBinding {
    AclBinding {
        resource_type: acl.resource_type.code(),
        resource_name: acl.resource_name.clone(),
        pattern_type: acl.pattern_type.code(),
        principal: typed(principal),
        host: acl.host.clone(),
        operation: acl.operation.code(),
        permission: acl.permission.code(),
    }
}
