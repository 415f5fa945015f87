//! A complete SSH server inside this process, for machines without any other.
//!
//! It authenticates by a policy that the caller writes down, with partial success and several
//! rounds of keyboard-interactive, and then runs `exec` and `shell` requests by answering with a
//! fixed text. The server is `russh`; what it refuses (password change, hostbased, several banners)
//! is for [`crate::scripted`].

mod handler;
mod policy;

use alloc::sync::Arc;
use core::net::{Ipv4Addr, SocketAddr};
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use russh::server::{Config, run_stream};
use ssh_key::PrivateKey;
use ssh_key::private::Ed25519Keypair;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::Builder;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use zeroize::Zeroizing;

use self::handler::Handler;
pub use self::policy::{EmbeddedPolicy, Method, Round};

/// What keeps the embedded server from starting.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbeddedError {
    /// The system refused a socket, a thread or the runtime.
    #[error("starting the embedded server: {0}")]
    Io(#[from] std::io::Error),
    /// A key could not be made or encoded.
    #[error("making a key: {0}")]
    Key(#[from] ssh_key::Error),
    /// The system's random numbers are unavailable.
    #[error("no random numbers from the system")]
    Randomness,
}

/// A new Ed25519 key: for the embedded server's host key, or for the user of a demonstration.
///
/// # Errors
///
/// [`EmbeddedError::Randomness`] if the system gives no random numbers.
pub fn demo_key(comment: &str) -> Result<PrivateKey, EmbeddedError> {
    use ring::rand::{SecureRandom as _, SystemRandom};
    let mut seed = Zeroizing::new([0; 32]);
    SystemRandom::new()
        .fill(seed.as_mut_slice())
        .map_err(|_| EmbeddedError::Randomness)?;
    let mut key = PrivateKey::from(Ed25519Keypair::from_seed(&seed));
    key.set_comment(comment);
    Ok(key)
}

/// What happened, for the caller to show or check.
type Log = Arc<Mutex<Vec<String>>>;

/// A running server. Dropping it ends its connections and its thread, whether or not the client's
/// end is still open.
#[derive(Debug)]
pub struct EmbeddedServer {
    host_key: Vec<u8>,
    log: Log,
    stop: Sender<()>,
    thread: Option<JoinHandle<()>>,
}

/// Where connections come from.
enum Source {
    /// One connection.
    Pair(UnixStream),
    /// One connection that was accepted already.
    Accepted(std::net::TcpStream),
    /// Any number of them.
    Tcp(std::net::TcpListener),
}

impl EmbeddedServer {
    /// Serves one connection; gives the client's end of it.
    ///
    /// # Errors
    ///
    /// [`EmbeddedError`] if there is no socket, thread or random number to be had.
    pub fn start(policy: EmbeddedPolicy) -> Result<(Self, UnixStream), EmbeddedError> {
        let (client, server) = UnixStream::pair()?;
        server.set_nonblocking(true)?;
        Ok((Self::run(policy, Source::Pair(server))?, client))
    }

    /// Serves `stream`, the server's end of a connection. TCP's options are left as they are, which
    /// is what `russh` does unless told otherwise.
    ///
    /// # Errors
    ///
    /// As for [`EmbeddedServer::start`].
    pub fn serve(
        policy: EmbeddedPolicy,
        stream: std::net::TcpStream,
    ) -> Result<Self, EmbeddedError> {
        stream.set_nonblocking(true)?;
        Self::run(policy, Source::Accepted(stream))
    }

    /// Serves every connection to a port on the loopback interface; gives its address.
    ///
    /// # Errors
    ///
    /// As for [`EmbeddedServer::start`].
    pub fn start_tcp(policy: EmbeddedPolicy) -> Result<(Self, SocketAddr), EmbeddedError> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok((Self::run(policy, Source::Tcp(listener))?, address))
    }

    fn run(policy: EmbeddedPolicy, source: Source) -> Result<Self, EmbeddedError> {
        let host_key = demo_key("embedded server")?;
        let blob = host_key.public_key().to_bytes()?;
        let config = Arc::new(Config {
            methods: policy.methods_of_step(0),
            auth_rejection_time: policy.rejection_delay,
            keys: vec![host_key],
            max_auth_attempts: policy.max_attempts,
            nodelay: true,
            ..Config::default()
        });
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let log = Log::default();
        let (stop, stopped) = channel(1);
        let serving = Serving {
            config,
            policy: Arc::new(policy),
            log: Arc::clone(&log),
            done: stop.clone(),
        };
        let thread = std::thread::Builder::new()
            .name("embedded-sshd".to_owned())
            .spawn(move || runtime.block_on(serving.serve(source, stopped)))?;
        Ok(Self {
            host_key: blob,
            log,
            stop,
            thread: Some(thread),
        })
    }

    /// The host key blob, made anew for each server: what a client should see.
    #[must_use]
    pub fn host_key(&self) -> &[u8] {
        &self.host_key
    }

    /// What happened so far, one line for each decision; without passwords and answers.
    #[must_use]
    pub fn log(&self) -> Vec<String> {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for EmbeddedServer {
    fn drop(&mut self) {
        // A full channel means that the server is about to end anyway.
        let _already_stopping = self.stop.try_send(());
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

/// What the server's thread needs.
struct Serving {
    config: Arc<Config>,
    policy: Arc<EmbeddedPolicy>,
    log: Log,
    done: Sender<()>,
}

impl Serving {
    /// Runs until told to stop. Returning drops the runtime and with it every connection.
    async fn serve(self, source: Source, mut stopped: Receiver<()>) {
        let log = Arc::clone(&self.log);
        tokio::spawn(async move {
            if let Err(error) = self.accept(source).await {
                push(&log, format!("server: {error}"));
            }
        });
        let _stop = stopped.recv().await;
    }

    async fn one(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let handler = Handler::new(self.policy, Arc::clone(&self.log));
        let session = run_stream(self.config, stream, handler).await;
        log_end(&self.log, session).await;
        let _already_stopping = self.done.try_send(());
    }

    async fn accept(self, source: Source) -> std::io::Result<()> {
        match source {
            Source::Pair(stream) => {
                self.one(tokio::net::UnixStream::from_std(stream)?).await;
            }
            Source::Accepted(stream) => {
                self.one(tokio::net::TcpStream::from_std(stream)?).await;
            }
            Source::Tcp(listener) => {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                loop {
                    let (stream, _) = listener.accept().await?;
                    stream.set_nodelay(true)?;
                    let handler = Handler::new(Arc::clone(&self.policy), Arc::clone(&self.log));
                    let (config, log) = (Arc::clone(&self.config), Arc::clone(&self.log));
                    tokio::spawn(async move {
                        log_end(&log, run_stream(config, stream, handler).await).await;
                    });
                }
            }
        }
        Ok(())
    }
}

async fn log_end(log: &Log, session: Result<russh::server::RunningSession<Handler>, russh::Error>) {
    let ended = match session {
        Ok(session) => session.await,
        Err(error) => Err(error),
    };
    push(
        log,
        match ended {
            Ok(()) => "connection: ended".to_owned(),
            Err(error) => format!("connection: {error}"),
        },
    );
}

fn push(log: &Log, line: String) {
    log.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(line);
}
