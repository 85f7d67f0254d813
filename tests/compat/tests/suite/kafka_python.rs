//! kafka-python: the second generation (old versions of the protocol) and the third (current ones).

use anyhow::Result;
use tests_compat::{Broker, Cache, Codec, Consumed, Program, Record};

use crate::exchange::{Client, round_trip, sample};

/// The generation.
struct KafkaPython(u32);

impl KafkaPython {
    fn program(&self, broker: &Broker, command: &str, topic: &str, more: &[&str]) -> Result<Program> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/python/client.py");
        let bootstrap = broker.bootstrap();
        let common = [script, command, "--bootstrap", &bootstrap, "--topic", topic];
        Ok(Program::new(Cache::open()?.python(self.0)?).args(common).args(more))
    }
}

impl Client for KafkaPython {
    fn produce(&self, broker: &Broker, topic: &str, codec: Codec, records: &[Record]) -> Result<()> {
        let program = self.program(broker, "produce", topic, &["--codec", codec.name()])?;
        program.input(Record::to_lines(records)?).stdout()?;
        Ok(())
    }

    fn consume(&self, broker: &Broker, topic: &str, partition: i32, count: usize) -> Result<Vec<Consumed>> {
        let (partition, count) = (partition.to_string(), count.to_string());
        let program =
            self.program(broker, "consume", topic, &["--partition", &partition, "--count", &count])?;
        let mut consumed = Consumed::from_lines(&program.stdout()?)?;
        consumed.truncate(count.parse()?);
        Ok(consumed)
    }
}

#[test]
fn every_codec_round_trips_in_generation_2() -> Result<()> {
    round_trip(&KafkaPython(2))
}

#[test]
fn every_codec_round_trips_in_generation_3() -> Result<()> {
    round_trip(&KafkaPython(3))
}

#[test]
fn offsets_are_found_by_timestamp() -> Result<()> {
    let broker = Broker::under_test()?;
    for generation in [2, 3] {
        let client = KafkaPython(generation);
        let topic = format!("times-{generation}");
        broker.create_topic(&topic, 1, &[])?;
        let records = sample(0);
        client.produce(&broker, &topic, Codec::Gzip, &records)?;
        let middle = records[1500].timestamp;
        let find = |timestamp: i64| -> Result<String> {
            client.program(&broker, "offsets", &topic, &["--timestamp", &timestamp.to_string()])?.stdout()
        };
        assert_eq!(find(middle)?.trim(), format!("1500 {middle}"));
        assert_eq!(find(middle + 600_000)?.trim(), "-1 -1");
    }
    Ok(())
}
