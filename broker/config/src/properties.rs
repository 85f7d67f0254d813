//! Files in Java's `.properties` form.
//!
//! A line is `key = value`, `key: value` or `key value`; `#` and `!` begin a comment line; a backslash at the end
//! continues the line, elsewhere it escapes: `\t \n \r \f \uXXXX`, any other character stands for itself. A later
//! line beats an earlier one of the same key. Unlike Java, text is UTF-8, and bad escapes name their line.

use alloc::collections::BTreeMap;
use alloc::string::String;

/// A file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// `\u` without four hexadecimal digits, or half of a surrogate pair.
    #[error("line {line}: malformed \\uXXXX escape")]
    Unicode {
        /// The line on which the entry begins, from 1.
        line: usize,
    },
}

/// Reads the entries of a file.
///
/// # Errors
/// When an escape is malformed.
pub fn parse(text: &str) -> Result<BTreeMap<String, String>, ParseError> {
    let mut entries = BTreeMap::new();
    let mut lines = text.split(['\n', '\r']).scan(1, |line, content| {
        let number = *line;
        *line += 1;
        Some((number, content))
    });
    // A carriage return and a line feed are one end of line: count lines by feeds only.
    let has_feeds = text.contains('\n');
    let mut feeds = 1;
    let mut position = 0;
    while let Some((number, content)) = lines.next() {
        let first = if has_feeds { feeds } else { number };
        feeds += advance(text, &mut position, content.len());
        let content = content.trim_start_matches(is_blank);
        if content.is_empty() || content.starts_with(['#', '!']) {
            continue;
        }
        let mut entry = String::from(content);
        while ends_in_open_backslash(&entry) {
            entry.pop();
            let crlf = text.as_bytes().get(position.wrapping_sub(1)) == Some(&b'\r')
                && text.as_bytes().get(position) == Some(&b'\n');
            if crlf && let Some((_, rest)) = lines.next() {
                feeds += advance(text, &mut position, rest.len());
            }
            let Some((_, next)) = lines.next() else { break };
            feeds += advance(text, &mut position, next.len());
            entry.push_str(next.trim_start_matches(is_blank));
        }
        let (key, value) = split(&entry);
        let unescape = |text| unescape(text).ok_or(ParseError::Unicode { line: first });
        entries.insert(unescape(key)?, unescape(value)?);
    }
    Ok(entries)
}

/// Moves past a line and its end; 1 when the end was a line feed.
fn advance(text: &str, position: &mut usize, length: usize) -> usize {
    *position += length;
    let is_feed = text.as_bytes().get(*position) == Some(&b'\n');
    *position += 1;
    usize::from(is_feed)
}

const fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\x0c')
}

fn ends_in_open_backslash(line: &str) -> bool {
    line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

/// Splits an entry at its first separator that is not escaped.
fn split(entry: &str) -> (&str, &str) {
    let mut is_escaped = false;
    let end = entry.find(|c: char| {
        let ends = !is_escaped && (is_blank(c) || matches!(c, '=' | ':'));
        is_escaped = c == '\\' && !is_escaped;
        ends
    });
    let (key, rest) = entry.split_at(end.unwrap_or(entry.len()));
    let rest = rest.trim_start_matches(is_blank);
    let rest = rest.strip_prefix(['=', ':']).unwrap_or(rest);
    (key, rest.trim_start_matches(is_blank))
}

fn unescape(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('t') => out.push('\t'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('f') => out.push('\x0c'),
            Some('u') => {
                let high = unit(&mut chars)?;
                let decoded = if (0xd800..0xdc00).contains(&high) {
                    let (Some('\\'), Some('u')) = (chars.next(), chars.next()) else { return None };
                    char::decode_utf16([high, unit(&mut chars)?]).next()?.ok()?
                } else {
                    char::from_u32(u32::from(high))?
                };
                out.push(decoded);
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    Some(out)
}

/// Four hexadecimal digits.
fn unit(chars: &mut core::str::Chars<'_>) -> Option<u16> {
    let mut unit = 0u32;
    for _ in 0..4 {
        unit = unit << 4 | chars.next()?.to_digit(16)?;
    }
    u16::try_from(unit).ok()
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn parsed(text: &str) -> Vec<(String, String)> {
        parse(text).expect("well formed").into_iter().collect()
    }

    fn one(text: &str) -> (String, String) {
        let mut entries = parsed(text);
        assert_eq!(entries.len(), 1, "{text:?}");
        entries.remove(0)
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.into(), value.into())
    }

    #[test]
    fn separators_blanks_and_comments_are_javas() {
        for text in
            ["a=b", "a = b", "a:b", "a b", "  a\t:\tb", "a  =b", "\x0ca b", "a=b\r\n", "a=b\r", "\n\na=b\n"]
        {
            assert_eq!(one(text), pair("a", "b"), "{text:?}");
        }
        assert_eq!(one("a==b"), pair("a", "=b"));
        assert_eq!(one("a= b "), pair("a", "b "), "blanks at the end stay");
        assert_eq!(one("a"), pair("a", ""));
        assert_eq!(one("a="), pair("a", ""));
        assert_eq!(one("listeners=PLAINTEXT://:9092"), pair("listeners", "PLAINTEXT://:9092"));
        assert!(parsed("# a=b\n  ! c=d\n\n \t\n").is_empty());
        assert_eq!(parsed("a=1\nb=2\na=3"), [pair("a", "3"), pair("b", "2")]);
    }

    #[test]
    fn a_backslash_continues_or_escapes() {
        assert_eq!(one("a=b,\\\n   c,\\\r\n  d"), pair("a", "b,c,d"));
        assert_eq!(one("a=b\\\\"), pair("a", "b\\"));
        assert_eq!(one("a=b\\"), pair("a", "b"));
        assert_eq!(one("a\\ b\\=c=d"), pair("a b=c", "d"));
        assert_eq!(one("a=\\t\\n\\r\\f\\q\\:"), pair("a", "\t\n\r\x0cq:"));
        assert_eq!(one("a=\\u00e4\\ud83d\\ude00"), pair("a", "ä😀"));
        assert_eq!(one("a=b\\\n# not a comment"), pair("a", "b# not a comment"));
    }

    #[test]
    fn a_bad_escape_names_its_line() {
        assert_eq!(parse("a=b\r\n\r\nc=\\u12"), Err(ParseError::Unicode { line: 3 }));
        assert_eq!(parse("a=b\nc=\\\n  \\uzzzz"), Err(ParseError::Unicode { line: 2 }));
        assert_eq!(parse("\\ud83d=1"), Err(ParseError::Unicode { line: 1 }));
    }
}
