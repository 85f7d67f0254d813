//! A record as text, as `formatter-property` says.

use std::{
    collections::BTreeMap,
    io::{Result, Write},
};

use broker_client::fetch::IncomingRecord;
use broker_records::TimestampType;

use super::Failure;

/// The columns, in their order.
const COLUMNS: [&str; 8] =
    ["timestamp", "partition", "offset", "delivery", "epoch", "headers", "key", "value"];

const PACKAGE: &str = "org.apache.kafka.tools.consumer.";

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
    /// The formatter of that class, the default one without; with its properties.
    pub(super) fn new(
        class: Option<&str>,
        properties: &BTreeMap<String, String>,
    ) -> std::result::Result<Self, Failure> {
        let is_silent = match class.map(|class| class.strip_prefix(PACKAGE).unwrap_or(class)) {
            None | Some("DefaultMessageFormatter" | "LoggingMessageFormatter") => false,
            Some("NoOpMessageFormatter") => true,
            Some(class) => return Err(Failure(format!("--formatter {class} is not built"))),
        };
        let is_asked_for = |column: &str| {
            let said = properties.get(&format!("print.{column}"));
            said.map_or(column == "value", |text| text.trim().eq_ignore_ascii_case("true"))
        };
        let columns = COLUMNS.into_iter().filter(|column| !is_silent && is_asked_for(column)).collect();
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
                "timestamp" => match record.timestamp_type {
                    TimestampType::Create => write!(out, "CreateTime:{}", record.timestamp)?,
                    TimestampType::LogAppend => write!(out, "LogAppendTime:{}", record.timestamp)?,
                },
                "partition" => write!(out, "Partition:{}", record.partition)?,
                "offset" => write!(out, "Offset:{}", record.offset)?,
                // Only share groups count deliveries; epochs are not told by Kafka's script either.
                "delivery" => write!(out, "Delivery:NOT_PRESENT")?,
                "epoch" => write!(out, "Epoch:NOT_PRESENT")?,
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
            timestamp_type: TimestampType::Create,
            key: None,
            value: Some("v".into()),
            headers: vec![header("a", Some("1")), header("b", None)],
        };
        let properties = properties.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let mut out = Vec::new();
        Formatter::new(None, &properties.collect()).unwrap().write(&record, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_value_is_a_line_unless_more_is_asked_for() {
        assert_eq!(printed(&[]), "v\n");
        let all = ["timestamp", "partition", "offset", "delivery", "epoch", "headers", "key"]
            .map(|column| format!("print.{column}"));
        let all: Vec<_> = all.iter().map(|key| (key.as_str(), "true")).collect();
        assert_eq!(
            printed(&all),
            "CreateTime:1000\tPartition:2\tOffset:7\tDelivery:NOT_PRESENT\tEpoch:NOT_PRESENT\ta:1,b:null\tnull\tv\n"
        );
        assert_eq!(printed(&[("print.key", "true"), ("key.separator", "|"), ("null.literal", "-")]), "-|v\n");
        assert_eq!(printed(&[("print.value", "false"), ("print.offset", "true")]), "Offset:7\n");
    }

    #[test]
    fn formatters_have_classes() {
        let named = |class| Formatter::new(Some(class), &BTreeMap::new());
        assert_eq!(named("NoOpMessageFormatter").unwrap().columns, Vec::<&str>::new());
        assert_eq!(
            named("org.apache.kafka.tools.consumer.LoggingMessageFormatter").unwrap().columns,
            ["value"]
        );
        assert!(named("com.example.Formatter").is_err());
    }
}
