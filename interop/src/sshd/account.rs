//! A throw-away system user, for logins that really check a password.

use core::fmt;
use core::time::Duration;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use zeroize::Zeroizing;

use super::{SshdError, check, io_error, is_root, run};

/// How often to try when another process holds the lock of the password file.
const TRIES: u32 = 50;

/// A system user with a random name and password, removed when dropped.
///
/// Should a test be killed, the user stays: its name begins with `sshtest-`, and its password is
/// known to nobody.
pub struct TestAccount {
    name: String,
    password: Zeroizing<String>,
}

impl fmt::Debug for TestAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestAccount")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl TestAccount {
    /// Makes the user, by `useradd` and `chpasswd`; without a home, so that nothing in one plays a
    /// part.
    ///
    /// # Errors
    ///
    /// [`SshdError::NotRoot`], or what the tools said.
    pub fn create() -> Result<Self, SshdError> {
        Self::create_at(Path::new("/"))
    }

    /// Makes the user with an existing folder as home, which all must be able to read.
    ///
    /// # Errors
    ///
    /// As for [`TestAccount::create`].
    pub fn create_at(home: &Path) -> Result<Self, SshdError> {
        if !is_root() {
            return Err(SshdError::NotRoot("make a system user"));
        }
        let name = format!("sshtest-{}", random_hex(4)?.as_str());
        locked("useradd", || {
            let mut command = Command::new("useradd");
            command.args(["--no-create-home", "--shell", "/bin/sh", "--home-dir"]);
            run("useradd", command.arg(home).arg(&name))
        })?;
        // From here on dropping removes the user.
        let account = Self {
            name,
            password: random_hex(12)?,
        };
        account.set_password(&account.password)?;
        Ok(account)
    }

    /// Sets another password, which [`TestAccount::password`] does not follow.
    ///
    /// # Errors
    ///
    /// What the tools said.
    pub fn set_password(&self, password: &str) -> Result<(), SshdError> {
        let line = Zeroizing::new(format!("{}:{password}\n", self.name));
        locked("chpasswd", || {
            let mut child = Command::new("chpasswd")
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .map_err(io_error("chpasswd"))?;
            // Dropping the pipe is what ends the input.
            if let Some(mut input) = child.stdin.take() {
                input
                    .write_all(line.as_bytes())
                    .map_err(io_error("chpasswd"))?;
            }
            check(
                "chpasswd",
                &child.wait_with_output().map_err(io_error("chpasswd"))?,
            )
        })
    }

    /// The user's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The user's password.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }
}

impl Drop for TestAccount {
    fn drop(&mut self) {
        let _reported_nowhere = locked("userdel", || {
            // With force, as a session may still be on its way out.
            run(
                "userdel",
                Command::new("userdel").args(["--force", &self.name]),
            )
        });
    }
}

/// Runs `tool` again while another one holds the password file's lock: tests run side by side.
fn locked(
    tool: &'static str,
    mut attempt: impl FnMut() -> Result<(), SshdError>,
) -> Result<(), SshdError> {
    for _ in 0..TRIES {
        match attempt() {
            Err(SshdError::Tool { output, .. }) if output.contains("lock") => {
                std::thread::sleep(Duration::from_millis(50));
            }
            done => return done,
        }
    }
    let output = "the password file stayed locked".to_owned();
    Err(SshdError::Tool { tool, output })
}

/// Random bytes as hexadecimal text.
fn random_hex(bytes: usize) -> Result<Zeroizing<String>, SshdError> {
    use core::fmt::Write as _;
    use ring::rand::{SecureRandom as _, SystemRandom};
    let mut random = Zeroizing::new(vec![0; bytes]);
    SystemRandom::new()
        .fill(&mut random)
        .map_err(|_| SshdError::Randomness)?;
    let mut text = Zeroizing::new(String::with_capacity(2 * bytes));
    for byte in random.iter() {
        // Writing to a string does not fail.
        let _written = write!(text, "{byte:02x}");
    }
    Ok(text)
}
