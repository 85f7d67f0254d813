//! Java's properties as text, readable by `Properties.load` from bytes: what is not ASCII is escaped.

use std::fmt::Write as _;

/// One line `key=value`; an end of line within the value is one escape, and the text goes on below.
pub(super) fn line(key: &str, value: &str) -> String {
    let mut text = format!("{key}=");
    let mut rest = value.chars().peekable();
    let mut is_first = true;
    while let Some(c) = rest.next() {
        match c {
            '\\' => text.push_str("\\\\"),
            '\n' if rest.peek().is_some() => text.push_str("\\n\\\n"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            // Blanks at the beginning, also of a line that goes on, would be passed over.
            ' ' if is_first || text.ends_with('\n') => text.push_str("\\ "),
            ' '..='~' => text.push(c),
            c => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    // Writing to a String does not fail.
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
        }
        is_first = false;
    }
    text.push('\n');
    text
}

/// A value in double quotes as JAAS lines have it.
pub(super) fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_back_as_it_was() {
        for value in
            ["a", " a b ", "one\ntwo\n", "one\n two", "C:\\dir", "a=b:c#d!", "pass\u{e9}\u{1f600}\t\r", ""]
        {
            let text = format!("before=1\n{}after=2\n", line("key", value));
            assert!(text.is_ascii());
            let read = broker_config::properties::parse(&text).expect("properties");
            assert_eq!(read.get("key").map(String::as_str), Some(value), "{text:?}");
            assert_eq!(read.len(), 3, "{text:?}");
        }
    }
}
