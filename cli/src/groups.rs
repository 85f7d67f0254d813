//! What is told of groups and done to them, for `klamm group` and `kafka-consumer-groups.sh` alike.

pub(crate) mod csv;
pub(crate) mod lag;
pub(crate) mod moment;
pub(crate) mod partitions;
pub(crate) mod reset;
