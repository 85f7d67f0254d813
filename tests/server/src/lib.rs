//! Real broker processes on loopback: killed under load, stopped and started again, given what they must refuse.
//! The tests are in `tests/suite`; the processes come from `tests-compat`.
