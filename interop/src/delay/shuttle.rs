//! The link as a program between two sockets: no rights needed.

use alloc::sync::Arc;
use core::net::{Ipv4Addr, SocketAddr};
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::io::{ErrorKind, Read as _, Result, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Instant;

use super::Traces;
use super::trace::Direction;

/// Chunks on their way in one direction; more wait at the sender.
const ON_THE_WAY: usize = 4096;

/// One read's worth.
const CHUNK: usize = 64 * 1024;

/// Listens; ends when told to.
#[derive(Debug)]
pub(super) struct Shuttle {
    address: SocketAddr,
    ended: Arc<AtomicBool>,
}

impl Shuttle {
    pub(super) fn start(target: SocketAddr, one_way: Duration, traces: Traces) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let ended = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&ended);
        spawn("delay-link", move || {
            for client in listener.incoming() {
                if end.load(Ordering::Relaxed) {
                    return;
                }
                // A connection that fails is closed; that is what its client sees.
                let _failed = client.and_then(|client| join(&client, target, one_way, &traces));
            }
        })?;
        Ok(Self { address, ended })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Shuttle {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        // The listener looks at the flag when somebody comes.
        let _wakes_it = TcpStream::connect(self.address);
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<()> {
    let builder = thread::Builder::new().name(name.to_owned());
    builder.spawn(run).map(drop)
}

/// Joins a client and a new connection to the server, with a thread at each end of each direction.
fn join(client: &TcpStream, target: SocketAddr, one_way: Duration, traces: &Traces) -> Result<()> {
    let server = TcpStream::connect(target)?;
    // The link adds its delay and nothing else.
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let connection = traces.begin();
    for (direction, from, to) in [
        (Direction::ToServer, client, &server),
        (Direction::ToClient, &server, client),
    ] {
        let (sender, receiver) = sync_channel(ON_THE_WAY);
        let collector = End {
            traces: traces.clone(),
            connection,
            direction,
        };
        let deliverer = collector.clone();
        let (from, to) = (from.try_clone()?, to.try_clone()?);
        spawn("delay-collect", move || {
            collector.collect(from, one_way, &sender)
        })?;
        spawn("delay-deliver", move || deliverer.deliver(to, receiver))?;
    }
    Ok(())
}

/// Bytes on their way. No bytes: the sender has closed.
struct Crossing {
    due: Instant,
    chunk: usize,
    bytes: Vec<u8>,
}

#[derive(Clone)]
struct End {
    traces: Traces,
    connection: usize,
    direction: Direction,
}

impl End {
    /// Reads until the sender closes.
    fn collect(&self, mut from: TcpStream, one_way: Duration, out: &SyncSender<Crossing>) {
        let mut buffer = vec![0; CHUNK];
        loop {
            let count = match from.read(&mut buffer) {
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                // Reset: nothing more comes.
                Err(_) => 0,
            };
            let left = Instant::now();
            let bytes = buffer.get(..count).unwrap_or_default().to_vec();
            let mut chunk = 0;
            if count > 0 {
                let (connection, direction) = (self.connection, self.direction);
                chunk = self.traces.left(connection, direction, &bytes, left);
            }
            let due = left + one_way;
            // Nobody receives once the other end is gone.
            if out.send(Crossing { due, chunk, bytes }).is_err() || count == 0 {
                return;
            }
        }
    }

    /// Hands over what is due, in order.
    fn deliver(&self, mut to: TcpStream, crossing: Receiver<Crossing>) {
        for Crossing { due, chunk, bytes } in crossing {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            if bytes.is_empty() {
                break;
            }
            // Noted ahead of the write: whoever gets the bytes may look at the trace at once.
            self.traces.arrived(self.connection, chunk, Instant::now());
            if to.write_all(&bytes).is_err() {
                break;
            }
        }
        let _already_closed = to.shutdown(Shutdown::Write);
    }
}
