//! Whether text is a regular expression in RE2's syntax (<https://github.com/google/re2/wiki/Syntax>), in which consumers
//! subscribe to topics by pattern (KIP-848). What is wrong is said in the words of Kafka's library for it.

mod class;
mod text;

use std::collections::BTreeSet;

use self::text::Text;

/// The most that a count may be.
const COUNT_MAX: u32 = 1000;

/// What is wrong with an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Re2Error {
    #[error("missing closing )")]
    OpenGroup,
    // A parenthesis that closes nothing; the words are the library's.
    #[error("regexp/syntax: internal error")]
    ClosedNothing,
    #[error("missing closing ]")]
    OpenClass,
    #[error("invalid character class range")]
    Range,
    #[error("invalid escape sequence")]
    Escape,
    #[error("invalid named capture")]
    Name,
    #[error("duplicate capture group name")]
    SameName,
    #[error("invalid or unsupported Perl syntax")]
    Perl,
    #[error("invalid nested repetition operator")]
    Nested,
    #[error("invalid repeat count")]
    Count,
    #[error("missing argument to repetition operator")]
    NothingRepeated,
    #[error("trailing backslash at end of expression")]
    Trailing,
}

/// Reads an expression to its end.
pub(super) fn check(expression: &str) -> Result<(), Re2Error> {
    let mut parser =
        Parser { text: Text::of(expression), open_groups: 0, names: BTreeSet::new(), last: Last::Nothing };
    while let Some(letter) = parser.text.peek() {
        parser.last = parser.element(letter)?;
    }
    match parser.open_groups {
        0 => Ok(()),
        _ => Err(Re2Error::OpenGroup),
    }
}

/// What stands before the place that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    /// Nothing that could be repeated.
    Nothing,
    /// Something.
    Operand,
    /// Something that is repeated already.
    Repeated,
}

impl Last {
    /// As it is after something that is nothing in itself.
    fn passed(self) -> Self {
        match self {
            Self::Nothing => Self::Nothing,
            Self::Operand | Self::Repeated => Self::Operand,
        }
    }
}

struct Parser {
    text: Text,
    open_groups: u32,
    names: BTreeSet<String>,
    last: Last,
}

impl Parser {
    fn element(&mut self, letter: char) -> Result<Last, Re2Error> {
        match letter {
            '(' if self.text.looks_at("(?") => return self.perl_group(),
            '(' => {
                self.text.next();
                self.open_groups += 1;
                return Ok(Last::Nothing);
            }
            ')' => {
                self.text.next();
                self.open_groups = self.open_groups.checked_sub(1).ok_or(Re2Error::ClosedNothing)?;
            }
            '|' => {
                self.text.next();
                return Ok(Last::Nothing);
            }
            '*' | '+' | '?' => {
                self.text.next();
                return self.repeat();
            }
            '{' => {
                if self.count()? {
                    return self.repeat();
                }
                // Braces that hold no count stand for themselves.
                self.text.next();
            }
            '[' => class::read(&mut self.text)?,
            '\\' => return self.backslash(),
            _ => drop(self.text.next()),
        }
        Ok(Last::Operand)
    }

    fn repeat(&mut self) -> Result<Last, Re2Error> {
        // As few as possible.
        self.text.skip("?");
        match self.last {
            Last::Repeated => Err(Re2Error::Nested),
            Last::Nothing => Err(Re2Error::NothingRepeated),
            Last::Operand => Ok(Last::Repeated),
        }
    }

    /// `{2}`, `{2,}` or `{2,5}`; whether it was one.
    fn count(&mut self) -> Result<bool, Re2Error> {
        let start = self.text.at();
        self.text.next();
        let counted = self.bounds();
        let Some((least, most)) = counted else {
            self.text.go_to(start);
            return Ok(false);
        };
        let is_small = |count: Option<u32>| count.is_some_and(|count| count <= COUNT_MAX);
        let in_order = most.is_none_or(|most| is_small(most) && least <= most);
        match is_small(least) && in_order {
            true => Ok(true),
            false => Err(Re2Error::Count),
        }
    }

    /// The least and the most, where it has one; a count too large to be read is `None`.
    fn bounds(&mut self) -> Option<(Option<u32>, Option<Option<u32>>)> {
        let least = self.text.number()?;
        let most = match (self.text.skip(","), self.text.peek()) {
            (false, _) => Some(least),
            (true, Some('}')) => None,
            (true, _) => Some(self.text.number()?),
        };
        self.text.skip("}").then_some((least, most))
    }

    /// `(?P<name>`, `(?<name>`, `(?flags)`, `(?flags:`.
    fn perl_group(&mut self) -> Result<Last, Re2Error> {
        if self.text.skip("(?P<") || self.text.skip("(?<") {
            let name = self.text.until('>').ok_or(Re2Error::Name)?;
            let is_word = |c: char| c == '_' || c.is_ascii_alphanumeric();
            if name.is_empty() || !name.chars().all(is_word) {
                return Err(Re2Error::Name);
            }
            if !self.names.insert(name) {
                return Err(Re2Error::SameName);
            }
            self.open_groups += 1;
            return Ok(Last::Nothing);
        }
        self.text.skip("(?");
        let (mut is_negative, mut saw_flag) = (false, false);
        loop {
            match self.text.next() {
                Some('i' | 'm' | 's' | 'U') => saw_flag = true,
                Some('-') if !is_negative => (is_negative, saw_flag) = (true, false),
                Some(')' | ':') if is_negative && !saw_flag => return Err(Re2Error::Perl),
                Some(')') => return Ok(self.last.passed()),
                Some(':') => {
                    self.open_groups += 1;
                    return Ok(Last::Nothing);
                }
                _ => return Err(Re2Error::Perl),
            }
        }
    }

    fn backslash(&mut self) -> Result<Last, Re2Error> {
        if self.text.skip("\\Q") {
            let is_empty = self.text.skip_quoted();
            return Ok(if is_empty { self.last.passed() } else { Last::Operand });
        }
        if self.text.looks_at("\\C") {
            return Err(Re2Error::Escape);
        }
        let is_place = ["\\A", "\\B", "\\b", "\\z"].iter().any(|place| self.text.skip(place));
        if !is_place && !class::read_named(&mut self.text)? {
            self.text.escape()?;
        }
        Ok(Last::Operand)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_library_takes_is_taken() {
        let taken = [
            "",
            "a.*b",
            "^*",
            "a*?",
            "a{,1}",
            "a{",
            "(a{100}){100}",
            "[]a]",
            "[^]a]",
            "[[:alpha:]]",
            "[[:^word:]]",
            "[a-b-c]",
            "\\p{Greek}\\pL\\PN\\p{^Lu}",
            "\\01",
            "\\12",
            "\\x{10FFFF}\\x41",
            "\\Qa(b\\E",
            "\\Qa(b",
            "\\z\\A\\b\\B",
            "(?<n>a)",
            "(?P<n>a)",
            "(?i)a",
            "(?i-s:a)",
            "[\\d\\W.]",
            "[a-]",
            "[-a]",
            "((((((a))))))",
            "a{1000}",
            "a{2,}",
            "x|y||",
            "\\pN{3}",
            "é.*",
            "a(?i)*",
            "a{01}",
            "[[:a]",
            "\\_",
        ];
        for expression in taken {
            assert_eq!(check(expression), Ok(()), "{expression}");
        }
    }

    #[test]
    fn what_the_library_refuses_is_refused_for_the_same_reason() {
        use Re2Error::*;
        let refused = [
            ("a(b", OpenGroup),
            ("(?:a", OpenGroup),
            ("a)", ClosedNothing),
            ("*", NothingRepeated),
            ("a|*", NothingRepeated),
            ("(*)", NothingRepeated),
            ("{2}", NothingRepeated),
            ("(?i)*", NothingRepeated),
            ("a{2}{3}", Nested),
            ("a*??", Nested),
            ("a++", Nested),
            ("a{1001}", Count),
            ("a{2,1}", Count),
            ("a{99999999999}", Count),
            ("[b-a]", Range),
            ("[[:foo:]]", Range),
            ("\\p{Foo}", Range),
            ("\\p{greek}", Range),
            ("\\p", Range),
            ("\\p{Gr", Range),
            ("[a", OpenClass),
            ("[]", OpenClass),
            ("[\\]", OpenClass),
            ("[\\q]", Escape),
            ("\\1", Escape),
            ("\\x{110000}", Escape),
            ("\\x4", Escape),
            ("\\C", Escape),
            ("\\Z", Escape),
            ("a\\", Trailing),
            ("(?P<n>a)(?P<n>b)", SameName),
            ("(?P<n", Name),
            ("(?P<n-1>a)", Name),
            ("(?P=n)", Perl),
            ("(?i-:a)", Perl),
            ("(?", Perl),
            ("(?!a)", Perl),
        ];
        for (expression, reason) in refused {
            assert_eq!(check(expression), Err(reason), "{expression}");
        }
    }
}
