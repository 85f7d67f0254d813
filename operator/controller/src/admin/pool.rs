//! Connections that are kept between reconciles.

use std::{collections::HashMap, fmt, sync::Arc};

use operator_plan::topics::Failure;
use parking_lot::Mutex;

use super::{Admin, Connect};

/// How many connections to one cluster are kept.
const KEPT_MAX: usize = 2;

/// Connections to clusters: taken for a while, given back when they worked.
pub struct Admins {
    connect: Arc<dyn Connect>,
    idle: Mutex<HashMap<String, Vec<Box<dyn Admin>>>>,
}

impl fmt::Debug for Admins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admins").field("clusters", &self.idle.lock().len()).finish_non_exhaustive()
    }
}

/// Whether a connection was used before: it may have been closed by the other side since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It was open already.
    Kept,
    /// It was opened just now.
    Fresh,
}

impl Admins {
    /// No connections yet; `connect` opens them.
    #[must_use]
    pub fn new(connect: Arc<dyn Connect>) -> Self {
        Self { connect, idle: Mutex::default() }
    }

    /// A connection to the cluster at `bootstrap`.
    pub(crate) async fn take(&self, bootstrap: &str) -> Result<(Box<dyn Admin>, Origin), Failure> {
        let kept = self.idle.lock().get_mut(bootstrap).and_then(Vec::pop);
        match kept {
            Some(admin) => Ok((admin, Origin::Kept)),
            None => Ok((self.connect.connect(bootstrap).await?, Origin::Fresh)),
        }
    }

    /// Gives a connection back that worked.
    pub(crate) fn give_back(&self, bootstrap: &str, admin: Box<dyn Admin>) {
        let mut idle = self.idle.lock();
        let kept = idle.entry(bootstrap.to_owned()).or_default();
        if kept.len() < KEPT_MAX {
            kept.push(admin);
        }
    }

    /// Forgets the connections to a cluster that is gone.
    pub(crate) fn forget(&self, bootstrap: &str) {
        self.idle.lock().remove(bootstrap);
    }
}
