//! Free ports below the range that the kernel hands to outgoing connections, so that a broker that was killed can
//! have its port again.
//!
//! A port that was drawn is this process's until it ends, whether anybody listens on it or not: a broker takes its ports
//! a while after they were drawn, and frees them for a while when it is killed. Processes that test at the same time hold
//! theirs by locks on files, which the kernel lets go when they die.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::net::TcpListener;
use std::sync::{Mutex, PoisonError};
use std::{env, process};

use anyhow::{Context, Result, bail};

use crate::clock::wall_ms;

const LOWEST: u32 = 10_000;
const COUNT: u32 = 22_000;
/// A step that visits all of them before it comes back.
const STEP: u32 = 7919;

/// What this process drew, each with its lock.
static HELD: Mutex<BTreeMap<u16, File>> = Mutex::new(BTreeMap::new());

/// A port of 127.0.0.1 on which nobody listens now, and which no other call gets, of this process or another.
///
/// # Errors
/// When all are taken.
pub fn free_port() -> Result<u16> {
    let directory = env::temp_dir().join("klamm-test-ports");
    fs::create_dir_all(&directory).with_context(|| directory.display().to_string())?;
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    // Processes that test at the same time start their walks at different places.
    let start = process::id().wrapping_mul(2_654_435_761) ^ u32::try_from(wall_ms() & 0xffff).unwrap_or(0);
    for step in 0..COUNT {
        let offset = (start % COUNT + step * STEP % COUNT) % COUNT;
        let Ok(port) = u16::try_from(LOWEST + offset) else { continue };
        if held.contains_key(&port) {
            continue;
        }
        let path = directory.join(port.to_string());
        let lock = File::create(&path).with_context(|| path.display().to_string())?;
        match lock.try_lock() {
            Ok(()) if TcpListener::bind(("127.0.0.1", port)).is_ok() => {
                held.insert(port, lock);
                return Ok(port);
            }
            Ok(()) | Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error).with_context(|| path.display().to_string()),
        }
    }
    bail!("all {COUNT} ports are taken");
}

/// The ports of one broker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    pub(crate) client: u16,
    pub(crate) controller: u16,
    pub(crate) admin: u16,
    pub(crate) ssl: u16,
}

impl Ports {
    pub(crate) fn free() -> Result<Self> {
        Ok(Self { client: free_port()?, controller: free_port()?, admin: free_port()?, ssl: free_port()? })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::thread;

    use super::*;

    #[test]
    fn no_port_is_drawn_twice() {
        const THREADS: usize = 4;
        const EACH: usize = 100;
        let draw = || (0..EACH).map(|_| free_port().expect("there are enough")).collect::<Vec<_>>();
        let drawn: BTreeSet<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(draw)).collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("it drew")).collect()
        });
        assert_eq!(drawn.len(), THREADS * EACH);
    }
}
