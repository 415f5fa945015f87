//! A Kerberos realm of MIT's tools, in a temporary folder and on one loopback port.
//!
//! Everything that Kerberos reads, it finds by environment variables, so the realm is there for
//! the processes that get [`Realm::variables`] and for nobody else. A process can't give them to
//! itself safely while it has threads; tests run themselves again inside a realm, see
//! [`Realm::inside`].

use core::net::{Ipv4Addr, SocketAddr};
use core::time::Duration;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Instant;

use tempfile::TempDir;

use crate::skip;

/// The name of every realm.
pub const REALM: &str = "INTEROP.EXAMPLE";

/// The principal of the server that logins go to.
pub const SERVICE: &str = "host/localhost";

/// How to get what is missing.
const INSTALL: &str = "install it with `apt-get install krb5-kdc krb5-admin-server krb5-user` \
                       or your system's equivalent";

/// Where the realm's folder is, for a process inside.
const VARIABLE: &str = "INTEROP_REALM";

/// How long the key distribution centre may take to start.
const PATIENCE: Duration = Duration::from_secs(10);

/// A port that is free now may be taken a moment later.
const TRIES: u32 = 5;

/// The tools, sought where the search path of a plain user doesn't lead.
const PLACES: [&str; 4] = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"];

/// What keeps a realm from working.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KerberosError {
    /// A tool is in none of the usual places.
    #[error("{0} is not installed; {INSTALL}")]
    NotInstalled(&'static str),
    /// A file, socket or process was refused.
    #[error("{what}: {error}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// The system's answer.
        error: io::Error,
    },
    /// A tool ended with an error.
    #[error("{tool} failed: {output}")]
    Tool {
        /// The tool.
        tool: &'static str,
        /// What it printed.
        output: String,
    },
}

fn io_error(what: &'static str) -> impl FnOnce(io::Error) -> KerberosError {
    move |error| KerberosError::Io { what, error }
}

fn binary(tool: &'static str) -> Result<PathBuf, KerberosError> {
    let mut paths = PLACES.iter().map(|place| Path::new(place).join(tool));
    paths
        .find(|path| path.is_file())
        .ok_or(KerberosError::NotInstalled(tool))
}

/// Whether the tools are installed.
#[must_use]
pub fn is_installed() -> bool {
    ["krb5kdc", "kdb5_util", "kadmin.local", "kinit"]
        .into_iter()
        .all(|tool| binary(tool).is_ok())
}

/// A realm: started by this process, or the one it runs inside of.
#[derive(Debug)]
pub struct Realm {
    path: PathBuf,
    /// Dropped in this order: the process ends before its files go.
    _center: Option<Center>,
    _dir: Option<TempDir>,
}

/// The running key distribution centre.
#[derive(Debug)]
struct Center(Child);

impl Drop for Center {
    fn drop(&mut self) {
        let _already_gone = self.0.kill();
        let _status = self.0.wait();
    }
}

impl Realm {
    /// Makes the database with the service's principal and starts the key distribution centre.
    ///
    /// # Errors
    ///
    /// [`KerberosError`].
    pub fn start() -> Result<Self, KerberosError> {
        let dir = tempfile::Builder::new().prefix("realm-").tempdir();
        let dir = dir.map_err(io_error("making a temporary folder"))?;
        let mut realm = Self {
            path: dir.path().to_owned(),
            _center: None,
            _dir: Some(dir),
        };
        realm.configure(0)?;
        // The master key is never typed again.
        realm.run("kdb5_util", ["create", "-s", "-P", "master"], "")?;
        realm.administer(&format!("addprinc -randkey {SERVICE}"))?;
        realm.administer(&format!("ktadd {SERVICE}"))?;
        for _ in 0..TRIES {
            if let Some(center) = realm.serve()? {
                realm._center = Some(center);
                return Ok(realm);
            }
        }
        let log = fs::read_to_string(realm.path.join("kdc.log"));
        Err(KerberosError::Tool {
            tool: "krb5kdc",
            output: log.unwrap_or_default(),
        })
    }

    /// The realm that this process was started in, see [`Realm::variables`].
    #[must_use]
    pub fn inside() -> Option<Self> {
        Some(Self {
            path: env::var_os(VARIABLE)?.into(),
            _center: None,
            _dir: None,
        })
    }

    /// What a process needs in its environment to be inside.
    #[must_use]
    pub fn variables(&self) -> [(&'static str, OsString); 5] {
        let file = |name: &str| self.path.join(name).into_os_string();
        [
            ("KRB5_CONFIG", file("krb5.conf")),
            ("KRB5_KDC_PROFILE", file("kdc.conf")),
            ("KRB5_KTNAME", file("keytab")),
            ("KRB5CCNAME", file("tickets")),
            (VARIABLE, self.path.clone().into_os_string()),
        ]
    }

    /// Makes a principal with a password.
    ///
    /// # Errors
    ///
    /// What `kadmin.local` said.
    pub fn add_user(&self, name: &str, password: &str) -> Result<(), KerberosError> {
        self.administer(&format!("addprinc -pw {password} {name}"))
    }

    /// Gives the service a new key and does not tell the server: its key table is out of date.
    ///
    /// # Errors
    ///
    /// What `kadmin.local` said.
    pub fn change_key_of_service(&self) -> Result<(), KerberosError> {
        self.administer(&format!("cpw -randkey {SERVICE}"))
    }

    /// Gets the first ticket, which replaces the tickets of anybody before. `options` are those of
    /// `kinit`.
    ///
    /// # Errors
    ///
    /// What `kinit` said.
    pub fn get_ticket(
        &self,
        name: &str,
        password: &str,
        options: &[&str],
    ) -> Result<(), KerberosError> {
        let arguments = options.iter().copied().chain([name]);
        self.run("kinit", arguments, &format!("{password}\n"))
    }

    fn configure(&self, port: u16) -> Result<(), KerberosError> {
        let path = self.path.display();
        // The braces must stand at the ends of lines of their own.
        let client = format!(
            "[libdefaults]\n\
             default_realm = {REALM}\n\
             dns_canonicalize_hostname = false\n\
             dns_lookup_kdc = false\n\
             dns_lookup_realm = false\n\
             rdns = false\n\
             udp_preference_limit = 1\n\
             [realms]\n{REALM} = {{\nkdc = 127.0.0.1:{port}\n}}\n\
             [domain_realm]\nlocalhost = {REALM}\n"
        );
        let center = format!(
            "[kdcdefaults]\n\
             kdc_listen = 127.0.0.1:{port}\n\
             kdc_tcp_listen = 127.0.0.1:{port}\n\
             [realms]\n{REALM} = {{\n\
             database_name = {path}/principal\n\
             key_stash_file = {path}/stash\n\
             acl_file = {path}/acl\n\
             }}\n\
             [logging]\nkdc = FILE:{path}/kdc.log\n"
        );
        for (name, contents) in [("krb5.conf", client), ("kdc.conf", center)] {
            let written = fs::write(self.path.join(name), contents);
            written.map_err(io_error("writing a file for Kerberos"))?;
        }
        Ok(())
    }

    /// One try with one port; `None` if it ended at once or never listened.
    fn serve(&self) -> Result<Option<Center>, KerberosError> {
        let what = "finding a port";
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(io_error(what))?;
        let address: SocketAddr = free.local_addr().map_err(io_error(what))?;
        drop(free);
        self.configure(address.port())?;
        let mut command = self.command("krb5kdc")?;
        command.arg("-n");
        for stream in [Command::stdin, Command::stdout, Command::stderr] {
            stream(&mut command, Stdio::null());
        }
        let mut center = Center(command.spawn().map_err(io_error("starting krb5kdc"))?);
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Ok(Some(_ended)) = center.0.try_wait() {
                return Ok(None);
            }
            if TcpStream::connect(address).is_ok() {
                return Ok(Some(center));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(None)
    }

    fn administer(&self, request: &str) -> Result<(), KerberosError> {
        self.run("kadmin.local", ["-q", request], "")
    }

    fn command(&self, tool: &'static str) -> Result<Command, KerberosError> {
        let mut command = Command::new(binary(tool)?);
        command.envs(self.variables());
        Ok(command)
    }

    fn run<A: AsRef<OsStr>>(
        &self,
        tool: &'static str,
        arguments: impl IntoIterator<Item = A>,
        input: &str,
    ) -> Result<(), KerberosError> {
        let mut command = self.command(tool)?;
        for stream in [Command::stdin, Command::stdout, Command::stderr] {
            stream(&mut command, Stdio::piped());
        }
        let mut child = command.args(arguments).spawn().map_err(io_error(tool))?;
        // Dropping the pipe is what ends the input. A tool that doesn't read it is no failure.
        let _unread = child
            .stdin
            .take()
            .map(|mut pipe| pipe.write_all(input.as_bytes()));
        let output = child.wait_with_output().map_err(io_error(tool))?;
        check(tool, &output)
    }
}

/// `kadmin.local` exits with 0 whatever became of the request; its own complaints are lines that
/// begin with the name of the function that failed.
fn check(tool: &'static str, output: &Output) -> Result<(), KerberosError> {
    let errors = String::from_utf8_lossy(&output.stderr);
    let failed = |line: &str| {
        let function = line.split(':').next().unwrap_or_default();
        tool == "kadmin.local" && ["add_principal", "change_password", "ktadd"].contains(&function)
    };
    if output.status.success() && !errors.lines().any(failed) {
        return Ok(());
    }
    let output = errors.trim().to_owned();
    Err(KerberosError::Tool { tool, output })
}

/// For tests: whether the tools are there; if not, it is said aloud.
///
/// # Panics
///
/// If they are not and the environment has `CI` set: there, a skipped test is a failure.
#[must_use]
pub fn require() -> bool {
    let installed = is_installed();
    if !installed {
        skip::without(format_args!("MIT Kerberos: {INSTALL}"));
    }
    installed
}
