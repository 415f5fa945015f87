//! The servers that there are, and what each can do.

use core::fmt;
use std::path::PathBuf;

use ssh_userauth::Method;

use crate::skip;
use crate::sshd::{self, Sshd};

/// A server that somebody else wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// OpenSSH's `sshd`.
    OpenSsh,
    /// `russh`, in this process.
    Russh,
    /// AsyncSSH, in Python.
    AsyncSsh,
    /// Twisted Conch, in Python.
    Conch,
    /// Paramiko, in Python.
    Paramiko,
    /// The package ssh2 of Node.
    Ssh2,
    /// Dropbear.
    Dropbear,
    /// TinySSH.
    TinySsh,
}

/// When a banner comes (RFC 4252 section 5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BannerTime {
    /// Never.
    Never,
    /// With SERVICE_ACCEPT.
    BehindServiceAccept,
    /// With the reply to the first request.
    AheadOfFirstReply,
}

/// Whether there is an EXT_INFO (RFC 8308).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Extensions {
    /// None.
    None,
    /// With the server's own NEWKEYS: there before the first request can leave.
    WithNewKeys,
    /// Behind the client's NEWKEYS: a first request that did not wait can't have heeded it.
    Later,
}

/// What a server can do, in the configuration that we give it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Abilities {
    /// The methods by which it can let somebody in.
    pub methods: &'static [Method],
    /// Whether it can ask for one method after another.
    pub several_factors: bool,
    /// Whether keyboard-interactive can have more than one round of questions.
    pub several_rounds: bool,
    /// Whether it can ask for another password (RFC 4252 section 8), and how often in a row.
    pub password_changes: u32,
    /// Whether it takes OpenSSH's certificates.
    pub certificates: bool,
    /// Whether it takes RSA keys, with SHA-2.
    pub rsa: bool,
    /// When a banner comes.
    pub banner: BannerTime,
    /// When EXT_INFO comes.
    pub extensions: Extensions,
    /// Whether the number of tries can be set.
    pub max_tries: bool,
}

/// What most of them can do.
const USUAL: Abilities = Abilities {
    methods: &[
        Method::PublicKey,
        Method::Password,
        Method::KeyboardInteractive,
    ],
    several_factors: true,
    several_rounds: true,
    password_changes: 0,
    certificates: false,
    rsa: true,
    banner: BannerTime::BehindServiceAccept,
    extensions: Extensions::Later,
    max_tries: false,
};

impl Kind {
    /// All of them, in the order of the tables.
    pub const ALL: &[Self] = &[
        Self::OpenSsh,
        Self::AsyncSsh,
        Self::Conch,
        Self::Russh,
        Self::Paramiko,
        Self::Ssh2,
        Self::Dropbear,
        Self::TinySsh,
    ];

    /// As its makers call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenSsh => "OpenSSH",
            Self::Russh => "russh",
            Self::AsyncSsh => "AsyncSSH",
            Self::Conch => "Twisted Conch",
            Self::Paramiko => "paramiko",
            Self::Ssh2 => "ssh2",
            Self::Dropbear => "Dropbear",
            Self::TinySsh => "TinySSH",
        }
    }

    /// For names of files and tests.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::OpenSsh => "openssh",
            Self::Russh => "russh",
            Self::AsyncSsh => "asyncssh",
            Self::Conch => "conch",
            Self::Paramiko => "paramiko",
            Self::Ssh2 => "ssh2",
            Self::Dropbear => "dropbear",
            Self::TinySsh => "tinyssh",
        }
    }

    /// What it can do.
    #[must_use]
    pub const fn abilities(self) -> Abilities {
        use Method::{HostBased, KeyboardInteractive, Password, PublicKey};
        let with_host = &[PublicKey, Password, KeyboardInteractive, HostBased];
        match self {
            Self::OpenSsh => Abilities {
                methods: with_host,
                several_rounds: false,
                certificates: true,
                banner: BannerTime::AheadOfFirstReply,
                extensions: Extensions::WithNewKeys,
                max_tries: true,
                ..USUAL
            },
            Self::AsyncSsh => Abilities {
                methods: with_host,
                several_factors: false,
                password_changes: u32::MAX,
                certificates: true,
                banner: BannerTime::AheadOfFirstReply,
                extensions: Extensions::WithNewKeys,
                ..USUAL
            },
            Self::Conch => Abilities {
                methods: &[PublicKey, Password],
                banner: BannerTime::Never,
                max_tries: true,
                ..USUAL
            },
            Self::Russh => Abilities {
                max_tries: true,
                ..USUAL
            },
            Self::Paramiko => Abilities {
                extensions: Extensions::WithNewKeys,
                ..USUAL
            },
            Self::Ssh2 => Abilities {
                methods: with_host,
                password_changes: 1,
                ..USUAL
            },
            Self::Dropbear => Abilities {
                methods: &[PublicKey, Password],
                banner: BannerTime::AheadOfFirstReply,
                extensions: Extensions::WithNewKeys,
                max_tries: true,
                ..USUAL
            },
            Self::TinySsh => Abilities {
                methods: &[PublicKey],
                several_factors: false,
                rsa: false,
                banner: BannerTime::Never,
                extensions: Extensions::None,
                ..USUAL
            },
        }
    }

    /// Whether its users are the system's, so that only root can prepare it.
    #[must_use]
    pub const fn has_system_users(self) -> bool {
        matches!(self, Self::OpenSsh | Self::Dropbear | Self::TinySsh)
    }

    /// What must be there, and how to get it.
    fn wanted(self) -> (Vec<PathBuf>, &'static str) {
        match self {
            Self::OpenSsh => {
                let sshd = Sshd::binary().unwrap_or_else(|| PathBuf::from("/usr/sbin/sshd"));
                (vec![sshd], "`apt-get install openssh-server`")
            }
            Self::Russh => (Vec::new(), ""),
            Self::AsyncSsh | Self::Conch | Self::Paramiko => {
                (vec![python()], "`interop/servers/setup`")
            }
            Self::Ssh2 => (vec![node_modules().join("ssh2")], "`interop/servers/setup`"),
            Self::Dropbear => (
                [DROPBEAR, DROPBEARCONVERT].map(PathBuf::from).to_vec(),
                "`apt-get install dropbear-bin`",
            ),
            Self::TinySsh => (vec![PathBuf::from(TINYSSH)], "`apt-get install tinysshd`"),
        }
    }

    /// For tests: whether the server can be run here. If not, a loud line on standard error says
    /// so, so that a test that did nothing does not pass unseen.
    ///
    /// # Panics
    ///
    /// If it can't be run and the environment has `CI` set: there, a skipped test is a failure.
    #[must_use]
    pub fn require(self) -> bool {
        let problem = self.problem();
        if let Some(problem) = &problem {
            skip::without(format_args!("{self}: {problem}"));
        }
        problem.is_none()
    }

    /// Why the server can't be run here; `None`: it can.
    #[must_use]
    pub fn problem(self) -> Option<String> {
        let (files, install) = self.wanted();
        if let Some(missing) = files.iter().find(|file| !file.exists()) {
            let missing = missing.display();
            return Some(format!("no {missing}; {install} brings it"));
        }
        let root = !self.has_system_users() || sshd::is_root();
        (!root).then(|| "only root can make a user for it".to_owned())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

pub(super) const DROPBEAR: &str = "/usr/sbin/dropbear";
pub(super) const DROPBEARCONVERT: &str = "/usr/bin/dropbearconvert";
pub(super) const TINYSSH: &str = "/usr/sbin/tinysshd";

/// Where `interop/servers/setup` puts things.
fn installed() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/servers"))
}

/// Has the libraries that the servers in Python are made of, and so their clients, too.
pub(crate) fn python() -> PathBuf {
    installed().join("python/bin/python")
}

fn node_modules() -> PathBuf {
    installed().join("node/node_modules")
}
