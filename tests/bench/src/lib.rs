//! Load generator: Klamm and Apache Kafka side by side in one run.
