//! Traces of offsets.

mod commit;
mod delete;
mod expiry;
mod fetch;
