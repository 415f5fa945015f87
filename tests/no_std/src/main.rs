//! Logs in with a password, without std: the crate needs a heap and nothing else.
//!
//! Exit status 0 if the service was started, 1 if not.
#![no_std]
#![no_main]

extern crate alloc;

use core::alloc::{GlobalAlloc, Layout};
use core::ffi::c_int;
use core::panic::PanicInfo;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};

use ssh_userauth::wire::{Failure, NameList, encode_exact};
use ssh_userauth::{Action, Config, Session, UserAuthClient};

const HEAP_BYTES: usize = 64 * 1024;

/// A heap that only grows: one login needs a few kilobytes.
struct Bump {
    heap: core::cell::UnsafeCell<[u8; HEAP_BYTES]>,
    used: AtomicUsize,
}

// SAFETY: the heap is only handed out in pieces that `used` never hands out twice.
unsafe impl Sync for Bump {}

// SAFETY: every piece lies inside the heap, is aligned, and belongs to one caller.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let base = self.heap.get().cast::<u8>();
        let mut start = 0;
        let claim = |used: usize| {
            let padding = base.wrapping_add(used).align_offset(layout.align());
            start = used.checked_add(padding)?;
            start
                .checked_add(layout.size())
                .filter(|end| *end <= HEAP_BYTES)
        };
        match self
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, claim)
        {
            Ok(_) => base.wrapping_add(start),
            Err(_) => ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static HEAP: Bump = Bump {
    heap: core::cell::UnsafeCell::new([0; HEAP_BYTES]),
    used: AtomicUsize::new(0),
};

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    // SAFETY: `abort` may be called at any time.
    unsafe { abort() }
}

/// The prebuilt `alloc` was compiled to unwind and names these two functions; with
/// `panic = "abort"` nobody calls them.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    // SAFETY: `abort` may be called at any time.
    unsafe { abort() }
}

#[link(name = "c")]
unsafe extern "C" {
    safe fn exit(status: c_int) -> !;
    fn abort() -> !;
}

#[unsafe(no_mangle)]
extern "C" fn main(_: c_int, _: *const *const u8) -> c_int {
    exit(if log_in().is_some() { 0 } else { 1 })
}

fn log_in() -> Option<()> {
    let methods = NameList::try_from("password").ok()?;
    let refusal = encode_exact(&Failure {
        methods,
        partial_success: false,
    });
    let (accept, refusal, success) = ([6], refusal.ok()?, [52]);
    let mut replies = [&accept[..], &refusal, &success].into_iter();
    let mut auth = UserAuthClient::new(Config::new("u"), Session::encrypted([1; 32])).ok()?;
    loop {
        while let Some(action) = auth.poll_action() {
            let answer = match action {
                Action::StartService(done) => return (!done.is_trivial()).then_some(()),
                Action::GiveUp(_) => return None,
                Action::NeedPassword(need) => need.password("hunter2"),
                other => match other.decline() {
                    Some(answer) => answer,
                    None => continue,
                },
            };
            auth.handle_answer(answer).ok()?;
        }
        auth.handle_packet(replies.next()?).ok()?;
    }
}
