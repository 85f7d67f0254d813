//! How fast records are written and read, as the tools tell it.

use anyhow::Result;
use tests_compat::Tool;

use super::{SERVER, ends_well, same::Said, three_nodes};

fn lines(rest: &[&str]) -> Vec<String> {
    rest.iter().map(|line| format!("{SERVER} {line}")).collect()
}

fn last_begins(said: &Said, with: &str) {
    assert!(said.out.last().is_some_and(|line| line.starts_with(with)), "{said:?}");
}

#[test]
fn writing_is_told_in_the_same_lines() -> Result<()> {
    let asked = three_nodes()?.without_figures();
    asked.create_topic("1,2,3")?;
    asked.write("payloads", "one\ntwo\nthree\n")?;
    asked.write("producer.properties", "linger.ms=1\n")?;
    let load = "--topic TOPIC --throughput -1 --reporting-interval 600000";
    let well = [
        format!("{load} --num-records 100 --record-size 10"),
        format!("{load} --num-records 100 --record-size 10 --warmup-records 40"),
        format!("{load} --num-records 20 --payload-file FILES/payloads"),
        format!("{load} --num-records 20 --payload-file FILES/payloads --payload-delimiter e"),
        "--topic TOPIC --throughput 100 --num-records 10 --payload-monotonic".to_owned(),
        format!(
            "{load} --num-records 10 --record-size 10 --command-property compression.type=lz4 batch.size=1000"
        ),
        format!("{load} --num-records 10 --record-size 10 --producer-props client.id=x"),
        format!("{load} --num-records 10 --record-size 10 --producer.config FILES/producer.properties"),
    ];
    let all = lines(&well.each_ref().map(String::as_str));
    let said = asked.same(Tool::ProducerPerformance, &all.iter().map(String::as_str).collect::<Vec<_>>())?;
    ends_well(&said);
    last_begins(&said[0], "# records sent, # records/sec");
    last_begins(&said[1], "# steady state records sent, # records/sec");
    let written = asked.cluster.tool(Tool::GetOffsets, &["--topic", "topic-of-rust"])?;
    let ends = written.lines().filter_map(|line| line.rsplit(':').next()?.parse::<i64>().ok());
    assert_eq!(ends.sum::<i64>(), 100 + 100 + 20 + 20 + 10 + 10 + 10 + 10);
    let wrong = lines(&[
        "--topic TOPIC --num-records 10 --throughput -1",
        "--topic TOPIC --num-records 10 --throughput -1 --record-size 10 --payload-monotonic",
        "--topic TOPIC --num-records 10 --throughput -1 --record-size 0",
        "--topic TOPIC --num-records 0 --throughput -1 --record-size 10",
        "--topic TOPIC --num-records x --throughput -1 --record-size 10",
        "--topic TOPIC --num-records 10 --throughput x --record-size 10",
        "--num-records 10 --throughput -1 --record-size 10",
        "--topic TOPIC --num-records 10 --record-size 10 --throughput -1 --warmup-records 10",
        "--topic TOPIC --num-records 10 --record-size 10 --throughput -1 --reporting-interval 0",
        "--topic TOPIC --num-records 10 --record-size 10 --throughput -1 --transaction-duration-ms 0",
        "--topic TOPIC --num-records 10 --record-size 10 --throughput -1 --command-property a",
        "--topic TOPIC --num-records 10 --payload-file FILES/nope --throughput -1",
        "--topic TOPIC --num-records 10 --record-size 10 --throughput -1 --bogus",
    ]);
    for refused in
        asked.same(Tool::ProducerPerformance, &wrong.iter().map(String::as_str).collect::<Vec<_>>())?
    {
        assert_eq!(refused.code, Some(1), "{refused:?}");
    }
    asked.same(
        Tool::ProducerPerformance,
        &["--topic TOPIC --num-records 1 --record-size 1 --throughput -1"],
    )?;
    let transactional = "--topic TOPIC --num-records 1 --record-size 1 --throughput -1 --transactional-id t";
    for refused in asked.each(Tool::ProducerPerformance, &format!("{SERVER} {transactional}"))? {
        assert_eq!(refused.code, Some(1));
        assert!(refused.stderr.contains("this producer writes without transactions yet"), "{refused:?}");
    }
    Ok(())
}

#[test]
fn reading_is_told_in_the_same_lines() -> Result<()> {
    let asked = three_nodes()?.without_figures();
    asked.create_topic("1,2,3")?;
    let load = format!("{SERVER} --topic TOPIC --throughput -1 --num-records 300 --record-size 100");
    for written in asked.each(Tool::ProducerPerformance, &load)? {
        assert_eq!(written.code, Some(0), "{written:?}");
    }
    asked.write("consumer.properties", "max.poll.records=50\n")?;
    let well = lines(&[
        "--topic TOPIC --num-records 300",
        "--topic TOPIC --num-records 300 --group perf-of-TOPIC --command-property max.poll.records=10",
        "--include topic.of.*a|TOPIC --messages 100 --hide-header --consumer.config FILES/consumer.properties",
        "--topic TOPIC --num-records 100000 --timeout 500 --date-format HH:mm:ss",
    ]);
    let said = asked.same(Tool::ConsumerPerformance, &well.iter().map(String::as_str).collect::<Vec<_>>())?;
    ends_well(&said);
    assert_eq!(said[0].out.len(), 2, "{said:?}");
    let wrong = lines(&[
        "--num-records 30",
        "--topic TOPIC --include b --num-records 30",
        "--topic TOPIC",
        "--topic TOPIC --num-records 30 --command-config x --consumer.config y",
        "--topic TOPIC --num-records 30 --bogus",
    ]);
    for refused in
        asked.same(Tool::ConsumerPerformance, &wrong.iter().map(String::as_str).collect::<Vec<_>>())?
    {
        assert_eq!(refused.code, Some(1), "{refused:?}");
    }
    asked.same(Tool::ConsumerPerformance, &["--topic TOPIC --num-records 30"])?;
    Ok(())
}
