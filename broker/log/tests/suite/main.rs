//! The storage engine through its public interface, on a simulated disk.
mod append;
mod cleaning;
mod directory;
mod offsets;
mod read;
mod recovery;
mod retention;
mod support;
mod transactions;
