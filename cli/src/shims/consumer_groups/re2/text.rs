//! The expression as it is read: letters, numbers, escapes.

use super::Re2Error;

/// Counts of more digits are too large, whatever they say.
const COUNT_DIGITS_MAX: usize = 8;
const CODE_POINT_MAX: u32 = 0x10_ffff;

/// Letters and a place among them.
pub(super) struct Text {
    letters: Vec<char>,
    at: usize,
}

impl Text {
    pub(super) fn of(expression: &str) -> Self {
        Self { letters: expression.chars().collect(), at: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += 1;
        Some(letter)
    }

    pub(super) fn looks_at(&self, text: &str) -> bool {
        let rest = self.letters.get(self.at..).unwrap_or_default();
        text.chars().enumerate().all(|(at, letter)| rest.get(at) == Some(&letter))
    }

    /// Reads `text` if it comes next.
    pub(super) fn skip(&mut self, text: &str) -> bool {
        let is_next = self.looks_at(text);
        if is_next {
            self.at += text.chars().count();
        }
        is_next
    }

    /// What stands before `end`, which is read too.
    pub(super) fn until(&mut self, end: char) -> Option<String> {
        let rest = self.letters.get(self.at..)?;
        let length = rest.iter().position(|letter| *letter == end)?;
        let text = rest.get(..length)?.iter().collect();
        self.at += length + 1;
        Some(text)
    }

    /// Reads to `\E`, or to the end; whether there was nothing.
    pub(super) fn skip_quoted(&mut self) -> bool {
        let start = self.at;
        while self.peek().is_some() && !self.looks_at("\\E") {
            self.at += 1;
        }
        let is_empty = self.at == start;
        self.skip("\\E");
        is_empty
    }

    /// A number without zeros in front; `Some(None)` for one that is too large.
    pub(super) fn number(&mut self) -> Option<Option<u32>> {
        let rest = self.letters.get(self.at..)?;
        let digits: String = rest.iter().take_while(|letter| letter.is_ascii_digit()).collect();
        if digits.is_empty() || (digits.starts_with('0') && digits.len() > 1) {
            return None;
        }
        self.at += digits.len();
        Some(if digits.len() > COUNT_DIGITS_MAX { None } else { digits.parse().ok() })
    }

    /// A letter behind a backslash.
    pub(super) fn escape(&mut self) -> Result<char, Re2Error> {
        self.skip("\\");
        let letter = self.next().ok_or(Re2Error::Trailing)?;
        match letter {
            '0' => Ok(self.octal(0)),
            '1'..='7' => match self.peek() {
                Some('0'..='7') => Ok(self.octal(letter.to_digit(8).unwrap_or_default())),
                // A reference to a group, which RE2 does not have.
                _ => Err(Re2Error::Escape),
            },
            'x' => self.hexadecimal(),
            'a' => Ok('\u{7}'),
            'f' => Ok('\u{c}'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'v' => Ok('\u{b}'),
            other if !other.is_ascii_alphanumeric() => Ok(other),
            _ => Err(Re2Error::Escape),
        }
    }

    fn octal(&mut self, mut code: u32) -> char {
        for _ in 0..2 {
            let Some(digit) = self.peek().and_then(|letter| letter.to_digit(8)) else { break };
            self.at += 1;
            code = code * 8 + digit;
        }
        char::from_u32(code).unwrap_or_default()
    }

    fn hexadecimal(&mut self) -> Result<char, Re2Error> {
        let digits = if self.skip("{") {
            self.until('}').ok_or(Re2Error::Escape)?
        } else {
            let two = [self.next(), self.next()];
            two.into_iter().map(|digit| digit.ok_or(Re2Error::Escape)).collect::<Result<_, _>>()?
        };
        let is_number = digits.chars().all(|digit| digit.is_ascii_hexdigit());
        let code = u32::from_str_radix(&digits, 16).ok().filter(|code| is_number && *code <= CODE_POINT_MAX);
        // Halves of pairs are no letters here, and stand for none.
        code.map(|code| char::from_u32(code).unwrap_or_default()).ok_or(Re2Error::Escape)
    }
}
