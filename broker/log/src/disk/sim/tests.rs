use std::{io::IoSlice, path::Path};

use super::*;

fn write(file: &SimFile, bytes: &[u8], position: u64) -> io::Result<()> {
    file.write_at(&mut [IoSlice::new(bytes)], position)
}

#[test]
fn synced_bytes_under_synced_names_survive_every_crash() {
    for seed in 0..64 {
        let disk = SimDisk::new(seed);
        disk.create_dir(Path::new("/d")).expect("makes");
        disk.sync_dir(Path::new("/")).expect("syncs");
        let file = disk.open(Path::new("/d/f"), OpenMode::Create).expect("opens");
        write(&file, b"kept", 0).expect("writes");
        file.sync_data().expect("syncs");
        disk.sync_dir(Path::new("/d")).expect("syncs");
        write(&file, b"lost", 4).expect("writes");
        disk.crash();
        assert!(disk.get(Path::new("/d/f")).expect("is there").starts_with(b"kept"));
    }
}

#[test]
fn unsynced_bytes_are_sometimes_lost_torn_and_flipped() {
    let mut outcomes = std::collections::BTreeSet::new();
    for seed in 0..200 {
        let disk = SimDisk::new(seed);
        let file = disk.open(Path::new("/f"), OpenMode::Create).expect("opens");
        disk.sync_dir(Path::new("/")).expect("syncs");
        write(&file, b"ab", 0).expect("writes");
        disk.crash();
        outcomes.insert(disk.get(Path::new("/f")).expect("is there"));
    }
    assert!(outcomes.contains(&b""[..]) && outcomes.contains(&b"a"[..]) && outcomes.contains(&b"ab"[..]));
    assert!(outcomes.iter().any(|data| data.len() == 2 && data != b"ab"), "a flipped bit");
}

#[test]
fn names_are_kept_in_the_order_they_changed() {
    let mut outcomes = std::collections::BTreeSet::new();
    for seed in 0..64 {
        let disk = SimDisk::new(seed);
        disk.open(Path::new("/a"), OpenMode::Create).expect("opens");
        disk.rename(Path::new("/a"), Path::new("/b")).expect("renames");
        disk.crash();
        let names: Vec<_> = disk.list(Path::new("/")).expect("lists").into_iter().map(|e| e.name).collect();
        outcomes.insert(names);
    }
    assert_eq!(
        outcomes.into_iter().collect::<Vec<_>>(),
        [vec![], vec!["a".to_owned()], vec!["b".to_owned()]]
    );
}

#[test]
fn the_faults_strike_once_and_where_they_were_set() {
    let disk = SimDisk::new(1);
    let file = disk.open(Path::new("/f"), OpenMode::Create).expect("opens");
    disk.set_faults(SimFaults { write_fails_after: Some(1), ..SimFaults::default() });
    write(&file, b"one", 0).expect("the first works");
    assert!(write(&file, b"twotwo", 3).is_err());
    write(&file, b"three", 3).expect("works again");
    disk.set_faults(SimFaults { capacity_bytes: Some(10), ..SimFaults::default() });
    assert_eq!(write(&file, b"toolong", 8).expect_err("full").kind(), io::ErrorKind::StorageFull);
    disk.set_faults(SimFaults { power_fails_after: Some(0), ..SimFaults::default() });
    assert!(write(&file, b"x", 0).is_err());
    assert!(file.sync_data().is_err());
    disk.crash();
    assert!(disk.list(Path::new("/")).is_ok());
}
