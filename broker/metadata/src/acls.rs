//! Access control entries as stored, and as the authorizer looks them up.
//!
//! Invariant: the bindings are those of the entries, one for each.

use broker_authorizer::{
    Binding, Bindings, Entry, Operation, Pattern, PatternType, Permission, ResourceType,
};
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

impl Acl {
    /// What the codes stand for.
    #[must_use]
    pub fn binding(&self) -> Binding {
        Binding {
            pattern: Pattern {
                resource_type: ResourceType::from_code(self.resource_type),
                pattern_type: PatternType::from_code(self.pattern_type),
                name: self.resource_name.clone(),
            },
            entry: Entry {
                principal: self.principal.clone(),
                host: self.host.clone(),
                operation: Operation::from_code(self.operation),
                permission: Permission::from_code(self.permission_type),
            },
        }
    }
}

/// Every entry by its id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Acls {
    by_id: Map<Uuid, Acl>,
    bindings: Bindings,
}

impl Acls {
    /// The entries by id.
    #[must_use]
    pub fn by_id(&self) -> &Map<Uuid, Acl> {
        &self.by_id
    }

    /// The entries as the authorizer looks them up.
    #[must_use]
    pub fn bindings(&self) -> &Bindings {
        &self.bindings
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
        if let Some(former) = self.by_id.get(&record.id) {
            self.bindings.remove(&former.binding());
        }
        self.bindings.add(&acl.binding());
        self.by_id.insert_mut(record.id, acl);
        Change::Acl(record.id)
    }

    pub(crate) fn remove(&mut self, record: &RemoveAccessControlEntryRecord) -> Result<Change, ReplayError> {
        let Some(acl) = self.by_id.get(&record.id) else { return Err(ReplayError::UnknownAcl(record.id)) };
        self.bindings.remove(&acl.binding());
        self.by_id.remove_mut(&record.id);
        Ok(Change::Acl(record.id))
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

#[cfg(test)]
mod tests {
    use broker_authorizer::Filter;

    use super::*;

    fn record(id: u8, name: &'static str) -> AccessControlEntryRecord {
        AccessControlEntryRecord {
            id: Uuid::from_bytes([id; 16]),
            resource_type: ResourceType::Topic.code(),
            resource_name: Str::from_static(name),
            pattern_type: PatternType::Literal.code(),
            principal: Str::from_static("User:a"),
            host: Str::from_static("*"),
            operation: Operation::Read.code(),
            permission_type: Permission::Allow.code(),
        }
    }

    #[test]
    fn bindings_follow_the_entries() {
        let mut acls = Acls::default();
        for (id, name) in [(1, "a"), (2, "b"), (1, "c")] {
            acls.add(&record(id, name));
        }
        let names = |acls: &Acls| -> alloc::vec::Vec<_> {
            acls.bindings().matching(&Filter::ANY).map(|binding| binding.pattern.name).collect()
        };
        assert_eq!(names(&acls), ["b", "c"]);
        let removed = RemoveAccessControlEntryRecord { id: Uuid::from_bytes([1; 16]) };
        assert!(acls.remove(&removed).is_ok());
        assert!(acls.remove(&removed).is_err());
        assert_eq!(names(&acls), ["b"]);
    }
}
