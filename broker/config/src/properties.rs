//! Files in Java's `.properties` form.
//!
//! A line is `key = value`, `key: value` or `key value`; `#` and `!` begin a comment line; a backslash at the end
//! continues the line, elsewhere it escapes: `\t \n \r \f \uXXXX`, any other character stands for itself. A later
//! line beats an earlier one of the same key. Unlike Java, text is UTF-8, and bad escapes name their line.

use alloc::collections::BTreeMap;
use alloc::string::String;
use core::iter::Peekable;
use core::str::Chars;

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
    for (line, entry) in Entries::new(text) {
        let (key, value) = split(&entry);
        let unescape = |text| unescape(text).ok_or(ParseError::Unicode { line });
        entries.insert(unescape(key)?, unescape(value)?);
    }
    Ok(entries)
}

/// The entries of a file, continued lines joined, without comments and empty lines; each with the line it begins on.
struct Entries<'a> {
    chars: Peekable<Chars<'a>>,
    line: usize,
}

impl<'a> Entries<'a> {
    fn new(text: &'a str) -> Self {
        Self { chars: text.chars().peekable(), line: 1 }
    }

    /// The next character; every end of line is one `\n`.
    fn next_char(&mut self) -> Option<char> {
        let c = self.chars.next()?;
        if c == '\r' {
            self.chars.next_if_eq(&'\n');
        }
        if matches!(c, '\r' | '\n') {
            self.line += 1;
            return Some('\n');
        }
        Some(c)
    }

    fn skip_blanks(&mut self) {
        while self.chars.next_if(|c| is_blank(*c)).is_some() {}
    }

    fn skip_line(&mut self) {
        while self.next_char().is_some_and(|c| c != '\n') {}
    }
}

impl Iterator for Entries<'_> {
    type Item = (usize, String);

    fn next(&mut self) -> Option<Self::Item> {
        let mut entry = String::new();
        let mut is_escaped = false;
        let mut begins = self.line;
        self.skip_blanks();
        loop {
            if entry.is_empty() {
                begins = self.line;
                // Also after a lone backslash: nothing has begun yet.
                if matches!(self.chars.peek(), Some('#' | '!')) {
                    self.skip_line();
                    self.skip_blanks();
                    continue;
                }
            }
            match self.next_char() {
                None if is_escaped => {
                    entry.pop();
                    return Some((begins, entry));
                }
                None if entry.is_empty() => return None,
                None => return Some((begins, entry)),
                Some('\n') if is_escaped => {
                    entry.pop();
                    is_escaped = false;
                    if self.chars.peek().is_none() {
                        return Some((begins, entry));
                    }
                    self.skip_blanks();
                }
                Some('\n') if entry.is_empty() => self.skip_blanks(),
                Some('\n') => return Some((begins, entry)),
                Some(c) => {
                    is_escaped = c == '\\' && !is_escaped;
                    entry.push(c);
                }
            }
        }
    }
}

const fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\x0c')
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
fn unit(chars: &mut Chars<'_>) -> Option<u16> {
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
