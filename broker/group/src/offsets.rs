//! Committed offsets: who may commit, what is told, what is forgotten.

mod commit;
mod delete;
mod expiry;
mod fetch;
#[cfg(test)]
mod tests;

pub(crate) use expiry::Expiry;
