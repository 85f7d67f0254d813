//! No file grows into "everything": 600 lines without its tests is the end (design, section 6).

use tests_tidy::{files_below, repository};

const LINES_MAX: usize = 600;

#[test]
fn no_source_file_is_longer_than_the_limit() {
    let top = repository();
    let mut too_long = Vec::new();
    for path in files_below(&top, ".rs") {
        let shown = path.strip_prefix(&top).expect("below the top").display().to_string();
        if shown.contains("/generated/") || shown.contains("/tests/") || shown.ends_with("tests.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a source file is readable");
        let lines = text.lines().take_while(|line| line.trim_end() != "#[cfg(test)]").count();
        if lines > LINES_MAX {
            too_long.push(format!("{shown}: {lines} lines"));
        }
    }
    assert!(too_long.is_empty(), "split these by what each part is for:\n{}", too_long.join("\n"));
}
