//! A line as a record: headers, key and value between separators, as `reader-property` says.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use broker_client::{Header, OutgoingRecord};
use bytes::Bytes;

/// How lines are read.
#[derive(Debug)]
pub(super) struct LineReader {
    parse_key: bool,
    key_separator: String,
    parse_headers: bool,
    headers_delimiter: String,
    headers_separator: String,
    headers_key_separator: String,
    ignore_error: bool,
    null_marker: Option<String>,
}

impl LineReader {
    pub(super) fn new(properties: &BTreeMap<String, String>) -> Result<Self> {
        let is_true =
            |key: &str| properties.get(key).is_some_and(|text| text.trim().eq_ignore_ascii_case("true"));
        let text =
            |key: &str, default: &str| properties.get(key).map_or_else(|| default.to_owned(), Clone::clone);
        let reader = Self {
            parse_key: is_true("parse.key"),
            key_separator: text("key.separator", "\t"),
            parse_headers: is_true("parse.headers"),
            headers_delimiter: text("headers.delimiter", "\t"),
            headers_separator: text("headers.separator", ","),
            headers_key_separator: text("headers.key.separator", ":"),
            ignore_error: is_true("ignore.error"),
            null_marker: properties.get("null.marker").cloned(),
        };
        let separators = [
            ("headers.delimiter", &reader.headers_delimiter),
            ("headers.separator", &reader.headers_separator),
            ("headers.key.separator", &reader.headers_key_separator),
        ];
        for (at, (name, value)) in separators.iter().enumerate() {
            if let Some((other, _)) = separators.iter().skip(at + 1).find(|(_, other)| other == value) {
                bail!("{name} and {other} may not be equal");
            }
        }
        for (name, value) in separators.iter().chain(&[("key.separator", &reader.key_separator)]) {
            if reader.null_marker.as_ref() == Some(*value) {
                bail!("null.marker and {name} may not be equal");
            }
        }
        Ok(reader)
    }

    /// Reads line `number`, from 1.
    pub(super) fn read(&self, line: &str, number: usize) -> Result<OutgoingRecord> {
        let mut rest = line;
        let headers = if self.parse_headers {
            self.take(&mut rest, line, &self.headers_delimiter, "headers delimiter", number)?
        } else {
            None
        };
        let key = if self.parse_key {
            self.take(&mut rest, line, &self.key_separator, "key separator", number)?
        } else {
            None
        };
        let headers = match headers {
            Some(text) if !self.is_null(text) => self.headers(text, number)?,
            _ => Vec::new(),
        };
        Ok(OutgoingRecord {
            key: key.and_then(|key| self.bytes(key)),
            value: self.bytes(rest),
            headers,
            ..OutgoingRecord::default()
        })
    }

    /// Takes the text before the separator off `rest`.
    fn take<'a>(
        &self,
        rest: &mut &'a str,
        line: &str,
        separator: &str,
        name: &str,
        number: usize,
    ) -> Result<Option<&'a str>> {
        match rest.split_once(separator) {
            Some((before, after)) => {
                *rest = after;
                Ok(Some(before))
            }
            None if self.ignore_error => Ok(None),
            None => bail!("No {name} found on line number {number}: '{line}'"),
        }
    }

    fn headers(&self, text: &str, number: usize) -> Result<Vec<Header>> {
        let header = |pair: &str| match pair.split_once(&self.headers_key_separator) {
            Some((name, _)) if self.is_null(name) => {
                bail!("Header keys should not be equal to the null marker '{name}' as they can't be null")
            }
            Some((name, value)) => Ok(Header { name: name.to_owned(), value: self.bytes(value) }),
            None if self.ignore_error => Ok(Header { name: pair.to_owned(), value: None }),
            None => bail!("No header key separator found in pair '{pair}' on line number {number}"),
        };
        text.split(&self.headers_separator).map(header).collect()
    }

    fn is_null(&self, text: &str) -> bool {
        self.null_marker.as_deref() == Some(text)
    }

    fn bytes(&self, text: &str) -> Option<Bytes> {
        (!self.is_null(text)).then(|| Bytes::copy_from_slice(text.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(properties: &[(&str, &str)]) -> LineReader {
        let properties = properties.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        LineReader::new(&properties.collect()).unwrap()
    }

    #[test]
    fn a_line_is_a_value_unless_more_is_asked_for() {
        let record = reader(&[]).read("a\tb", 1).unwrap();
        assert_eq!((record.key, record.value.as_deref()), (None, Some(&b"a\tb"[..])));
    }

    #[test]
    fn headers_key_and_value_are_taken_apart() {
        let reader = reader(&[("parse.key", "true"), ("parse.headers", "true"), ("null.marker", "NULL")]);
        let record = reader.read("h:1,h:2,n:NULL\tk\tNULL", 1).unwrap();
        let headers: Vec<_> = record.headers.iter().map(|h| (h.name.as_str(), h.value.as_deref())).collect();
        assert_eq!(headers, [("h", Some(&b"1"[..])), ("h", Some(&b"2"[..])), ("n", None)]);
        assert_eq!((record.key.as_deref(), record.value), (Some(&b"k"[..]), None));
        assert_eq!(
            reader.read("nothing", 7).unwrap_err().to_string(),
            "No headers delimiter found on line number 7: 'nothing'"
        );
    }

    #[test]
    fn separators_must_differ() {
        let same = BTreeMap::from([("headers.separator".to_owned(), ":".to_owned())]);
        assert_eq!(
            LineReader::new(&same).unwrap_err().to_string(),
            "headers.separator and headers.key.separator may not be equal"
        );
    }
}
