//! Nothing but tests: the registry of configuration keys against Apache Kafka's own definitions.
