//! Access control bindings: created one by one, deleted by filters (KIP-140, KIP-801).

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};

use broker_authorizer::{Binding, Filter, Operation, PatternType, Permission, ResourceType};
use broker_metadata::Image;
use broker_protocol::{
    Str,
    records::metadata::{AccessControlEntryRecord, MetadataRecord, RemoveAccessControlEntryRecord},
};
use broker_types::{Random, Uuid};

use crate::MAX_RECORDS;

/// Bindings to create. Each succeeds or fails on its own.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateAcls {
    /// The bindings.
    pub bindings: Vec<Binding>,
}

/// Bindings to delete.
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteAcls {
    /// Each names all bindings that it matches.
    pub filters: Vec<Filter>,
}

/// Why a binding was not created.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CreateAclError {
    /// A resource type that only filters have, or an unknown one.
    #[error("Invalid resourceType {}", .0.name())]
    ResourceType(ResourceType),
    /// A pattern type that only filters have, or an unknown one.
    #[error("Invalid patternType {}", .0.name())]
    PatternType(PatternType),
    /// An operation that only filters have, or an unknown one.
    #[error("Invalid operation {}", .0.name())]
    Operation(Operation),
    /// Neither denied nor allowed.
    #[error("Invalid permissionType {}", .0.name())]
    Permission(Permission),
    /// No name.
    #[error("Resource name should not be empty")]
    NoName,
    /// A principal without a type.
    #[error(
        "Could not parse principal from `{0}` (no colon is present separating the principal type from the principal \
         name)"
    )]
    Principal(Str),
    /// More records than one request may write.
    #[error("Unable to perform excessively large batch operation.")]
    TooManyRecords,
}

/// Why nothing was deleted by a filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeleteAclError {
    /// The filter asks for patterns that nobody knows.
    #[error("Unknown patternFilter.")]
    UnknownPattern,
    /// The filter asks for entries that nobody knows.
    #[error("Unknown entryFilter.")]
    UnknownEntry,
    /// More records than one request may write.
    #[error("Cannot remove more than {MAX_RECORDS} acls in a single delete operation.")]
    TooManyRecords,
}

/// What each binding came to.
pub(crate) type Created = Vec<Result<(), CreateAclError>>;
/// What each filter deleted.
pub(crate) type Deleted = Vec<Result<Vec<Binding>, DeleteAclError>>;

/// Creates bindings; one that is there already is as good as created.
pub(crate) fn create(
    image: &Image,
    random: &mut Random,
    request: &CreateAcls,
) -> (Vec<MetadataRecord>, Created) {
    let acls = image.acls();
    let mut new = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut results = Vec::with_capacity(request.bindings.len());
    for binding in &request.bindings {
        let valid = validate(binding);
        if valid.is_ok() && !acls.bindings().contains(binding) && seen.insert(binding) {
            let id = new_id(random, |id| acls.by_id().contains_key(&id) || new.contains_key(&id));
            new.insert(id, binding);
        }
        results.push(valid);
    }
    if new.len() > MAX_RECORDS {
        results.iter_mut().for_each(|result| *result = Err(CreateAclError::TooManyRecords));
        return (Vec::new(), results);
    }
    let records = new.into_iter().map(|(id, binding)| record(id, binding).into()).collect();
    (records, results)
}

/// Deletes whatever a filter matches. Filters that match the same binding all tell it.
pub(crate) fn delete(image: &Image, request: &DeleteAcls) -> (Vec<MetadataRecord>, Deleted) {
    let mut removed = BTreeSet::new();
    let mut results = Vec::with_capacity(request.filters.len());
    for filter in &request.filters {
        results.push(delete_matching(image, filter, &mut removed));
    }
    let records = removed.into_iter().map(|id| RemoveAccessControlEntryRecord { id }.into()).collect();
    (records, results)
}

fn delete_matching(
    image: &Image,
    filter: &Filter,
    removed: &mut BTreeSet<Uuid>,
) -> Result<Vec<Binding>, DeleteAclError> {
    if filter.pattern.is_unknown() {
        return Err(DeleteAclError::UnknownPattern);
    }
    if filter.entry.is_unknown() {
        return Err(DeleteAclError::UnknownEntry);
    }
    let all = image.acls().by_id().iter().map(|(id, acl)| (*id, acl.binding()));
    let found: Vec<_> = all.filter(|(_, binding)| filter.matches(binding)).collect();
    let new = found.iter().filter(|(id, _)| !removed.contains(id)).count();
    if removed.len() + new > MAX_RECORDS {
        return Err(DeleteAclError::TooManyRecords);
    }
    removed.extend(found.iter().map(|(id, _)| *id));
    Ok(found.into_iter().map(|(_, binding)| binding).collect())
}

fn validate(binding: &Binding) -> Result<(), CreateAclError> {
    let (pattern, entry) = (&binding.pattern, &binding.entry);
    if matches!(pattern.resource_type, ResourceType::Unknown | ResourceType::Any) {
        return Err(CreateAclError::ResourceType(pattern.resource_type));
    }
    if !matches!(pattern.pattern_type, PatternType::Literal | PatternType::Prefixed) {
        return Err(CreateAclError::PatternType(pattern.pattern_type));
    }
    if matches!(entry.operation, Operation::Unknown | Operation::Any) {
        return Err(CreateAclError::Operation(entry.operation));
    }
    if !matches!(entry.permission, Permission::Deny | Permission::Allow) {
        return Err(CreateAclError::Permission(entry.permission));
    }
    if pattern.name.is_empty() {
        return Err(CreateAclError::NoName);
    }
    if !entry.principal.contains(':') {
        return Err(CreateAclError::Principal(entry.principal.clone()));
    }
    Ok(())
}

fn new_id(random: &mut Random, is_taken: impl Fn(Uuid) -> bool) -> Uuid {
    loop {
        match Uuid::from_random(random.bytes()) {
            Some(id) if !is_taken(id) => return id,
            _ => {}
        }
    }
}

fn record(id: Uuid, binding: &Binding) -> AccessControlEntryRecord {
    let (pattern, entry) = (&binding.pattern, &binding.entry);
    AccessControlEntryRecord {
        id,
        resource_type: pattern.resource_type.code(),
        resource_name: pattern.name.clone(),
        pattern_type: pattern.pattern_type.code(),
        principal: entry.principal.clone(),
        host: entry.host.clone(),
        operation: entry.operation.code(),
        permission_type: entry.permission.code(),
    }
}

#[cfg(test)]
mod tests;
