//! What is generated is what its source says. Each is written anew by the command that the failure names.

use std::fs::read_to_string;

use operator_api::{CRD_FILES, crd_yaml, crds};
use tests_tidy::repository;

#[test]
fn the_protocols_code_is_what_the_schema_says() {
    let differences = broker_schema::sync::check().expect("the schema generates");
    assert!(differences.is_empty(), "run `cargo run -p broker-schema`:\n{}", differences.join("\n"));
}

#[test]
fn the_definitions_of_resources_are_what_the_types_say() {
    assert_eq!(crds().len(), CRD_FILES.len());
    for (definition, file) in crds().iter().zip(CRD_FILES) {
        let text = crd_yaml(definition).expect("plain data");
        for folder in ["crds", "charts/klamm/crds"] {
            let found = read_to_string(repository().join(folder).join(file)).unwrap_or_default();
            assert!(found == text, "{folder}/{file}: run `KLAMM_WRITE_CRDS=1 cargo test -p operator-api`");
        }
    }
}

#[test]
fn nothing_else_lies_among_the_definitions() {
    for folder in ["crds", "charts/klamm/crds"] {
        for entry in std::fs::read_dir(repository().join(folder)).expect("a folder").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            assert!(CRD_FILES.contains(&name.as_str()), "{folder}/{name} is generated from nothing");
        }
    }
}
