//! franz-go, the Go client.

use anyhow::Result;
use tests_compat::{Broker, Cache, Codec, Consumed, Program, Record};

use crate::exchange::{Client, round_trip, sample};

struct FranzGo;

fn franz(broker: &Broker, command: &str, topic: &str, more: &[&str]) -> Result<Program> {
    let bootstrap = broker.bootstrap();
    let common = [command, "-bootstrap", &bootstrap, "-topic", topic];
    Ok(Program::new(Cache::open()?.franz()?).args(common).args(more))
}

impl Client for FranzGo {
    fn produce(&self, broker: &Broker, topic: &str, codec: Codec, records: &[Record]) -> Result<()> {
        franz(broker, "produce", topic, &["-codec", codec.name()])?
            .input(Record::to_lines(records)?)
            .stdout()?;
        Ok(())
    }

    fn consume(&self, broker: &Broker, topic: &str, partition: i32, count: usize) -> Result<Vec<Consumed>> {
        let (partition, count) = (partition.to_string(), count.to_string());
        let program = franz(broker, "consume", topic, &["-partition", &partition, "-count", &count])?;
        let mut consumed = Consumed::from_lines(&program.stdout()?)?;
        // A poll may bring a few records more than asked for.
        consumed.truncate(count.parse()?);
        Ok(consumed)
    }
}

#[test]
fn every_codec_round_trips() -> Result<()> {
    round_trip(&FranzGo)
}

#[test]
fn offsets_are_found_by_timestamp_and_special_values() -> Result<()> {
    let broker = Broker::under_test()?;
    broker.create_topic("times", 1, &[])?;
    let records = sample(0);
    FranzGo.produce(&broker, "times", Codec::Zstd, &records)?;
    let find = |timestamp: i64| -> Result<String> {
        let timestamp = timestamp.to_string();
        let program = franz(&broker, "offsets", "times", &["-partition", "0", "-timestamp", &timestamp])?;
        Ok(program.stdout()?.trim().to_owned())
    };
    let (middle, last) = (records[1500].timestamp, records.len() - 1);
    assert_eq!(find(middle)?, format!("1500 {middle}"));
    assert_eq!(find(records[last].timestamp + 600_000)?, "-1 -1", "later than everything");
    assert_eq!(find(-1)?, format!("{} -1", records.len()), "latest");
    assert_eq!(find(-2)?, "0 -1", "earliest");
    assert_eq!(find(-3)?, format!("{last} {}", records[last].timestamp), "of the largest timestamp");
    assert_eq!(find(-4)?, "0 -1", "earliest local");
    Ok(())
}
