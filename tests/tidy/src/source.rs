//! Rust source as text without its comments and strings, and the functions in it.

/// A function with a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line of its `fn`, from 1.
    pub line: usize,
    /// How many lines it takes, from `fn` to the closing brace.
    pub lines: usize,
}

/// Every function of `text` that has a body, in order of their beginnings; one inside another counts as well.
#[must_use]
pub fn functions(text: &str) -> Vec<Function> {
    let code = masked(text);
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = next_fn(&code, from) {
        from = at + 3;
        let name: String =
            code[from..].trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let Some(body) = body_of(&code[from..]).filter(|_| !name.is_empty()) else { continue };
        found.push(Function {
            name,
            line: code[..at].matches('\n').count() + 1,
            lines: code[at..from + body].matches('\n').count() + 1,
        });
    }
    found
}

/// Where the next word `fn` begins.
fn next_fn(code: &str, from: usize) -> Option<usize> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    code[from..]
        .match_indices("fn ")
        .map(|(at, _)| from + at)
        .find(|&at| !code[..at].chars().next_back().is_some_and(is_word))
}

/// Where the body ends that follows a `fn`; nothing where a `;` comes first.
fn body_of(code: &str) -> Option<usize> {
    let mut parentheses = 0_usize;
    let mut braces = 0_usize;
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' if braces == 0 => parentheses += 1,
            ')' | ']' if braces == 0 => parentheses = parentheses.checked_sub(1)?,
            ';' if braces == 0 && parentheses == 0 => return None,
            '{' if parentheses == 0 => braces += 1,
            '}' if parentheses == 0 => {
                braces = braces.checked_sub(1)?;
                if braces == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// The text with blanks in place of everything inside comments, strings and character literals; lines stay.
#[must_use]
pub fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let before = out.chars().next_back();
        let skipped = literal(rest, before);
        let length = skipped.unwrap_or(first.len_utf8());
        let (piece, after) = rest.split_at(length);
        match skipped {
            Some(_) => out.extend(piece.chars().map(|c| if c == '\n' { '\n' } else { ' ' })),
            None => out.push(first),
        }
        rest = after;
    }
    out
}

/// How long the comment or literal is that `rest` begins with, in bytes.
fn literal(rest: &str, before: Option<char>) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(block_comment(rest));
    }
    if rest.starts_with('"') {
        return Some(quoted(rest));
    }
    let is_in_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if let Some(raw) = rest.strip_prefix('r').filter(|_| !is_in_word || before == Some('b')) {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let opened = 1 + hashes + 1;
            return Some(rest[opened..].find(&end).map_or(rest.len(), |at| opened + at + end.len()));
        }
    }
    character(rest)
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    for (at, _) in rest.char_indices() {
        if rest[at..].starts_with("/*") {
            depth += 1;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            if depth == 0 {
                return at + 2;
            }
        }
    }
    rest.len()
}

fn quoted(rest: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// A character literal; a lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix('\'')?;
    let escaped = inside.strip_prefix('\\');
    let first = escaped.unwrap_or(inside).chars().next()?;
    let begun = 1 + usize::from(escaped.is_some()) + first.len_utf8();
    match rest[begun..].find('\'')? {
        0 => Some(begun + 1),
        more if escaped.is_some() && more <= 8 => Some(begun + more + 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_code_is_blank() {
        assert_eq!(masked("a // {\nb"), "a     \nb");
        assert_eq!(masked("a /* { /* } */ { */ b").replace(' ', ""), "ab");
        assert_eq!(
            masked(r####"x(r#"{" {"#, "\"{", '{', '\'', b'}', '\u{7b}')"####).matches(['{', '}']).count(),
            0
        );
        assert_eq!(masked("fn f<'a>(x: &'a str) {}"), "fn f<'a>(x: &'a str) {}");
    }

    #[test]
    fn functions_are_found_with_their_lengths() {
        let text = "trait T {\n    fn none(&self);\n}\n\nfn outer(\n    a: [u8; 4],\n) {\n    fn inner() {}\n    if a {\n    }\n}\n";
        let found: Vec<_> =
            functions(text).into_iter().map(|found| (found.name, found.line, found.lines)).collect();
        assert_eq!(found, [("outer".to_owned(), 5, 7), ("inner".to_owned(), 8, 1)]);
    }
}
