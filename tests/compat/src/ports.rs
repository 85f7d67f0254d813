//! Free ports below the range that the kernel hands to outgoing connections, so that a broker that was killed can
//! have its port again.

use std::net::TcpListener;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Result, bail};

use crate::clock::wall_ms;

const LOWEST: u32 = 10_000;
const COUNT: u32 = 22_000;
const ATTEMPTS: u32 = 200;

static DRAWN: AtomicU32 = AtomicU32::new(0);

/// A port of 127.0.0.1 on which nobody listens now. Each call of one process draws another.
pub(crate) fn free_port() -> Result<u16> {
    // Processes that test at the same time start their walks at different places.
    let seed = process::id().wrapping_mul(2_654_435_761) ^ u32::try_from(wall_ms() & 0xffff).unwrap_or(0);
    for _ in 0..ATTEMPTS {
        let step = DRAWN.fetch_add(1, Ordering::Relaxed);
        let offset = seed.wrapping_add(step.wrapping_mul(7919)) % COUNT;
        let Ok(port) = u16::try_from(LOWEST + offset) else { continue };
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no free port after {ATTEMPTS} attempts");
}

/// The ports of one broker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    pub(crate) client: u16,
    pub(crate) controller: u16,
    pub(crate) admin: u16,
}

impl Ports {
    pub(crate) fn free() -> Result<Self> {
        Ok(Self { client: free_port()?, controller: free_port()?, admin: free_port()? })
    }
}
