//! Topics: created, deleted, given more partitions.

mod assignment;
mod create;
mod delete;
mod partitions;

pub use self::{
    assignment::AssignmentError,
    create::{CreateTopicError, CreateTopics, CreatedTopic, NewTopic},
    delete::{DeleteTopicError, DeleteTopics, DeletedTopic, TopicRef},
    partitions::{CreatePartitions, CreatePartitionsError, MorePartitions},
};
pub(crate) use self::{assignment::checked, create::create, delete::delete, partitions::create_partitions};

#[cfg(test)]
mod tests;
