//! The page on `klamm convert` shows what it does: its manifest is written to a file, its `sh` blocks are run in order, and
//! print exactly what the `text` blocks behind them show.
#![allow(clippy::unwrap_used, reason = "a test ends where it finds something else")]

use std::{fs, os::unix::fs::symlink, process::Command};

use tests_tidy::{markdown::blocks, repository};

#[test]
fn the_page_shows_what_happens() {
    let page = fs::read_to_string(repository().join("docs/convert.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    symlink(env!("CARGO_BIN_EXE_klamm"), folder.path().join("klamm")).unwrap();
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let blocks = blocks(&page);
    let manifest = blocks.iter().find(|block| block.is("yaml")).unwrap();
    fs::write(folder.path().join("strimzi.yaml"), &manifest.text).unwrap();
    let mut ran = 0;
    for (block, shown) in blocks.iter().zip(blocks.iter().skip(1)).filter(|(block, _)| block.is("sh")) {
        let mut shell = Command::new("bash");
        shell.args(["-uc", &block.text]).current_dir(folder.path()).env("PATH", &path);
        let output = shell.output().unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        assert_eq!(printed, shown.text, "docs/convert.md:{}: {output:?}", block.line);
        ran += 1;
    }
    assert_eq!(ran, 2);
}

fn convert(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_klamm")).arg("convert").args(arguments).output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn what_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.yaml");
    fs::write(&path, "kind: Kafka\n---\nkind: {\n").unwrap();
    let (succeeded, said) = convert(&[path.to_str().unwrap()]);
    assert!(!succeeded && said.contains("broken.yaml, document 2"), "{said}");
    let (succeeded, said) = convert(&["/nowhere.yaml"]);
    assert!(!succeeded && said.contains("cannot read /nowhere.yaml"), "{said}");
}
