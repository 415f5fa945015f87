//! A TCP port in front of a server that is started for each connection.

use alloc::sync::Arc;
use core::net::{Ipv4Addr, SocketAddr};
use core::sync::atomic::{AtomicBool, Ordering};
use std::net::{TcpListener, TcpStream};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::servers::{Connection, Server};

/// Starts a server for each connection, on the connection itself, so that its TCP is the server's.
#[derive(Debug)]
pub(super) struct Door {
    address: SocketAddr,
    ended: Arc<AtomicBool>,
    inside: Inside,
    version: Mutex<Option<String>>,
}

#[derive(Debug, Clone, Default)]
struct Inside(Arc<Mutex<Vec<Connection>>>);

impl Inside {
    fn lock(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Door {
    pub(super) fn open(server: Server) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let (ended, inside) = (Arc::new(AtomicBool::new(false)), Inside::default());
        let (end, connections) = (Arc::clone(&ended), inside.clone());
        let builder = thread::Builder::new().name("door".to_owned());
        builder.spawn(move || {
            for stream in listener.incoming() {
                if end.load(Ordering::Relaxed) {
                    return;
                }
                // A server that does not start is a connection that is closed.
                let served = stream.ok().and_then(|stream| server.serve(stream).ok());
                connections.lock().extend(served);
            }
        })?;
        Ok(Self {
            address,
            ended,
            inside,
            version: Mutex::default(),
        })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether `blob` is the host key of one of the connections.
    pub(super) fn has_host_key(&self, blob: &[u8]) -> bool {
        let connections = self.inside.lock();
        connections
            .iter()
            .any(|connection| connection.host_key() == blob)
    }

    /// Takes note of what the server calls itself.
    pub(super) fn note_version(&self, version: &str) {
        let mut noted = self.version.lock().unwrap_or_else(PoisonError::into_inner);
        *noted = Some(version.escape_debug().to_string());
    }

    /// What the server calls itself, once one of our own clients has seen it.
    pub(super) fn version(&self) -> Option<String> {
        let noted = self.version.lock().unwrap_or_else(PoisonError::into_inner);
        noted.clone()
    }

    /// What the servers wrote to their logs.
    pub(super) fn logs(&self) -> String {
        let logs: Vec<String> = self.inside.lock().iter().map(Connection::log).collect();
        logs.join("\n")
    }

    /// Ends all connections.
    pub(super) fn clear(&self) {
        self.inside.lock().clear();
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        // The listener looks at the flag when somebody comes.
        let _wakes_it = TcpStream::connect(self.address);
    }
}
