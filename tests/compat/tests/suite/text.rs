//! What people read in a tool's output, without what differs from run to run.

use tests_compat::Output;

/// The first line that a tool writes to standard error or output when it refuses, and that it did refuse.
pub(crate) fn refusal(output: &Output) -> String {
    assert_ne!(output.code, Some(0), "refused:\n{}{}", output.stdout, output.stderr);
    let all = format!("{}\n{}", output.stdout, output.stderr);
    all.lines().find(|line| line.contains("Error") || line.contains("error")).unwrap_or_default().to_owned()
}

/// Replaces the word after `label` in each line by `*`.
pub(crate) fn mask_after(text: &str, label: &str) -> String {
    let mut masked = Vec::new();
    for line in text.lines() {
        masked.push(match line.split_once(label) {
            Some((before, rest)) => {
                let after = rest.trim_start().split_once(char::is_whitespace).map_or("", |(_, after)| after);
                format!("{before}{label}* {after}")
            }
            None => line.to_owned(),
        });
    }
    masked.join("\n")
}

/// Lines without surrounding white space, empty ones left out.
pub(crate) fn lines(text: &str) -> Vec<String> {
    text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

/// Lines in alphabetical order, for lists whose order means nothing.
pub(crate) fn sorted_lines(text: &str) -> Vec<String> {
    let mut all = lines(text);
    all.sort();
    all
}
