//! Consumer groups of every client: members share the partitions of a topic, hand them over, and read each record.

mod consumer;
mod coordinator_lost;
mod franz_go;
mod java;
mod kafka_python;
mod kcat;
mod lag;
mod librdkafka;
mod offsets_topic;
mod sightings;
mod source;
mod tool;
mod verifiable;

/// How many partitions the topics have that members share.
const PARTITIONS: i32 = 6;
