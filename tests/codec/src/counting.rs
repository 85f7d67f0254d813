//! An allocator that counts, so that a test can say how much memory a decode took at most.
//!
//! Counts are per thread: tests run side by side.
#![allow(
    unsafe_code,
    reason = "an allocator is unsafe by its trait; this one only counts around the system's"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static NOW: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator with a counter.
#[derive(Debug)]
pub struct Counting;

fn grow(bytes: usize) {
    // A thread that ends may free after its counters are gone; nobody reads them then.
    let _ = NOW.try_with(|now| {
        now.set(now.get().saturating_add(bytes));
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(now.get())));
    });
}

fn shrink(bytes: usize) {
    let _ = NOW.try_with(|now| now.set(now.get().saturating_sub(bytes)));
}

// SAFETY: every call goes to the system's allocator with the same arguments; the counters are plain cells that
// allocate nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        // SAFETY: the caller's promises are the system's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        shrink(layout.size());
        // SAFETY: the caller's promises are the system's.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // Both exist while the content moves.
        grow(new_size);
        shrink(layout.size());
        // SAFETY: the caller's promises are the system's.
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}

/// What `work` returns, and the most bytes that this thread held at once beyond what it held before.
pub fn peak_bytes<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = NOW.with(Cell::get);
    PEAK.with(|peak| peak.set(before));
    let result = work();
    (result, PEAK.with(Cell::get).saturating_sub(before))
}
