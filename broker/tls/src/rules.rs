//! `ssl.principal.mapping.rules`: how the name in a certificate becomes the name of a user (KIP-371).
//!
//! `RULE:pattern/replacement/[LU]` and `DEFAULT`, with commas between; the first whose pattern fits the whole name counts.
//! Patterns are Java's as far as Rust's have the same meaning: without look-around and back references.

use regex::{Captures, Regex};

use crate::error::TlsError;

const KEY: &str = "ssl.principal.mapping.rules";

/// The rules, in their order.
#[derive(Clone, Debug)]
pub struct Rules(Vec<Rule>);

#[derive(Clone, Debug)]
enum Rule {
    Default,
    Pattern { whole: Regex, found: Regex, replacement: String, case: Case },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Kept,
    Lower,
    Upper,
}

impl Rules {
    /// Reads rules.
    ///
    /// # Errors
    /// In Kafka's words, when one is none; when its pattern is none.
    pub fn parse(text: &str) -> Result<Self, TlsError> {
        let mut rules = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (rule, after) = first(rest)?;
            rules.extend(rule);
            rest = after;
        }
        Ok(Self(rules))
    }

    /// The user that a name stands for; `None` when no rule fits.
    #[must_use]
    pub fn apply(&self, name: &str) -> Option<String> {
        self.0.iter().find_map(|rule| rule.apply(name))
    }
}

impl Rule {
    fn apply(&self, name: &str) -> Option<String> {
        let Self::Pattern { whole, found, replacement, case } = self else { return Some(name.to_owned()) };
        if !whole.is_match(name) {
            return None;
        }
        let replaced = replaced(name, found, replacement);
        Some(match case {
            Case::Kept => replaced,
            Case::Lower => replaced.to_lowercase(),
            Case::Upper => replaced.to_uppercase(),
        })
    }
}

/// The first rule of `text`, and what is behind its comma.
fn first(text: &str) -> Result<(Option<Rule>, &str), TlsError> {
    if let Some(after) = text.strip_prefix("DEFAULT").and_then(end) {
        return Ok((Some(Rule::Default), after));
    }
    if let Some((rule, after)) = text.strip_prefix("RULE:").and_then(pattern) {
        return match end(after) {
            Some(after) => Ok((Some(rule?), after)),
            None => {
                let (junk, _) = after.split_once(',').unwrap_or((after, ""));
                let whole = &text[..text.len() - after.len() + junk.len()];
                Err(invalid(format!("Invalid rule: `{whole}`, unmatched substring: `{junk}`")))
            }
        };
    }
    let (rule, after) = text.split_once(',').unwrap_or((text, ""));
    if rule.trim().is_empty() {
        return Ok((None, after.trim_start()));
    }
    let rule = rule.trim();
    Err(invalid(format!("Invalid rule: `{rule}`, unmatched substring: `{rule}`")))
}

/// What is behind the comma, when nothing else stands before it.
fn end(text: &str) -> Option<&str> {
    let text = text.trim_start();
    if text.is_empty() { Some(text) } else { Some(text.strip_prefix(',')?.trim_start()) }
}

type Parsed = Result<Rule, TlsError>;

/// `pattern/replacement/[LU]`; `None` where the slashes are missing.
fn pattern(text: &str) -> Option<(Parsed, &str)> {
    let (pattern, rest) = until_slash(text)?;
    let (replacement, rest) = until_slash(rest)?;
    let (case, rest) = match rest.as_bytes().first() {
        Some(b'L') => (Case::Lower, &rest[1..]),
        Some(b'U') => (Case::Upper, &rest[1..]),
        _ => (Case::Kept, rest),
    };
    let regex = |text: &str| {
        Regex::new(text).map_err(|_| {
            invalid(format!(
                "the pattern {pattern} cannot be used: look-around and back references are Java's alone"
            ))
        })
    };
    let rule = regex(&format!("^(?:{pattern})$")).and_then(|whole| {
        let found = regex(pattern)?;
        check_groups(replacement, found.captures_len() - 1)?;
        Ok(Rule::Pattern { whole, found, replacement: replacement.to_owned(), case })
    });
    Some((rule, rest))
}

/// The text up to the first slash that is not escaped, and what is behind it.
fn until_slash(text: &str) -> Option<(&str, &str)> {
    let mut is_escaped = false;
    let at = text.find(|c: char| {
        let ends = c == '/' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    })?;
    Some((&text[..at], &text[at + 1..]))
}

/// Java fails at such a replacement whenever it is used.
fn check_groups(replacement: &str, groups: usize) -> Result<(), TlsError> {
    let has_reference = replacement
        .as_bytes()
        .windows(2)
        .any(|pair| pair[0] == b'$' && pair[1].is_ascii_digit() && pair[1] != b'0');
    if groups == 0 && has_reference {
        return Err(invalid(format!("{replacement} refers to a group, and the pattern has none")));
    }
    Ok(())
}

/// Java's `replaceAll`: also the nothing behind a match is a match, where the pattern takes nothing.
fn replaced(name: &str, found: &Regex, replacement: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let (mut from, mut copied) = (0, 0);
    while from <= name.len()
        && let Some(captures) = found.captures_at(name, from)
        && let Some(whole) = captures.get(0)
    {
        out.push_str(&name[copied..whole.start()]);
        expand(&captures, replacement, &mut out);
        copied = whole.end();
        let step = name[copied..].chars().next().map_or(1, char::len_utf8);
        from = if whole.is_empty() { copied + step } else { copied };
    }
    out.push_str(&name[copied..]);
    out
}

/// `$n` is a group, with as many digits as there are groups; a group that there is not stands for itself.
fn expand(captures: &Captures<'_>, replacement: &str, out: &mut String) {
    let groups = captures.len() - 1;
    let mut rest = replacement;
    while let Some(at) = rest.find(['$', '\\']) {
        out.push_str(&rest[..at]);
        let mark = rest.as_bytes()[at];
        rest = &rest[at + 1..];
        if mark == b'\\' {
            let next = rest.chars().next();
            out.extend(next);
            rest = &rest[next.map_or(0, char::len_utf8)..];
            continue;
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let known = (1..=digits).rev().find_map(|count| {
            let number: usize = rest[..count].parse().ok()?;
            (number <= groups && (count == 1 || !rest.starts_with('0'))).then_some((count, number))
        });
        match known {
            Some((count, number)) => {
                out.push_str(captures.get(number).map_or("", |group| group.as_str()));
                rest = &rest[count..];
            }
            None => out.push('$'),
        }
    }
    out.push_str(rest);
}

fn invalid(reason: String) -> TlsError {
    TlsError::Value { key: KEY, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "CN=Duke,OU=ServiceUsers,O=Org,C=US";

    fn mapped(rules: &str, name: &str) -> Option<String> {
        Rules::parse(rules).unwrap().apply(name)
    }

    #[test]
    fn the_first_rule_that_fits_counts() {
        let rules = "RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/, \
                     RULE:^CN=(.*?),OU=(.*?),O=(.*?),L=(.*?),ST=(.*?),C=(.*?)$/$1@$2/L, \
                     RULE:^.*[Cc][Nn]=([a-zA-Z0-9.]*).*$/$1/U, DEFAULT";
        assert_eq!(mapped(rules, NAME).as_deref(), Some("Duke"));
        let other = "CN=duke,OU=SME,O=mycp,L=Fulton,ST=MD,C=US";
        assert_eq!(mapped(rules, other).as_deref(), Some("duke@sme"));
        assert_eq!(mapped(rules, "cn=duke,C=US").as_deref(), Some("DUKE"));
        assert_eq!(mapped(rules, "OU=x").as_deref(), Some("OU=x"));
        assert_eq!(mapped("RULE:^CN=(.*)$/$1/", "OU=x"), None);
        assert_eq!(mapped("DEFAULT", NAME).as_deref(), Some(NAME));
        assert_eq!(mapped("", NAME), None, "no rule fits");
    }

    #[test]
    fn replacements_are_javas() {
        let with = |replacement: &str| mapped(&format!("RULE:^CN=(.)(.*?),.*$/{replacement}/"), NAME);
        assert_eq!(with("$2$1").as_deref(), Some("ukeD"));
        assert_eq!(with("$12").as_deref(), Some("D2"), "there is no group 12");
        assert_eq!(with("$3").as_deref(), Some("$3"));
        assert_eq!(with("\\$1").as_deref(), Some("$1"));
        assert_eq!(mapped("RULE:.*/x/", NAME).as_deref(), Some("xx"), "as Java's replaceAll does it");
        assert_eq!(mapped("RULE:CN=a\\/b/x/L", "CN=a/b").as_deref(), Some("x"));
    }

    #[test]
    fn what_is_no_rule_is_told_in_kafkas_words() {
        for (rules, text) in [
            ("A,DEFAULT", "Invalid rule: `A`, unmatched substring: `A`"),
            ("DEFAULTS", "Invalid rule: `DEFAULTS`, unmatched substring: `DEFAULTS`"),
            ("RULE:a/b", "Invalid rule: `RULE:a/b`, unmatched substring: `RULE:a/b`"),
            ("RULE:a/b/X,DEFAULT", "Invalid rule: `RULE:a/b/X`, unmatched substring: `X`"),
        ] {
            let error = Rules::parse(rules).unwrap_err().to_string();
            assert_eq!(error, format!("{KEY}: {text}"));
        }
        assert!(Rules::parse("RULE:(?=a)/b/").is_err());
        assert!(Rules::parse("RULE:a/$1/").is_err());
    }
}
