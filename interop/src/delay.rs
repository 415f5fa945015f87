//! A link with a delay, for measuring round trips on one machine.
//!
//! Two kinds. [`DelayLink::shuttle`] is a program between two loopback connections and needs no
//! rights. What it can't show is TCP itself: each end gets its acknowledgements at loopback speed,
//! so that Nagle's algorithm and delayed acknowledgements cost nothing. [`DelayLink::device`]
//! delays the packets of one real TCP connection between client and server, acknowledgements
//! included, by a TUN device; it needs Linux, the right to make such a device (root), and the
//! command `ip`.
//!
//! Neither loses or reorders anything, and bandwidth is without limit.

#[cfg(target_os = "linux")]
mod device;
mod shuttle;
mod trace;

use alloc::sync::Arc;
use core::net::SocketAddr;
use core::time::Duration;
use std::io::Result;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use self::shuttle::Shuttle;
pub use self::trace::{Chunk, Direction, Trace};

/// A link to one server. Dropping it takes no new connections.
#[derive(Debug)]
pub struct DelayLink {
    address: SocketAddr,
    traces: Traces,
    _open: Kind,
}

/// Kept open.
#[derive(Debug)]
enum Kind {
    Shuttle {
        _shuttle: Shuttle,
    },
    #[cfg(target_os = "linux")]
    Device {
        _device: device::Device,
    },
}

impl DelayLink {
    /// A link to `target` by a program between two sockets, which holds each direction's bytes for
    /// `one_way`.
    ///
    /// # Errors
    ///
    /// What the system says about the socket or the thread.
    pub fn shuttle(target: SocketAddr, one_way: Duration) -> Result<Self> {
        let traces = Traces::default();
        let shuttle = Shuttle::start(target, one_way, traces.clone())?;
        Ok(Self {
            address: shuttle.address(),
            traces,
            _open: Kind::Shuttle { _shuttle: shuttle },
        })
    }

    /// A link to `port` of 127.0.0.1 by a network device, which holds each packet for `one_way`.
    ///
    /// # Errors
    ///
    /// What the system says about the device: that it takes root, or that there are no such
    /// devices.
    #[cfg(target_os = "linux")]
    pub fn device(port: u16, one_way: Duration) -> Result<Self> {
        let traces = Traces::default();
        let device = device::Device::start(port, one_way, traces.clone())?;
        Ok(Self {
            address: device.address(),
            traces,
            _open: Kind::Device { _device: device },
        })
    }

    /// Where to connect to.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The connections so far, as far as they have come, in their order.
    #[must_use]
    pub fn traces(&self) -> Vec<Trace> {
        self.traces.lock().clone()
    }
}

/// The traces of a link's connections, shared by its threads.
#[derive(Debug, Clone, Default)]
struct Traces {
    shared: Arc<Mutex<Vec<Trace>>>,
}

impl Traces {
    fn lock(&self) -> MutexGuard<'_, Vec<Trace>> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new connection; gives its number.
    fn begin(&self) -> usize {
        let mut traces = self.lock();
        traces.push(Trace::default());
        traces.len().saturating_sub(1)
    }

    fn left(&self, connection: usize, to: Direction, bytes: &[u8], at: Instant) -> usize {
        let mut traces = self.lock();
        let trace = traces.get_mut(connection);
        trace.map_or(0, |trace| trace.left(to, bytes, at))
    }

    fn arrived(&self, connection: usize, chunk: usize, at: Instant) {
        if let Some(trace) = self.lock().get_mut(connection) {
            trace.arrived(chunk, at);
        }
    }
}
