//! Cuts a line as Java's `StreamTokenizer` does, set up as Kafka sets it up: a number is no word, quoted text is one.

use alloc::string::String;
use core::{iter::Peekable, str::Chars};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A word, or quoted text.
    Word(String),
    /// A number, whose text Java forgets.
    Number,
    /// A character of its own.
    Other(char),
}

impl Token {
    pub(super) fn word(self) -> Option<String> {
        match self {
            Self::Word(word) => Some(word),
            Self::Number | Self::Other(_) => None,
        }
    }
}

pub(super) struct Tokens<'a>(Peekable<Chars<'a>>);

impl<'a> Tokens<'a> {
    pub(super) fn new(line: &'a str) -> Self {
        Self(line.chars().peekable())
    }

    /// A `/` begins a comment: to the end of the line, or, with a star behind it, to the next star and slash.
    fn skip_blanks(&mut self) {
        while let Some(next) = self.0.peek() {
            if *next <= ' ' {
                self.0.next();
            } else if *next == '/' {
                self.0.next();
                if self.0.peek() == Some(&'*') {
                    self.skip_block();
                } else {
                    while self.0.next_if(|next| !matches!(next, '\n' | '\r')).is_some() {}
                }
            } else {
                return;
            }
        }
    }

    fn skip_block(&mut self) {
        self.0.next();
        let mut before = ' ';
        for next in self.0.by_ref() {
            if before == '*' && next == '/' {
                return;
            }
            before = next;
        }
    }

    fn word(&mut self) -> Token {
        let mut word = String::new();
        while let Some(next) = self.0.next_if(|next| is_of_word(*next) || next.is_ascii_digit()) {
            word.push(next);
        }
        Token::Word(word)
    }

    /// Digits with a point among them; without digits, a character of its own.
    fn number(&mut self) -> Token {
        let is_negative = self.0.next_if_eq(&'-').is_some();
        let (mut digits, mut points) = (false, 0);
        while let Some(next) = self.0.next_if(|next| next.is_ascii_digit() || (*next == '.' && points == 0)) {
            digits |= next != '.';
            points += usize::from(next == '.');
        }
        match (digits, is_negative) {
            (true, _) => Token::Number,
            (false, true) => Token::Other('-'),
            (false, false) => Token::Other('.'),
        }
    }

    /// Up to the same quote, or the end of the line.
    fn quoted(&mut self, quote: char) -> Token {
        let mut text = String::new();
        while let Some(next) = self.0.next_if(|next| !matches!(next, '\n' | '\r')) {
            if next == quote {
                break;
            }
            text.push(if next == '\\' { self.escaped() } else { next });
        }
        Token::Word(text)
    }

    fn escaped(&mut self) -> char {
        let Some(next) = self.0.next() else { return '\u{ffff}' };
        match next {
            'a' => '\x07',
            'b' => '\x08',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0b',
            '0'..='7' => self.octal(next),
            other => other,
        }
    }

    /// Two digits more, three in all where the first is at most 3.
    fn octal(&mut self, first: char) -> char {
        let most = if first <= '3' { 2 } else { 1 };
        let mut code = first.to_digit(8).unwrap_or_default();
        for _ in 0..most {
            let Some(digit) = self.0.next_if(|next| next.is_digit(8)) else { break };
            code = code * 8 + digit.to_digit(8).unwrap_or_default();
        }
        char::from_u32(code).unwrap_or_default()
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        self.skip_blanks();
        let next = *self.0.peek()?;
        if next.is_ascii_digit() || matches!(next, '.' | '-') {
            return Some(self.number());
        }
        if is_of_word(next) {
            return Some(self.word());
        }
        self.0.next();
        Some(if matches!(next, '"' | '\'') { self.quoted(next) } else { Token::Other(next) })
    }
}

fn is_of_word(next: char) -> bool {
    next.is_ascii_alphabetic() || matches!(next, '.' | '-' | '_' | '$') || next >= '\u{a0}'
}
