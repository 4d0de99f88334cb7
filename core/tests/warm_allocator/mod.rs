//! An allocator that keeps large blocks for whoever asks next: how long a walk takes is then not how long the system takes to
//! give it memory, which grows by jumps.

#![allow(
    unsafe_code,
    clippy::cast_ptr_alignment,
    reason = "an allocator; its large blocks are aligned as pointers are"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr::null_mut;

struct Keeping;

/// Smaller blocks come from the system.
const LARGE: usize = 16 << 10;

thread_local! {
    /// Free blocks by the power of two that is their size; each begins with the address of the next one.
    static FREE: [Cell<*mut u8>; 64] = const { [const { Cell::new(null_mut()) }; 64] };
}

/// The exponent of a large block's size.
fn class(layout: Layout) -> Option<usize> {
    let is_large = layout.size() >= LARGE && layout.align() <= align_of::<*mut u8>();
    is_large.then(|| layout.size().next_power_of_two().trailing_zeros() as usize)
}

// SAFETY: large blocks have the size of their class, whoever has them; all others are the system's.
unsafe impl GlobalAlloc for Keeping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(class) = class(layout) else {
            // SAFETY: the caller's promises are passed on.
            return unsafe { System.alloc(layout) };
        };
        FREE.with(|free| {
            let block = free[class].get();
            if block.is_null() {
                // SAFETY: not empty, aligned as pointers are.
                return unsafe {
                    System.alloc(Layout::from_size_align_unchecked(1 << class, align_of::<*mut u8>()))
                };
            }
            // SAFETY: a free block, which begins with an address.
            free[class].set(unsafe { block.cast::<*mut u8>().read() });
            block
        })
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        let Some(class) = class(layout) else {
            // SAFETY: the caller's promises are passed on.
            return unsafe { System.dealloc(memory, layout) };
        };
        FREE.with(|free| {
            // SAFETY: the block is free now, large enough and aligned for an address.
            unsafe { memory.cast::<*mut u8>().write(free[class].get()) };
            free[class].set(memory);
        });
    }
}

#[global_allocator]
static ALLOCATOR: Keeping = Keeping;
