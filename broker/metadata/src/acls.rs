//! Access control entries as stored; deciding by them is the authorizer's.

use broker_protocol::{
    Str,
    records::metadata::{AccessControlEntryRecord, RemoveAccessControlEntryRecord},
};
use broker_types::Uuid;

use crate::{Change, Map, ReplayError};

/// One access control entry. The codes are those of Kafka's ACL requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acl {
    /// Code of the resource's type.
    pub resource_type: i8,
    /// The resource's name or prefix, or `*`.
    pub resource_name: Str,
    /// Code of the pattern's type: literal or prefixed.
    pub pattern_type: i8,
    /// Who, as `type:name`.
    pub principal: Str,
    /// From where, or `*`.
    pub host: Str,
    /// Code of the operation.
    pub operation: i8,
    /// Code of the permission: deny or allow.
    pub permission_type: i8,
}

/// Every entry by its id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Acls {
    by_id: Map<Uuid, Acl>,
}

impl Acls {
    /// The entries by id.
    #[must_use]
    pub fn by_id(&self) -> &Map<Uuid, Acl> {
        &self.by_id
    }

    pub(crate) fn add(&mut self, record: &AccessControlEntryRecord) -> Change {
        let acl = Acl {
            resource_type: record.resource_type,
            resource_name: record.resource_name.detached(),
            pattern_type: record.pattern_type,
            principal: record.principal.detached(),
            host: record.host.detached(),
            operation: record.operation,
            permission_type: record.permission_type,
        };
        self.by_id.insert_mut(record.id, acl);
        Change::Acl(record.id)
    }

    pub(crate) fn remove(&mut self, record: &RemoveAccessControlEntryRecord) -> Result<Change, ReplayError> {
        if self.by_id.remove_mut(&record.id) {
            Ok(Change::Acl(record.id))
        } else {
            Err(ReplayError::UnknownAcl(record.id))
        }
    }

    pub(crate) fn to_records(&self) -> impl Iterator<Item = AccessControlEntryRecord> {
        self.by_id.iter().map(|(id, acl)| AccessControlEntryRecord {
            id: *id,
            resource_type: acl.resource_type,
            resource_name: acl.resource_name.clone(),
            pattern_type: acl.pattern_type,
            principal: acl.principal.clone(),
            host: acl.host.clone(),
            operation: acl.operation,
            permission_type: acl.permission_type,
        })
    }
}
