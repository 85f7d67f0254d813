//! Pure crates have no clock, files, sockets, threads or randomness of their own (design, section 2): they say `no_std`
//! and build for a target that has no `std`, all that they depend on included.

use std::{path::Path, process::Command};

use tests_tidy::repository;

const PURE: [&str; 14] = [
    "types",
    "records",
    "protocol",
    "config",
    "raft",
    "authorizer",
    "sasl",
    "metadata",
    "replication",
    "coordinator",
    "controller",
    "group",
    "txn",
    "node",
];
const TARGET: &str = "x86_64-unknown-none";

#[test]
fn pure_crates_say_so() {
    for name in PURE {
        let path = repository().join("broker").join(name).join("src/lib.rs");
        let text = std::fs::read_to_string(&path).expect("a crate has a lib.rs");
        assert!(text.lines().any(|line| line == "#![no_std]"), "broker/{name} is not #![no_std]");
    }
}

#[test]
fn the_code_map_names_the_same_crates_as_pure() {
    let map = std::fs::read_to_string(repository().join("broker/README.md")).expect("there is a code map");
    let mut named: Vec<_> =
        map.lines().filter_map(|line| Some(line.strip_prefix("| `")?.split_once("` (pure)")?.0)).collect();
    let mut pure = PURE.to_vec();
    named.sort_unstable();
    pure.sort_unstable();
    assert_eq!(named, pure);
}

/// `tests/run tidy` installs the target; a run without it says what is missing.
#[test]
fn pure_crates_build_without_std() {
    let mut command = Command::new(env!("CARGO"));
    command.args(["check", "--quiet", "--target", TARGET]).current_dir(repository());
    for name in PURE {
        command.args(["-p", &format!("broker-{name}")]);
    }
    let output = command.output().expect("cargo runs");
    assert!(
        output.status.success(),
        "is the target there (rustup target add {TARGET})?\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Every crate has its line in a code map.
#[test]
fn code_maps_name_every_crate() {
    for (part, cell) in [("broker", "| `"), ("operator", "- **")] {
        let folder = repository().join(part);
        let map = std::fs::read_to_string(folder.join("README.md")).expect("there is a code map");
        for entry in std::fs::read_dir(&folder).expect("a folder").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_crate(&entry.path()) {
                assert!(map.contains(&format!("{cell}{name}")), "{part}/README.md has no line on {name}");
            }
        }
    }
}

fn is_crate(folder: &Path) -> bool {
    folder.join("Cargo.toml").exists()
}
