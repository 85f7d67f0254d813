//! Classes of letters: `[a-z]`, `\d`, `\p{Greek}`, `[[:alpha:]]`.

use super::{Re2Error, text::Text};

const PERL: [&str; 6] = ["\\d", "\\D", "\\s", "\\S", "\\w", "\\W"];
const POSIX: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "word", "xdigit",
];
/// Unicode's general categories.
const CATEGORIES: [&str; 37] = [
    "Any", "C", "Cc", "Cf", "Co", "Cs", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd",
    "Nl", "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp",
    "Zs",
];

/// Reads a class in brackets.
pub(super) fn read(text: &mut Text) -> Result<(), Re2Error> {
    text.skip("[");
    text.skip("^");
    let mut is_first = true;
    // A bracket that comes first stands for itself.
    while is_first || text.peek() != Some(']') {
        is_first = false;
        if !read_posix(text)? && !read_named(text)? {
            read_range(text)?;
        }
    }
    text.next();
    Ok(())
}

fn read_posix(text: &mut Text) -> Result<bool, Re2Error> {
    let start = text.at();
    if !text.skip("[:") {
        return Ok(false);
    }
    let name = text.until(':').filter(|_| text.skip("]"));
    let Some(name) = name else {
        text.go_to(start);
        return Ok(false);
    };
    match POSIX.contains(&name.strip_prefix('^').unwrap_or(&name)) {
        true => Ok(true),
        false => Err(Re2Error::Range),
    }
}

/// Reads a class that has a name; whether there was one.
pub(super) fn read_named(text: &mut Text) -> Result<bool, Re2Error> {
    if PERL.iter().any(|class| text.skip(class)) {
        return Ok(true);
    }
    if !text.skip("\\p") && !text.skip("\\P") {
        return Ok(false);
    }
    let name = match text.next() {
        Some('{') => text.until('}').ok_or(Re2Error::Range)?,
        Some(letter) => letter.to_string(),
        None => return Err(Re2Error::Range),
    };
    let name = name.strip_prefix('^').unwrap_or(&name);
    match CATEGORIES.contains(&name) || is_script(name) {
        true => Ok(true),
        false => Err(Re2Error::Range),
    }
}

/// Whether Unicode has a script of that name, written as Unicode writes it.
fn is_script(name: &str) -> bool {
    let is_written_so = name.split('_').all(|word| {
        let mut letters = word.chars();
        letters.next().is_some_and(|first| first.is_ascii_uppercase())
            && letters.next().is_some_and(|second| second.is_ascii_lowercase())
            && letters.all(|letter| letter.is_ascii_alphabetic())
    });
    // Four letters are the short names, but for scripts that have no longer ones.
    let is_short = name.len() == 4 && SHORT_SCRIPTS.iter().all(|script| *script != name);
    is_written_so && !is_short && regex::Regex::new(&format!("\\p{{Script={name}}}")).is_ok()
}

/// Scripts whose whole names have four letters.
const SHORT_SCRIPTS: [&str; 4] = ["Cham", "Kawi", "Lisu", "Thai"];

fn read_range(text: &mut Text) -> Result<(), Re2Error> {
    let from = read_letter(text)?;
    let start = text.at();
    if text.skip("-") {
        if text.peek() == Some(']') {
            text.go_to(start);
        } else if read_letter(text)? < from {
            return Err(Re2Error::Range);
        }
    }
    Ok(())
}

fn read_letter(text: &mut Text) -> Result<char, Re2Error> {
    match text.peek() {
        Some('\\') => text.escape(),
        Some(letter) => {
            text.next();
            Ok(letter)
        }
        None => Err(Re2Error::OpenClass),
    }
}
