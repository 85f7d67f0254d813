//! Between the raw integers of records and the ids of the image.

use alloc::{boxed::Box, vec::Vec};

use broker_types::{BrokerId, DirectoryId, Uuid};

use crate::ReplayError;

pub(crate) fn ids(raw: &[i32]) -> Box<[BrokerId]> {
    raw.iter().copied().map(BrokerId::new).collect()
}

pub(crate) fn raw_ids(ids: &[BrokerId]) -> Vec<i32> {
    ids.iter().map(|id| id.get()).collect()
}

/// `None` for an empty list: the tagged fields of a record are left out when there is nothing in them.
pub(crate) fn raw_ids_or_none(ids: &[BrokerId]) -> Option<Vec<i32>> {
    if ids.is_empty() { None } else { Some(raw_ids(ids)) }
}

pub(crate) fn directories(raw: &[Uuid]) -> Box<[DirectoryId]> {
    raw.iter().copied().map(DirectoryId::new).collect()
}

pub(crate) fn raw_directories(directories: &[DirectoryId]) -> Vec<Uuid> {
    directories.iter().map(|directory| directory.uuid()).collect()
}

pub(crate) fn broker_id(
    record: &'static str,
    field: &'static str,
    raw: i32,
) -> Result<BrokerId, ReplayError> {
    BrokerId::from_wire(raw).ok_or(ReplayError::Negative { record, field, value: raw.into() })
}
