//! The manifests that people are shown are ones that Kubernetes takes: `examples/` and the YAML of the README.

use std::fs::read_to_string;

use tests_tidy::{files_below, manifest::Definitions, markdown, repository};

#[test]
fn the_examples_fit_the_definitions() {
    let definitions = Definitions::read();
    let examples = files_below(&repository().join("examples"), ".yaml");
    assert!(!examples.is_empty());
    for path in examples {
        let problems = definitions.problems(&read_to_string(&path).expect("an example is readable"));
        assert!(problems.is_empty(), "{}:\n{}", path.display(), problems.join("\n"));
    }
}

#[test]
fn the_readmes_manifests_fit_the_definitions() {
    let definitions = Definitions::read();
    let readme = read_to_string(repository().join("README.md")).expect("there is a README");
    let manifests: Vec<_> = markdown::blocks(&readme).into_iter().filter(|block| block.is("yaml")).collect();
    assert!(!manifests.is_empty());
    for block in manifests {
        let problems = definitions.problems(&block.text);
        assert!(problems.is_empty(), "README.md:{}:\n{}", block.line, problems.join("\n"));
    }
}

/// What a page links to or names as a file of this repository is there.
#[test]
fn links_lead_to_files() {
    let top = repository();
    for page in files_below(&top, ".md") {
        let text = read_to_string(&page).expect("a page is readable");
        for target in markdown::links(&text) {
            let path = target.split('#').next().unwrap_or_default();
            if path.is_empty() || path.contains("://") {
                continue;
            }
            let found = page.parent().expect("a page lies in a folder").join(path);
            assert!(found.exists(), "{} links to {path}", page.display());
        }
    }
}

/// So is what pages name as a path from the top.
#[test]
fn paths_that_are_named_exist() {
    let top = repository();
    let tops = ["broker/", "operator/", "cli/", "tests/", "charts/", "crds/", "docs/", "examples/"];
    let is_pattern = |word: &str| word.contains(['<', '*', '{', '$']);
    for page in files_below(&top, ".md") {
        let text = read_to_string(&page).expect("a page is readable");
        let words = markdown::code(&text);
        for word in
            words.iter().filter(|word| tops.iter().any(|top| word.starts_with(top)) && !is_pattern(word))
        {
            assert!(top.join(word).exists(), "{} names {word}", page.display());
        }
    }
}
