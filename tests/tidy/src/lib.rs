//! The design document as tests; everything is under `tests/`.
//! What is shared by them: where the repository is, and how its source files are walked.

pub mod manifest;
pub mod markdown;
pub mod source;

use std::path::{Path, PathBuf};

/// The repository's top folder.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("tests/tidy lies two below").to_path_buf()
}

/// Every file below `folder` whose name ends in `ending`, hidden folders and build output left out, sorted.
#[must_use]
pub fn files_below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                if !name.starts_with('.') && name != "target" && name != "node_modules" {
                    waiting.push(path);
                }
            } else if name.ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The source files that people write, with what they are called below the top.
///
/// # Panics
/// When one cannot be read.
#[must_use]
pub fn sources() -> Vec<(String, String)> {
    let top = repository();
    let named = |path: PathBuf| {
        let shown = path.strip_prefix(&top).expect("below the top").display().to_string();
        (!shown.contains("/generated/")).then(|| {
            let text = std::fs::read_to_string(&path).expect("a source file is readable");
            (shown, text)
        })
    };
    files_below(&top, ".rs").into_iter().filter_map(named).collect()
}
