//! When something holds: always, never, or by the version at hand.

use crate::Versions;

/// Whether a version is in a range, as far as it is known beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// In every version that can occur here.
    Always,
    /// In none.
    Never,
    /// Where this expression over `v` is true.
    If(String),
}

impl Condition {
    /// Whether a version out of `within` is in `range`.
    pub(crate) fn new(range: Versions, within: Versions) -> Self {
        let both = range.and(within);
        if both.is_empty() {
            return Self::Never;
        }
        if both == within {
            return Self::Always;
        }
        Self::If(match (both.low > within.low, both.high < within.high) {
            (true, true) if both.low == both.high => format!("v == {}", both.low),
            (true, true) => format!("({}..={}).contains(&v)", both.low, both.high),
            (true, false) => format!("v >= {}", both.low),
            _ => format!("v <= {}", both.high),
        })
    }

    /// As an expression.
    pub(crate) fn expression(&self) -> &str {
        match self {
            Self::Always => "true",
            Self::Never => "false",
            Self::If(expression) => expression,
        }
    }

    /// The opposite, as an expression.
    pub(crate) fn negated(&self) -> String {
        let Self::If(expression) = self else {
            return Self::expression(if *self == Self::Always { &Self::Never } else { &Self::Always })
                .to_owned();
        };
        match expression.split_once(' ') {
            Some((v, rest)) if rest.starts_with(">=") => format!("{v} <{}", &rest[2..]),
            Some((v, rest)) if rest.starts_with("<=") => format!("{v} >{}", &rest[2..]),
            Some((v, rest)) if rest.starts_with("==") => format!("{v} !={}", &rest[2..]),
            _ => format!("!{expression}"),
        }
    }

    /// `yes` or `no`, or a choice between them.
    pub(crate) fn choose(&self, yes: &str, no: &str) -> String {
        match self {
            Self::Always => yes.to_owned(),
            Self::Never => no.to_owned(),
            Self::If(expression) => format!("if {expression} {{ {yes} }} else {{ {no} }}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_open_is_asked() {
        let of = |text: &str| text.parse::<Versions>().expect("a range");
        let condition = |range, within| Condition::new(of(range), of(within));
        assert_eq!(condition("0+", "3-9"), Condition::Always);
        assert_eq!(condition("10+", "3-9"), Condition::Never);
        assert_eq!(condition("5+", "3-9").expression(), "v >= 5");
        assert_eq!(condition("0-5", "3-9").expression(), "v <= 5");
        assert_eq!(condition("5", "3-9").expression(), "v == 5");
        assert_eq!(condition("5+", "3-9").negated(), "v < 5");
        assert_eq!(condition("5-6", "3-9").negated(), "!(5..=6).contains(&v)");
        assert_eq!(condition("5-6", "3-9").choose("a", "b"), "if (5..=6).contains(&v) { a } else { b }");
    }
}
