//! A disk of one replica that is full, and one that fails, while the cluster goes on: a file as a loop device, mounted
//! where only that node sees it. Where that cannot be done the tests fail.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tests_compat::{Cluster, Kind, Spec, pause};

use crate::load::{Load, PROGRESS_LIMIT, SYNC_LIMIT, TOPIC, views};
use crate::namespace::Namespace;
use crate::shape::quick;

const SIZE: &str = "64M";
/// What is left of the device when it fails: less than the file system, so that the rest gives errors.
const REST: &str = "1M";
/// Long enough for a follower that gets nothing written to be taken out of the ISRs.
const FULL_FOR: Duration = Duration::from_secs(6);

/// A file system on a loop device.
struct LoopDisk {
    folder: tempfile::TempDir,
    namespace: Namespace,
}

impl LoopDisk {
    fn mount() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("klamm-loop-").tempdir()?;
        fs::create_dir(folder.path().join("disk"))?;
        let script = format!("cd {}\n{}", folder.path().display(), Self::fresh());
        Ok(Self { namespace: Namespace::open(&["mount"], &script)?, folder })
    }

    /// The commands that make the file and mount it. A file system with errors turns read-only, as those of servers are
    /// set up to do.
    fn fresh() -> String {
        format!(
            "truncate -s {SIZE} image && mkfs.ext4 -q -F image && mount -o loop,errors=remount-ro image disk"
        )
    }

    fn run(&self, script: &str) -> Result<String> {
        let script = format!("cd {} && {script}", self.folder.path().display());
        self.namespace.run(&["sh", "-c", &script])
    }

    /// Takes all room that is left.
    fn fill(&self) -> Result<()> {
        self.run("! dd if=/dev/zero of=disk/ballast bs=4k 2>/dev/null").map(drop)
    }

    /// Gives the room back.
    fn clear(&self) -> Result<()> {
        self.run("rm disk/ballast").map(drop)
    }

    /// Cuts the file: reads and writes behind its end give errors.
    fn fail(&self) -> Result<()> {
        let script = format!(
            "device=$(losetup -j image | cut -d: -f1) && test -n \"$device\" && truncate -s {REST} image && \
             losetup -c $device && echo 3 >/proc/sys/vm/drop_caches"
        );
        self.run(&script).map(drop)
    }

    /// Puts a new one in its place. Nobody may use the old one.
    fn replace(&self) -> Result<()> {
        self.run(&format!("umount disk && rm image && {}", Self::fresh())).map(drop)
    }

    /// The directory of a broker on it.
    fn data(&self) -> PathBuf {
        self.folder.path().join("disk/data")
    }
}

/// A cluster of which node 1 has the disk and another one, with the metadata on the other.
fn start(disk: &LoopDisk, healthy: &tempfile::TempDir) -> Result<Cluster> {
    let spec = quick(Spec::new(Kind::under_test()?));
    let dirs = format!("{},{}", healthy.path().display(), disk.data().display());
    let own = spec.clone().launcher(&disk.namespace.enter()).set("log.dirs", &dirs);
    Cluster::start_specs(vec![own, spec.clone(), spec])
}

/// Whether the disk of node 1 holds a partition of the topic.
fn is_used(disk: &LoopDisk) -> Result<bool> {
    Ok(disk.run("ls disk/data")?.lines().any(|name| name.starts_with(&format!("{TOPIC}-"))))
}

fn still_runs(cluster: &mut Cluster) -> Result<()> {
    let ended = cluster.node(1).wait(Duration::ZERO)?;
    ensure!(ended.is_none(), "node 1 ended: {ended:?}\n{}", cluster.node(1).last_lines());
    Ok(())
}

#[test]
fn a_full_disk_of_a_replica_loses_nothing_and_goes_on_when_there_is_room() -> Result<()> {
    let disk = LoopDisk::mount()?;
    let healthy = tempfile::Builder::new().prefix("klamm-disk-").tempdir()?;
    let mut cluster = start(&disk, &healthy)?;
    let load = Load::start(&cluster)?;
    ensure!(is_used(&disk)?, "nothing of the topic is on the disk");
    load.progress(100, PROGRESS_LIMIT)?;
    disk.fill()?;
    pause(FULL_FOR);
    still_runs(&mut cluster)?;
    disk.clear()?;
    load.progress(100, PROGRESS_LIMIT).context("with room again")?;
    load.finish_where_disks_differ(&cluster)
}

#[test]
fn a_failed_disk_of_a_replica_is_left_by_its_leaders_and_replaced() -> Result<()> {
    let disk = LoopDisk::mount()?;
    let healthy = tempfile::Builder::new().prefix("klamm-disk-").tempdir()?;
    let mut cluster = start(&disk, &healthy)?;
    let load = Load::start(&cluster)?;
    ensure!(is_used(&disk)?, "nothing of the topic is on the disk");
    load.progress(100, PROGRESS_LIMIT)?;
    disk.fail()?;
    // The file system finds out when it writes back what it has taken.
    pause(FULL_FOR);
    load.progress(100, PROGRESS_LIMIT).with_context(|| format!("without the disk\n{}", views(&cluster)))?;
    still_runs(&mut cluster)?;
    cluster.node(1).kill()?;
    disk.replace()?;
    load.progress(100, PROGRESS_LIMIT).context("without node 1")?;
    cluster.launch()?;
    cluster.wait_until_in_sync(&[TOPIC.to_owned()], SYNC_LIMIT)?;
    load.finish_where_disks_differ(&cluster)
}
