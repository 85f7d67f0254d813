//! The `klamm` program under test: given by `KLAMM_BIN`, else built once from this workspace.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};

use crate::program::Program;

/// The program's path. Built in the profile of the tests that ask.
///
/// # Errors
/// When it does not build.
pub fn klamm_binary() -> Result<PathBuf> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    if let Some(path) = env::var_os("KLAMM_BIN") {
        return Ok(path.into());
    }
    BUILT
        .get_or_init(|| build().map_err(|error| format!("{error:#}")))
        .clone()
        .map_err(|error| anyhow!(error))
}

fn build() -> Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml");
    let mut program = Program::new(cargo)
        .args([
            "build",
            "--package",
            "klamm",
            "--bin",
            "klamm",
            "--message-format",
            "json",
            "--manifest-path",
        ])
        .args([manifest])
        .limit(Duration::from_secs(1800));
    if !cfg!(debug_assertions) {
        program = program.args(["--release"]);
    }
    program
        .stdout()?
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .context("cargo built no program called klamm")
}
