//! What every client must be able to do: send each kind of record in each codec, and read the same back.

use anyhow::{Context, Result, ensure};
use tests_compat::{Broker, Codec, Consumed, Record, Tool, batch_headers, wall_ms};

use crate::librdkafka::Librdkafka;

/// A foreign client that can send to and read from one partition, idempotent, with acks=all and without a group.
pub(crate) trait Client {
    fn produce(&self, broker: &Broker, topic: &str, codec: Codec, records: &[Record]) -> Result<()>;
    fn consume(&self, broker: &Broker, topic: &str, partition: i32, count: usize) -> Result<Vec<Consumed>>;
}

/// Records that a batch can hold but a careless codec loses: absent and empty keys and values, headers that repeat a
/// name or have no value, bytes that are no text, one value near the limit of a batch, and enough plain ones to fill
/// large batches.
pub(crate) fn sample(partition: i32) -> Vec<Record> {
    let start = wall_ms() - 60_000;
    let header = |name: &str, value: Option<&[u8]>| (name.to_owned(), value.map(<[u8]>::to_vec));
    let mut records = Vec::new();
    let mut add = |key: Option<&[u8]>, value: Option<&[u8]>, headers: Vec<(String, Option<Vec<u8>>)>| {
        let timestamp = start + i64::try_from(records.len()).unwrap_or(0);
        let (key, value) = (key.map(<[u8]>::to_vec), value.map(<[u8]>::to_vec));
        records.push(Record { partition, timestamp, key, value, headers });
    };
    add(Some(b"key"), Some(b"value"), vec![]);
    add(None, Some(b"no key"), vec![]);
    add(Some(b"tombstone"), None, vec![]);
    add(Some(b""), Some(b""), vec![]);
    add(Some(&[0, 159, 146, 150, 255]), Some(&[0; 100]), vec![]);
    add(
        Some("schlüssel".as_bytes()),
        Some("値".as_bytes()),
        vec![header("ключ", Some("значение".as_bytes()))],
    );
    let twice = vec![header("trace", Some(b"1")), header("trace", Some(b"2")), header("other", Some(b""))];
    add(Some(b"headers"), Some(b"duplicates"), twice);
    for number in 0..3000 {
        let value = format!("{{\"number\":{number},\"text\":\"{}\"}}", "all work and no play ".repeat(10));
        add(Some(format!("key-{number}").as_bytes()), Some(value.as_bytes()), vec![]);
    }
    add(Some(b"large"), Some("a large value, ".repeat(50_000).as_bytes()), vec![]);
    records
}

/// Sends the sample in each codec to a partition of its own, reads it with the same client and with librdkafka, and
/// looks at the batches on disk, itself and with Apache's own reader.
pub(crate) fn round_trip(client: &dyn Client) -> Result<()> {
    let broker = Broker::under_test()?;
    let topic = "exchange";
    broker.create_topic(topic, i32::try_from(Codec::ALL.len())?, &[])?;
    for (partition, codec) in (0..).zip(Codec::ALL) {
        let records = sample(partition);
        client.produce(&broker, topic, codec, &records).with_context(|| format!("{codec:?}"))?;
        let own = client.consume(&broker, topic, partition, records.len())?;
        same(&records, &own).with_context(|| format!("{codec:?}, own consumer"))?;
        let other = Librdkafka.consume(&broker, topic, partition, records.len())?;
        same(&records, &other).with_context(|| format!("{codec:?}, librdkafka"))?;
        stored_in(&broker, topic, partition, codec, records.len())?;
    }
    apache_reads_files(&broker, topic)
}

fn same(sent: &[Record], received: &[Consumed]) -> Result<()> {
    ensure!(sent.len() == received.len(), "{} sent, {} received", sent.len(), received.len());
    for (offset, (sent, received)) in (0..).zip(sent.iter().zip(received)) {
        ensure!(received.offset == offset, "offset {} instead of {offset}", received.offset);
        ensure!(*sent == received.record, "at {offset}: sent {sent:?}, received {:?}", received.record);
    }
    Ok(())
}

/// The batches on disk are in the codec that the client was told to use, and carry a producer id.
fn stored_in(broker: &Broker, topic: &str, partition: i32, codec: Codec, count: usize) -> Result<()> {
    let headers = batch_headers(&broker.partition(topic, partition))?;
    let total: i32 = headers.iter().map(|header| header.records).sum();
    ensure!(usize::try_from(total)? == count, "{total} of {count} records on disk");
    for header in headers {
        // Clients send a batch plain when compressing makes it larger, which happens with a few short records only.
        let plain = header.codec == 0 && header.records < 10;
        ensure!(header.codec == codec as u8 || plain, "{codec:?} expected: {header:?}");
        ensure!(header.producer_id >= 0, "no producer id: {header:?}");
    }
    Ok(())
}

/// Apache's `kafka-dump-log` decompresses and counts every record of every partition.
fn apache_reads_files(broker: &Broker, topic: &str) -> Result<()> {
    let partitions = 0..i32::try_from(Codec::ALL.len())?;
    let files: Vec<_> = partitions
        .clone()
        .map(|partition| {
            broker.partition(topic, partition).join("00000000000000000000.log").display().to_string()
        })
        .collect();
    let dump = Tool::DumpLog.stdout(&["--deep-iteration", "--files", &files.join(",")])?;
    let records = dump.lines().filter(|line| line.starts_with("| offset: ")).count();
    let expected: usize = partitions.map(|partition| sample(partition).len()).sum();
    ensure!(records == expected, "{records} of {expected} records read");
    ensure!(!dump.contains("isvalid: false"), "an invalid batch");
    Ok(())
}
