//! Lag as Klamm's admin port tells it is that of `kafka-consumer-groups`.

use anyhow::{Context, Result};
use serde_json::Value;
use tests_compat::{Kind, Program, Spec, Tool, rest};

const TOPIC: &str = "orders";

#[test]
fn the_admin_port_and_apaches_tool_tell_the_same_lag() -> Result<()> {
    // Apache's has no such port.
    let broker = Spec::new(Kind::Klamm).start()?;
    broker.create_topic(TOPIC, 3, &[])?;
    for (partition, count) in [("0", 10), ("1", 3)] {
        let words = ["-b", &broker.bootstrap(), "-P", "-t", TOPIC, "-p", partition];
        Program::new("kcat").args(words).input("record\n".repeat(count)).stdout()?;
    }
    broker.find_coordinator("any")?;
    let reset = ["--reset-offsets", "--group", "g", "--execute", "--topic"];
    for (partitions, to) in [("orders:0", "4"), ("orders:1,2", "0")] {
        broker.tool(Tool::ConsumerGroups, &[&reset[..], &[partitions, "--to-offset", to]].concat())?;
    }
    let table = broker.tool(Tool::ConsumerGroups, &["--describe", "--group", "g"])?;
    let mut by_tool: Vec<Vec<i64>> = table
        .lines()
        .filter(|line| line.starts_with("g "))
        .map(|line| line.split_whitespace().skip(2).map_while(|word| word.parse().ok()).collect())
        .collect();
    by_tool.sort();
    let (status, told) = rest("GET", broker.admin_port(), "/v1/groups/g", None)?;
    assert_eq!(status, 200, "{told}");
    let offsets = told["offsets"].as_array().context("offsets")?;
    let number = |row: &Value, key: &str| row[key].as_i64().unwrap_or(i64::MIN);
    let row = |row: &Value| ["partition", "offset", "end", "lag"].map(|key| number(row, key)).to_vec();
    let by_port: Vec<_> = offsets.iter().map(row).collect();
    assert_eq!(by_port, by_tool, "{table}");
    assert_eq!(by_port, [[0, 4, 10, 6], [1, 0, 3, 3], [2, 0, 0, 0]]);
    Ok(())
}
