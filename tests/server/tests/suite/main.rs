//! Real broker processes on loopback. `KLAMM_COMPAT_BROKER=apache` checks the tests themselves.

mod kill;
