//! Offsets of partitions.

use anyhow::Result;
use tests_compat::Tool;

use super::{SERVER, ends_well, three_nodes};

#[test]
fn offsets_are_told_of_every_kind_of_time_and_partition() -> Result<()> {
    let asked = three_nodes()?;
    for topic in ["orders", "payments"] {
        let shape = ["--partitions", "3", "--replication-factor", "1"];
        asked.cluster.tool(Tool::Topics, &[&["--create", "--topic", topic][..], &shape].concat())?;
        let input: String = (0..20).map(|number| format!("{number}:{number}\n")).collect();
        let keyed = ["--reader-property", "parse.key=true", "--reader-property", "key.separator=:"];
        let server = ["--bootstrap-server", &asked.cluster.bootstrap(), "--topic", topic];
        Tool::ConsoleProducer.program(&[&server[..], &keyed[..]].concat())?.input(input).stdout()?;
    }
    // There is an internal topic only once there is a group.
    let group = ["--reset-offsets", "--group", "g", "--topic", "orders", "--to-latest", "--execute"];
    asked.cluster.tool(Tool::ConsumerGroups, &group)?;
    asked.write("client.properties", "client.id=x\n")?;
    let of = |lines: &[&str]| {
        let lines: Vec<_> = lines.iter().map(|line| format!("{SERVER} {line}")).collect();
        asked.same(Tool::GetOffsets, &lines.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let said = of(&[
        "--exclude-internal-topics",
        "--topic orders",
        "--topic orders --time earliest",
        "--topic orders --time -1",
        "--topic orders --time max-timestamp",
        "--topic orders --time -3 --partitions 0,2",
        "--topic orders --time earliest-local",
        "--topic orders --time 0",
        "--topic pay.*,orders",
        "--topic orders --partitions 1",
        "--topic-partitions orders:1,payments:0-2",
        "--topic-partitions orders:1-,payments:-1,:2",
        "--topic-partitions o.*",
        "--command-config FILES/client.properties --topic orders",
    ])?;
    ends_well(&said);
    assert_eq!(said[0].out.len(), 3 + 3, "{said:?}");
    assert_eq!(said[10].out.len(), 1 + 2, "{said:?}");
    // A time after all records has none; neither has what is in tiered storage.
    ends_well(&of(&["--topic orders --time 9999999999999", "--topic orders --time latest-tiered"])?);
    for refused in of(&[
        "--topic nope",
        "--topic orders --partitions 9",
        "--topic orders --partitions x",
        "--topic orders --time x",
        "--topic-partitions orders --topic orders",
        "--topic-partitions orders:x",
        "--bogus",
    ])? {
        assert_eq!(refused.code, Some(1), "{refused:?}");
    }
    asked.same(Tool::GetOffsets, &["--topic orders"])?;
    Ok(())
}
