//! In what servers differ where the RFCs leave room, or are not followed.

/// What a [`PolicyServer`](super::PolicyServer) does where real servers differ. By default, what
/// the RFCs say.
///
/// The named ones are what was measured on these servers in 2026: OpenSSH 9.2 and 10.0, Dropbear
/// 2025.89, Go's `x/crypto/ssh` 0.25, node's ssh2 1.17, Erlang/OTP 25, ProFTPD's mod_sftp 1.3.8,
/// TinySSH 20250501, libssh 0.11.5. Delays are not modelled: there is no clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ServerQuirks {
    /// What comes of requests after success.
    pub after_success: AfterSuccess,
    /// What comes of a method that the server doesn't know.
    pub unknown_method: UnknownMethod,
    /// What comes of a request while the client owes an answer to prompts or a new password.
    pub abandoned_dialogue: AbandonedDialogue,
    /// When the banner is sent.
    pub banner: BannerTime,
    /// When `SSH_MSG_EXT_INFO` is sent.
    pub ext_info: ExtInfoTime,
    /// `SSH_MSG_USERAUTH_PK_OK` to every key query (TinySSH, ProFTPD).
    pub accepts_every_query: bool,
    /// A wrong signature of an authorized key closes the connection (Go, TinySSH, libssh).
    pub closes_on_bad_signature: bool,
}

/// What comes of requests after success.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AfterSuccess {
    /// RFC 4252 section 5.3: they "SHOULD be silently ignored".
    #[default]
    Ignored,
    /// `SSH_MSG_UNIMPLEMENTED`.
    Unimplemented,
    /// `SSH_MSG_USERAUTH_FAILURE`.
    Refused,
    /// The connection is closed.
    Closed,
}

/// What comes of a method that the server doesn't know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnknownMethod {
    /// It is refused like any other.
    #[default]
    Refused,
    /// The connection is closed (node's ssh2).
    Disconnected,
    /// Nothing: the request is never answered (ProFTPD).
    Unanswered,
}

/// What comes of a request while the client owes an answer to prompts or a new password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AbandonedDialogue {
    /// RFC 4252 section 5.1: "A SSH_MSG_USERAUTH_FAILURE message MUST NOT be sent for an aborted
    /// method."
    #[default]
    Forgotten,
    /// The dialogue is refused, and then the request is answered: one reply too many (node's
    /// ssh2).
    Refused,
    /// The dialogue is refused, and the request is never answered (Go, ProFTPD).
    SwallowsRequest,
    /// The connection is closed (Erlang).
    Disconnected,
}

/// When the banner is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BannerTime {
    /// Before the reply to the first request, as OpenSSH does.
    #[default]
    BeforeFirstReply,
    /// With `SSH_MSG_SERVICE_ACCEPT`.
    WithServiceAccept,
}

/// When `SSH_MSG_EXT_INFO` is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExtInfoTime {
    /// Right behind the server's `SSH_MSG_NEWKEYS`: the client knows it before it sends anything.
    #[default]
    BeforeFirstFlight,
    /// When the client's `SSH_MSG_NEWKEYS` has come: too late for what the client sends with it
    /// (node's ssh2, libssh, ProFTPD).
    WithServiceAccept,
}

impl ServerQuirks {
    /// OpenSSH's `sshd`.
    #[must_use]
    pub fn openssh() -> Self {
        Self {
            after_success: AfterSuccess::Unimplemented,
            ..Self::default()
        }
    }

    /// Dropbear.
    #[must_use]
    pub fn dropbear() -> Self {
        Self::default()
    }

    /// Servers built with Go's `x/crypto/ssh`.
    #[must_use]
    pub fn go() -> Self {
        Self {
            after_success: AfterSuccess::Closed,
            abandoned_dialogue: AbandonedDialogue::SwallowsRequest,
            closes_on_bad_signature: true,
            ..Self::default()
        }
    }

    /// Servers built with node's `ssh2`.
    #[must_use]
    pub fn node() -> Self {
        Self {
            after_success: AfterSuccess::Closed,
            unknown_method: UnknownMethod::Disconnected,
            abandoned_dialogue: AbandonedDialogue::Refused,
            banner: BannerTime::WithServiceAccept,
            ext_info: ExtInfoTime::WithServiceAccept,
            ..Self::default()
        }
    }

    /// Servers built with Erlang's `ssh`.
    #[must_use]
    pub fn erlang() -> Self {
        Self {
            after_success: AfterSuccess::Closed,
            abandoned_dialogue: AbandonedDialogue::Disconnected,
            ..Self::default()
        }
    }

    /// ProFTPD with mod_sftp.
    #[must_use]
    pub fn proftpd() -> Self {
        Self {
            unknown_method: UnknownMethod::Unanswered,
            abandoned_dialogue: AbandonedDialogue::SwallowsRequest,
            accepts_every_query: true,
            ext_info: ExtInfoTime::WithServiceAccept,
            ..Self::default()
        }
    }

    /// TinySSH.
    #[must_use]
    pub fn tinyssh() -> Self {
        Self {
            after_success: AfterSuccess::Unimplemented,
            accepts_every_query: true,
            closes_on_bad_signature: true,
            ..Self::default()
        }
    }

    /// Servers built with libssh.
    #[must_use]
    pub fn libssh() -> Self {
        Self {
            after_success: AfterSuccess::Refused,
            closes_on_bad_signature: true,
            ext_info: ExtInfoTime::WithServiceAccept,
            ..Self::default()
        }
    }
}
