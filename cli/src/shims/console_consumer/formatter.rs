//! A record as text, as `formatter-property` says.

use std::{
    collections::BTreeMap,
    io::{Result, Write},
};

use broker_client::fetch::IncomingRecord;

use super::Failure;

/// The columns, in their order.
const COLUMNS: [&str; 8] =
    ["timestamp", "partition", "offset", "delivery", "epoch", "headers", "key", "value"];

/// How records are printed.
#[derive(Debug)]
pub(super) struct Formatter {
    columns: Vec<&'static str>,
    key_separator: String,
    line_separator: String,
    headers_separator: String,
    null_literal: String,
}

impl Formatter {
    pub(super) fn new(properties: &BTreeMap<String, String>) -> std::result::Result<Self, Failure> {
        let is_asked_for = |column: &str| {
            let said = properties.get(&format!("print.{column}"));
            said.map_or(column == "value", |text| text.trim().eq_ignore_ascii_case("true"))
        };
        let columns: Vec<_> = COLUMNS.into_iter().filter(|column| is_asked_for(column)).collect();
        if let Some(column) = columns.iter().find(|column| matches!(**column, "epoch" | "delivery")) {
            return Err(Failure(format!("print.{column} is not built")));
        }
        let text =
            |key: &str, default: &str| properties.get(key).map_or_else(|| default.to_owned(), Clone::clone);
        Ok(Self {
            columns,
            key_separator: text("key.separator", "\t"),
            line_separator: text("line.separator", "\n"),
            headers_separator: text("headers.separator", ","),
            null_literal: text("null.literal", "null"),
        })
    }

    pub(super) fn write(&self, record: &IncomingRecord, out: &mut impl Write) -> Result<()> {
        for (at, column) in self.columns.iter().enumerate() {
            match *column {
                "timestamp" if record.timestamp < 0 => write!(out, "NO_TIMESTAMP")?,
                "timestamp" => write!(out, "CreateTime:{}", record.timestamp)?,
                "partition" => write!(out, "Partition:{}", record.partition)?,
                "offset" => write!(out, "Offset:{}", record.offset)?,
                "headers" => self.headers(record, out)?,
                "key" => out.write_all(self.bytes(record.key.as_deref()))?,
                _ => out.write_all(self.bytes(record.value.as_deref()))?,
            }
            let is_last = at + 1 == self.columns.len();
            let separator = if is_last { &self.line_separator } else { &self.key_separator };
            out.write_all(separator.as_bytes())?;
        }
        Ok(())
    }

    fn headers(&self, record: &IncomingRecord, out: &mut impl Write) -> Result<()> {
        if record.headers.is_empty() {
            return write!(out, "NO_HEADERS");
        }
        for (at, header) in record.headers.iter().enumerate() {
            if at > 0 {
                out.write_all(self.headers_separator.as_bytes())?;
            }
            write!(out, "{}:", header.name)?;
            out.write_all(self.bytes(header.value.as_deref()))?;
        }
        Ok(())
    }

    fn bytes<'a>(&'a self, bytes: Option<&'a [u8]>) -> &'a [u8] {
        bytes.unwrap_or(self.null_literal.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use broker_client::Header;
    use broker_types::{Offset, PartitionId};

    use super::*;

    fn printed(properties: &[(&str, &str)]) -> String {
        let header = |name: &str, value: Option<&'static str>| Header {
            name: name.to_owned(),
            value: value.map(|value| value.as_bytes().into()),
        };
        let record = IncomingRecord {
            partition: PartitionId::new(2),
            offset: Offset::from_wire(7).unwrap(),
            timestamp: 1000,
            key: None,
            value: Some("v".into()),
            headers: vec![header("a", Some("1")), header("b", None)],
        };
        let properties = properties.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let mut out = Vec::new();
        Formatter::new(&properties.collect()).unwrap().write(&record, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_value_is_a_line_unless_more_is_asked_for() {
        assert_eq!(printed(&[]), "v\n");
        let all =
            ["timestamp", "partition", "offset", "headers", "key"].map(|column| format!("print.{column}"));
        let all: Vec<_> = all.iter().map(|key| (key.as_str(), "true")).collect();
        assert_eq!(printed(&all), "CreateTime:1000\tPartition:2\tOffset:7\ta:1,b:null\tnull\tv\n");
        assert_eq!(printed(&[("print.key", "true"), ("key.separator", "|"), ("null.literal", "-")]), "-|v\n");
        assert_eq!(printed(&[("print.value", "false"), ("print.offset", "true")]), "Offset:7\n");
    }

    #[test]
    fn what_is_not_told_is_refused() {
        let epoch = BTreeMap::from([("print.epoch".to_owned(), "true".to_owned())]);
        assert!(Formatter::new(&epoch).is_err());
    }
}
