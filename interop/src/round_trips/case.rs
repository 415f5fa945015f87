//! What is measured: the logins, and who logs in.

use core::fmt;

use ssh_userauth::Method;

use crate::servers::{Kind, Round, Site};

/// A login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Key,
    ThirdKey,
    Password,
    Interactive,
    KeyAndPassword,
}

impl Case {
    pub(super) const ALL: [Self; 5] = [
        Self::Key,
        Self::ThirdKey,
        Self::Password,
        Self::Interactive,
        Self::KeyAndPassword,
    ];

    /// On the command line, and in the table.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::ThirdKey => "third-key",
            Self::Password => "password",
            Self::Interactive => "interactive",
            Self::KeyAndPassword => "key+password",
        }
    }

    /// The methods that the server demands, one after the other.
    const fn methods(self) -> &'static [Method] {
        match self {
            Self::Key | Self::ThirdKey => &[Method::PublicKey],
            Self::Password => &[Method::Password],
            Self::Interactive => &[Method::KeyboardInteractive],
            Self::KeyAndPassword => &[Method::PublicKey, Method::Password],
        }
    }

    /// How many keys the user offers; the last one is right.
    pub(super) const fn keys(self) -> usize {
        match self {
            Self::Key | Self::KeyAndPassword => 1,
            Self::ThirdKey => 3,
            Self::Password | Self::Interactive => 0,
        }
    }

    /// Whether a server of `kind` can demand this.
    pub(super) fn suits(self, kind: Kind) -> bool {
        let able = kind.abilities();
        let methods = self.methods();
        let several = methods.len() > 1;
        methods.iter().all(|method| able.methods.contains(method))
            && (!several || able.several_factors)
    }

    /// The server's side, with the last of `keys` as the right one.
    pub(super) fn site(self, keys: &[String]) -> Site {
        let mut site = Site::new();
        for method in self.methods() {
            site = site.one_of(&[*method]);
        }
        if let Some(right) = keys.last() {
            site = site.key(right);
        }
        if self == Self::Interactive {
            site = site.round(Round::new("", "").asking("Code: ", false, "4242"));
        }
        site
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Who logs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Client {
    /// One request, one answer.
    Off,
    /// The service request and three key queries at once.
    Opening,
    /// The first proof with them, unasked.
    Unasked,
    /// Signature and password with them: the server is known to want both.
    Together,
    /// OpenSSH's client.
    Ssh,
    /// AsyncSSH's.
    AsyncSsh,
    /// Paramiko's.
    Paramiko,
}

impl Client {
    pub(super) const ALL: [Self; 7] = [
        Self::Off,
        Self::Opening,
        Self::Unasked,
        Self::Together,
        Self::Ssh,
        Self::AsyncSsh,
        Self::Paramiko,
    ];

    /// On the command line, and in the table.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Opening => "opening",
            Self::Unasked => "unasked",
            Self::Together => "together",
            Self::Ssh => "ssh",
            Self::AsyncSsh => "asyncssh",
            Self::Paramiko => "paramiko",
        }
    }

    /// Whether it is the state machine of this repository.
    pub(super) const fn is_own(self) -> bool {
        matches!(
            self,
            Self::Off | Self::Opening | Self::Unasked | Self::Together
        )
    }

    /// Whether this client does something of its own in `case`. A code that is asked for can't be
    /// given unasked.
    pub(super) fn suits(self, case: Case) -> bool {
        match self {
            Self::Unasked => case != Case::Interactive,
            Self::Together => case == Case::KeyAndPassword,
            _ => true,
        }
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
