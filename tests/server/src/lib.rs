//! Real broker processes on loopback.
