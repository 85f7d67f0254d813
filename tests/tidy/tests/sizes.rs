//! No file and no function grows into "everything" (design, section 6): files have 600 lines without their tests at the
//! most, nine of ten have 350; functions have fewer than 70.

use tests_tidy::{source::functions, sources};

const FILE_LINES_MAX: usize = 600;
const FILE_LINES_OF_NINE_IN_TEN: usize = 350;
const FUNCTION_LINES_MAX: usize = 69;

/// The files with their lines, tests left out.
fn lengths() -> Vec<(usize, String)> {
    let is_test = |name: &str| name.contains("/tests/") || name.ends_with("tests.rs");
    sources()
        .into_iter()
        .filter(|(name, _)| !is_test(name))
        .map(|(name, text)| {
            let without_tests = text.lines().take_while(|line| line.trim_end() != "#[cfg(test)]");
            (without_tests.count(), name)
        })
        .collect()
}

#[test]
fn no_source_file_is_longer_than_the_limit() {
    let too_long: Vec<_> = lengths()
        .into_iter()
        .filter(|(lines, _)| *lines > FILE_LINES_MAX)
        .map(|(lines, name)| format!("{name}: {lines} lines"))
        .collect();
    assert!(too_long.is_empty(), "split these by what each part is for:\n{}", too_long.join("\n"));
}

#[test]
fn most_source_files_are_much_shorter() {
    let mut lengths = lengths();
    lengths.sort();
    let (lines, name) = &lengths[lengths.len() * 9 / 10];
    assert!(*lines <= FILE_LINES_OF_NINE_IN_TEN, "one of ten is longer than {lines} lines, such as {name}");
}

#[test]
fn no_function_is_longer_than_the_limit() {
    let mut seen = 0;
    let mut too_long = Vec::new();
    for (file, text) in sources() {
        for function in functions(&text) {
            seen += 1;
            if function.lines > FUNCTION_LINES_MAX {
                too_long.push(format!(
                    "{file}:{}: {} has {} lines",
                    function.line, function.name, function.lines
                ));
            }
        }
    }
    assert!(seen > 3000, "only {seen} functions were found");
    assert!(too_long.is_empty(), "take these apart by what each part does:\n{}", too_long.join("\n"));
}
