//! The table of error codes: `code NAME retriable|final text`.

use crate::ParseError;

/// One error code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorRow {
    /// The number on the wire.
    pub code: i16,
    /// Kafka's name, such as `OFFSET_OUT_OF_RANGE`.
    pub name: String,
    /// Whether a client may try again.
    pub is_retriable: bool,
    /// The default text; empty for success.
    pub message: String,
}

/// Parses the table.
///
/// # Errors
/// The first line that is not a row.
pub fn parse_errors(text: &str) -> Result<Vec<ErrorRow>, ParseError> {
    let mut rows = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
        let wrong = |what: &str| ParseError { line: index + 1, what: what.to_owned() };
        let mut words = line.splitn(4, ' ');
        let code =
            words.next().and_then(|word| word.parse().ok()).ok_or_else(|| wrong("a code is a number"))?;
        let name = words.next().ok_or_else(|| wrong("a row has a name"))?.to_owned();
        let is_retriable = match words.next() {
            Some("retriable") => true,
            Some("final") => false,
            _ => return Err(wrong("the third word is retriable or final")),
        };
        rows.push(ErrorRow { code, name, is_retriable, message: words.next().unwrap_or("").to_owned() });
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_wrong_rows() {
        let rows = parse_errors("# text\n0 NONE final\n7 TIMED_OUT retriable Too late, once more.\n")
            .expect("a table");
        assert_eq!((rows[0].code, rows[0].message.as_str()), (0, ""));
        assert_eq!((rows[1].is_retriable, rows[1].message.as_str()), (true, "Too late, once more."));
        assert_eq!(parse_errors("x NONE final").expect_err("no number").line, 1);
    }
}
