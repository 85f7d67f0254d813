//! Foreign clients and tools against the broker that `KLAMM_COMPAT_BROKER` names (`klamm`, or `apache` to check the
//! expectations themselves). `tests/compat/setup` brings the programs.

mod exchange;
mod franz_go;
mod kafka_python;
mod kcat;
mod librdkafka;
