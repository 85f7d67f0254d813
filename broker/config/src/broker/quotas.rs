//! Quotas.

use super::CLASS;
use crate::Default::Null;
use crate::Support::{Honoured, OnlyDefault};
use crate::check::Check::{Any, AtLeast};
use crate::def::{ConfigDef, keys, of};

pub(super) const KEYS: &[ConfigDef] = keys! {
    "alter.log.dirs.replication.quota.window.num": Int = of("11"), AtLeast(1),
        Low, ReadOnly, Public, Honoured,
        "Windows kept to measure the rate of moves between log directories.";
    "alter.log.dirs.replication.quota.window.size.seconds": Int = of("1"), AtLeast(1),
        Low, ReadOnly, Public, Honoured,
        "Length of one such window.";
    "client.quota.callback.class": Class = Null, Any, Low, ReadOnly, Public, OnlyDefault(CLASS),
        "Class that decides the quotas of clients.";
    "controller.quota.window.num": Int = of("11"), AtLeast(1), Low, ReadOnly, Public, Honoured,
        "Windows kept to measure the rate of changes of topics.";
    "controller.quota.window.size.seconds": Int = of("1"), AtLeast(1), Low, ReadOnly, Public, Honoured,
        "Length of one such window.";
    "quota.window.num": Int = of("11"), AtLeast(1), Low, ReadOnly, Public, Honoured,
        "Windows kept to measure clients' rates.";
    "quota.window.size.seconds": Int = of("1"), AtLeast(1), Low, ReadOnly, Public, Honoured,
        "Length of one such window.";
    "replication.quota.window.num": Int = of("11"), AtLeast(1), Low, ReadOnly, Public, Honoured,
        "Windows kept to measure replication.";
    "replication.quota.window.size.seconds": Int = of("1"), AtLeast(1), Low, ReadOnly, Public, Honoured,
        "Length of one such window.";
};
