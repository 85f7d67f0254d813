//! What a broker must refuse to start with: it ends with a reason, and touches nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use tests_compat::{Broker, Kind, Spec};

/// Why the broker did not start.
fn refused(start: Result<()>) -> String {
    match start {
        Ok(()) => panic!("it started"),
        Err(error) => format!("{error:#}"),
    }
}

fn refused_with(key: &str, value: &str) -> Result<String> {
    Ok(refused(Spec::new(Kind::under_test()?).set(key, value).start().map(|_| ())))
}

/// Every file below a folder with its content, the lock left out.
fn content(folder: &Path) -> Result<Content> {
    let mut all = BTreeMap::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.file_name().is_none_or(|name| name != ".lock") {
                all.insert(path.clone(), fs::read(path)?);
            }
        }
    }
    Ok(all)
}

type Content = BTreeMap<PathBuf, Vec<u8>>;

/// The files that came, went or differ.
fn changed(before: &Content, after: &Content) -> Vec<PathBuf> {
    let all = before.keys().chain(after.keys());
    let mut changed: Vec<_> = all.filter(|path| before.get(*path) != after.get(*path)).cloned().collect();
    changed.dedup();
    changed
}

#[test]
fn a_wrong_value_names_its_key() -> Result<()> {
    for (key, value, reason) in [
        ("log.retention.ms", "soon", "Not a number of type LONG"),
        ("log.segment.bytes", "1", "Value must be at least"),
        ("process.roles", "king", "process.roles"),
        ("node.id", "-5", "node.id"),
        ("listeners", "PLAINTEXT://127.0.0.1", "listeners"),
    ] {
        let said = refused_with(key, value)?;
        assert!(said.contains(key) && said.contains(reason), "{key}={value}: {said}");
    }
    Ok(())
}

#[test]
fn the_folder_of_another_node_is_refused_and_untouched() -> Result<()> {
    let mut broker = Broker::under_test()?;
    broker.create_topic("kept", 1, &[])?;
    broker.stop()?;
    let before = content(&broker.data())?;
    broker.set("node.id", "2")?;
    let said = refused(broker.launch());
    assert!(said.contains('1') && said.contains('2') && said.contains("node"), "{said}");
    assert_eq!(changed(&before, &content(&broker.data())?), Vec::<PathBuf>::new());
    Ok(())
}

#[test]
fn folders_of_two_clusters_are_refused_and_untouched() -> Result<()> {
    let kind = Kind::under_test()?;
    let mut broker = Broker::under_test()?;
    broker.stop()?;
    let mut foreign = Spec::new(kind).start()?;
    foreign.stop()?;
    let meta = foreign.data().join("meta.properties");
    let text = fs::read_to_string(&meta)?.replace(tests_compat::CLUSTER_ID, "AAAAAAAAAAAAAAAAAAAAAQ");
    fs::write(&meta, text)?;
    let before = (content(&broker.data())?, content(&foreign.data())?);
    broker.set("log.dirs", &format!("{},{}", broker.data().display(), foreign.data().display()))?;
    let said = refused(broker.launch());
    assert!(said.contains("AAAAAAAAAAAAAAAAAAAAAQ"), "{said}");
    let after = (content(&broker.data())?, content(&foreign.data())?);
    assert_eq!(changed(&before.0, &after.0), Vec::<PathBuf>::new());
    assert_eq!(changed(&before.1, &after.1), Vec::<PathBuf>::new());
    Ok(())
}

#[test]
fn a_folder_in_use_is_refused() -> Result<()> {
    if Kind::under_test()? == Kind::Apache {
        // It takes the lock after it has opened, and written to, the metadata log: the first broker would die.
        return Ok(());
    }
    let first = Broker::under_test()?;
    let mut second = Broker::under_test()?;
    second.stop()?;
    second.set("log.dirs", &first.data().display().to_string())?;
    let said = refused(second.launch());
    assert!(said.contains("in use") || said.to_lowercase().contains("lock"), "{said}");
    first.create_topic("still-served", 1, &[])
}

#[test]
fn a_port_in_use_is_refused() -> Result<()> {
    let first = Broker::under_test()?;
    let mut second = Broker::under_test()?;
    second.stop()?;
    let controller = second.controller_address();
    second.set("listeners", &format!("PLAINTEXT://{},CONTROLLER://{controller}", first.bootstrap()))?;
    let said = refused(second.launch());
    assert!(said.contains("ddress already in use") || said.contains("Failed to bind"), "{said}");
    Ok(())
}
