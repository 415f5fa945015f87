//! TCP with the options that a login needs.

use core::time::Duration;
use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::{TcpStream, ToSocketAddrs};

/// A TCP stream that neither delays what it sends nor, on Linux, its acknowledgements.
///
/// Servers that leave Nagle's algorithm on hold back the second answer of a flight until the first
/// is acknowledged, and a delayed acknowledgement costs 40 ms more.
#[derive(Debug)]
pub struct LowLatencyTcp {
    stream: TcpStream,
}

impl LowLatencyTcp {
    /// Takes over a connected stream and sets TCP_NODELAY.
    ///
    /// # Errors
    ///
    /// What the system says about the option.
    pub fn new(stream: TcpStream) -> Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream })
    }

    /// Connects to the first address of `address` that answers within `timeout` each.
    ///
    /// # Errors
    ///
    /// The last address's error, or that there was no address.
    pub fn connect(address: impl ToSocketAddrs, timeout: Duration) -> Result<Self> {
        let mut last = Error::new(ErrorKind::NotFound, "the name has no address");
        for address in address.to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, timeout) {
                Ok(stream) => return Self::new(stream),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// The stream itself, for time-outs and addresses.
    #[must_use]
    pub const fn get_ref(&self) -> &TcpStream {
        &self.stream
    }
}

/// The kernel leaves this mode by itself after a while, so it is set ahead of every read. It is an
/// optimisation: a refusal changes nothing.
#[cfg(target_os = "linux")]
fn acknowledge_at_once(stream: &TcpStream) {
    use std::os::linux::net::TcpStreamExt as _;
    let _optional = stream.set_quickack(true);
}

#[cfg(not(target_os = "linux"))]
const fn acknowledge_at_once(_: &TcpStream) {}

impl Read for LowLatencyTcp {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        acknowledge_at_once(&self.stream);
        self.stream.read(buffer)
    }
}

impl Write for LowLatencyTcp {
    fn write(&mut self, buffer: &[u8]) -> Result<usize> {
        self.stream.write(buffer)
    }

    fn flush(&mut self) -> Result<()> {
        self.stream.flush()
    }
}
