//! The system's allocator, counting by thread, and searching what is freed.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// What is searched for in freed memory. No text or packet has it by chance.
pub const MARKER: [u8; 14] = *b"Zq~Xj^7Kw\x02\xf1Vd!";

/// Set as the global allocator by every test.
pub struct Watching;

/// What a piece of code used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Use {
    /// Bytes allocated, growing included, whether freed meanwhile or not.
    pub bytes: usize,
    /// Allocations.
    pub count: usize,
    /// Bytes that are still allocated; below zero if older ones were freed.
    pub kept: isize,
    /// The most that were allocated at a time, beyond those at the beginning.
    pub peak: isize,
}

thread_local! {
    static USE: Cell<Use> = const {
        Cell::new(Use { bytes: 0, count: 0, kept: 0, peak: 0 })
    };
    static SEARCHING: Cell<bool> = const { Cell::new(false) };
    static FOUND: Cell<usize> = const { Cell::new(0) };
}

/// How much is used meanwhile, by this thread.
pub fn measure<T>(work: impl FnOnce() -> T) -> (T, Use) {
    USE.set(Use::default());
    let result = work();
    (result, USE.get())
}

/// What this thread keeps since the last [`measure`] has begun.
pub fn kept() -> isize {
    USE.get().kept
}

/// How many freed blocks had the marker in them meanwhile, in this thread.
pub fn search(work: impl FnOnce()) -> usize {
    FOUND.set(0);
    SEARCHING.set(true);
    work();
    SEARCHING.set(false);
    FOUND.get()
}

/// A secret that carries the marker, in a block of exactly its size.
pub fn marked() -> Vec<u8> {
    let mut secret = Vec::with_capacity(MARKER.len());
    secret.extend_from_slice(&MARKER);
    secret
}

fn allocated(size: usize) {
    // Nobody looks any more when the thread ends.
    let _ = USE.try_with(|used| {
        let mut now = used.get();
        now.bytes = now.bytes.saturating_add(size);
        now.count += 1;
        now.kept += size.cast_signed();
        now.peak = now.peak.max(now.kept);
        used.set(now);
    });
}

/// # Safety
/// The block must be allocated, and as long as it says.
unsafe fn freed(block: *mut u8, size: usize) {
    let _ = USE.try_with(|used| {
        let mut now = used.get();
        now.kept -= size.cast_signed();
        used.set(now);
    });
    if SEARCHING.try_with(Cell::get).unwrap_or(false) {
        // SAFETY: as promised. Bytes that were never written are read as well, as whoever reads
        // a core dump does; `black_box` keeps the compiler from knowing that.
        let bytes = unsafe { std::slice::from_raw_parts(std::hint::black_box(block), size) };
        if bytes.windows(MARKER.len()).any(|window| window == MARKER) {
            let _ = FOUND.try_with(|found| found.set(found.get() + 1));
        }
    }
}

// SAFETY: all memory is the system's.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        allocated(layout.size());
        // SAFETY: as promised to us.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as promised to us.
        unsafe {
            freed(block, layout.size());
            System.dealloc(block, layout);
        }
    }

    /// Always moves, and the old block is searched: the system might keep a copy as well.
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as promised to us; the sizes are those of the two blocks.
        unsafe {
            let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !moved.is_null() {
                std::ptr::copy_nonoverlapping(block, moved, layout.size().min(size));
                self.dealloc(block, layout);
            }
            moved
        }
    }
}
