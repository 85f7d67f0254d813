//! Compaction through the public interface.

mod changes;
mod content;
mod crashes;
mod range;
mod support;
mod transactions;
