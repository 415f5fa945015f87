//! Logs in with a password, without std: the crate needs a heap and nothing else.
//!
//! ```sh
//! cargo run --manifest-path tests/no_std/Cargo.toml
//! ```
//!
//! Exit status 0 if the service was started, 1 if not.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::alloc::{GlobalAlloc, Layout};
use core::ffi::c_int;
use core::panic::PanicInfo;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};

use ssh_userauth::{Action, Config, Session, UserAuthClient};
use ssh_userauth_testing::wire::{
    ClientMessage, Failure, NameList, Request, RequestMethod, ServiceAccept, Success, encode_exact,
};

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

/// A whole caller: what is handed out goes to the server, and what it says goes back in.
fn log_in() -> Option<()> {
    let mut server = Server::default();
    let mut auth = UserAuthClient::new(Config::new("u"), Session::encrypted([1; 32])).ok()?;
    loop {
        while let Some(action) = auth.poll_action() {
            let answer = match action {
                Action::SendRequest(payload) => {
                    server.receive(payload.bytes())?;
                    continue;
                }
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
        auth.handle_packet(&server.replies.pop_front()?).ok()?;
    }
}

/// Lets in whoever sends the password, and refuses all else.
#[derive(Default)]
struct Server {
    replies: VecDeque<Vec<u8>>,
}

impl Server {
    fn receive(&mut self, payload: &[u8]) -> Option<()> {
        let reply = match ClientMessage::decode(payload).ok()? {
            ClientMessage::ServiceRequest(request) => encode_exact(&ServiceAccept {
                name: Some(request.name),
            }),
            ClientMessage::Request(Request {
                user: b"u",
                method:
                    RequestMethod::Password {
                        password: b"hunter2",
                    },
                ..
            }) => encode_exact(&Success),
            _ => encode_exact(&Failure {
                methods: NameList::try_from("password").ok()?,
                partial_success: false,
            }),
        };
        self.replies.push_back(reply.ok()?);
        Some(())
    }
}
