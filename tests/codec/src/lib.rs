//! The wire codec against Apache Kafka's own: what the tests under `tests/` are made of.
//!
//! The oracle needs Apache Kafka's jars: the environment's `KLAMM_KAFKA_LIBS` names the folder.

pub mod catalog;
pub mod counting;
pub mod definition;
pub mod expected;
pub mod oracle;
pub mod random;
pub mod sample;
