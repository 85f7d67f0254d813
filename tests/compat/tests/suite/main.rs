//! Foreign clients and tools against the broker that `KLAMM_COMPAT_BROKER` names (`klamm`, or `apache` to check the
//! expectations themselves). `tests/compat/setup` brings the programs. Expectations are what Apache Kafka 4.3.1
//! prints; one assertion holds for both brokers.

mod exchange;
mod text;

mod foreign;
mod franz_go;
mod groups;
mod java_console;
mod kafka_python;
mod kcat;
mod librdkafka;
mod mixed;
mod on_top;

mod acls_tool;
mod cluster_tools;
mod compaction;
mod configs_tool;
mod copied;
mod data_tools;
mod differential;
mod quotas;
mod racks;
mod sasl;
mod scripts;
mod ssl;
mod take_over;
mod throttles;
mod topics_tool;
mod transactions;
mod verify;
