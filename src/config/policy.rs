//! What the caller decides about safety, speed and choice.

/// How to learn which methods the server offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Discovery {
    /// A `none` request first (RFC 4252 section 5.2): its refusal brings the list of methods. The
    /// default.
    #[default]
    ProbeNone,
    /// The first method of the order at once; its refusal brings the list. Saves a round trip. If
    /// nothing could be sent, `none` is tried before giving up.
    Skip,
}

/// What to do when the server lets us in although nothing was proved: after `none`, a round of
/// zero prompts, a key query, an empty request of the caller's own method.
///
/// A server in the middle may do this to look like the real one, and then wait for a password
/// prompt or an agent's touch (CVE-2021-36367, CVE-2021-36369).
/// [`Authenticated::is_trivial`](crate::Authenticated::is_trivial) tells in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TrivialSuccess {
    /// It is a login like any other: password-less services exist. The default.
    #[default]
    Accept,
    /// It ends the run, unless the caller intended [`Method::None`](crate::Method::None).
    Reject,
}

/// Whether signatures are bound to the server's host key (`publickey-hostbound-v00@openssh.com`,
/// OpenSSH PROTOCOL section 3.1). A bound signature tells the agent for which server it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HostBound {
    /// When the server announced it and the host key is known. The default.
    #[default]
    Prefer,
    /// Never: for devices that can't parse the longer data.
    Never,
    /// No signature is made without it, and no key is offered.
    Require,
}

/// Whether the signature algorithms `ssh-rsa` (RSA with SHA-1) and `ssh-dss` may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Sha1Signatures {
    /// Never. The default: collisions in SHA-1 are practical.
    #[default]
    Refuse,
    /// When the server lists them and nothing better. Their absence from a list, or the absence
    /// of a list, never allows them.
    Allow,
    /// As `Allow`; and where the server lists nothing at all, after SHA-2: an RSA key is tried with
    /// SHA-1 if [`HashFallback`] allows another try, or if nothing else is among
    /// [`Config::signature_algorithms`](crate::Config::signature_algorithms). For servers from
    /// before 2016 that know nothing else. Whoever can cut messages out of the stream can provoke
    /// it (CVE-2023-48795): only for a host that is known to need it.
    AllowUnlisted,
}

/// Whether an RSA key that is refused under one hash is tried under the next (RFC 8332 section
/// 3.3). Each try costs an attempt on the server.
///
/// Whatever this says, a key that was offered before the server listed its algorithms, or by an
/// older list, and refused under one that it does not list now, is tried under one that it does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HashFallback {
    /// Never. The default.
    #[default]
    Never,
    /// When the server took the key and then refused the signature, or the signer used another
    /// hash than it was asked for: some servers say yes to every query (apache/mina-sshd 531),
    /// some agents can't do SHA-2.
    AfterSignature,
    /// Also when the query was refused: OpenSSH 9.2 lists every algorithm whatever
    /// `PubkeyAcceptedAlgorithms` says.
    AfterAnyRefusal,
}

/// Who chooses the next method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MethodChoice {
    /// The order of [`Config::methods`](crate::Config::methods). The default.
    #[default]
    Order,
    /// The caller, asked by [`Action::NeedMethod`](crate::Action) whenever there is a choice.
    Ask,
}

/// How many refusals to risk, and how many of them to keep for methods that a person answers.
///
/// Servers close the connection after some refusals; OpenSSH at the sixth (`MaxAuthTries`). It
/// counts every refused request, a refused key query included, but neither a `none` that comes
/// first nor an accepted query. When only the reserve is left, password and keyboard-interactive
/// go first; keys not yet offered come after them, if the server is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct AttemptBudget {
    /// At how many refusals the server is expected to close the connection. Default: 6.
    pub refusals: u32,
    /// How many of them are kept for each of password and keyboard-interactive that may still be
    /// tried. Default: 1.
    pub reserve: u32,
}

impl Default for AttemptBudget {
    fn default() -> Self {
        Self {
            refusals: 6,
            reserve: 1,
        }
    }
}

/// Whether password and keyboard-interactive count their refusals together: behind both is often
/// one stack that locks accounts (PAM).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TryCounting {
    /// Each has its own limit. The default.
    #[default]
    Separate,
    /// Together they have [`Limits::max_password_tries`](crate::Limits).
    Shared,
}

/// Whether the password may answer a prompt of keyboard-interactive: servers that only offer that
/// method often ask for nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PasswordBridge {
    /// Never: prompts are put to the caller as they are. The default.
    #[default]
    Never,
    /// A lone, hidden prompt of the first round is asked as
    /// [`NeedPassword`](crate::NeedPassword), once in a run, and only where the server doesn't
    /// list `password` or has refused it. Whatever else it prompts for goes to the caller: a
    /// server must not get the password for asking again under another name.
    HiddenSinglePromptOnce,
}

/// What may be sent before the replies to earlier requests have come (RFC 4252 section 5.1: "The
/// client MAY send several authentication requests without waiting for responses").
///
/// Only the last request in a flight is ever one that can succeed or open a dialogue: servers
/// close the connection on what comes behind a success, and swallow what comes behind a dialogue.
///
/// What is saved is only saved if it leaves together: hand everything that
/// [`poll_action`](crate::UserAuthClient::poll_action) gives out to the transport, and write it to
/// the network when it returns `None`, in the same write as `SSH_MSG_NEWKEYS`. The socket wants
/// `TCP_NODELAY` for that, and `TCP_QUICKACK` where there is one: several servers hold the second
/// reply of a flight back until the first was acknowledged.
///
/// A connection that ends while several requests are unanswered may have met a server that does
/// not bear this; [`Report::retry_config`](crate::Report::retry_config) has the configuration to
/// connect with once more. Where every refusal takes long (russh waits a second by default),
/// sending ahead hides no delay: see
/// [`send_one_by_one`](crate::UserAuthClient::send_one_by_one).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Pipelining {
    /// One request, one answer.
    Off,
    /// The first requests follow the service request at once: up to so many key queries, or the
    /// first method that needs no question, or `none`; while there are more keys, so many queries
    /// are kept on their way. The default, with three queries. Saves one to three round trips.
    ///
    /// Its price: all these keys are shown to the server, not only those up to the first that it
    /// accepts; and each of them that is wrong counts as a refusal.
    /// [`Discovery`] does not apply: the first refusal brings the list of methods.
    Opening {
        /// Key queries on their way at the same time. Three are a good number: well below the
        /// refusals that servers bear.
        queries: u32,
    },
}

impl Default for Pipelining {
    fn default() -> Self {
        Self::Opening { queries: 3 }
    }
}

/// Whether a password may leave before the server has asked for one, or listed the method. It is
/// asked for by [`NeedPassword`](crate::NeedPassword) in any case, and never where the connection
/// is not confidential. Without [`Pipelining`] it has no effect.
///
/// Its price: the password goes to a server that may not have wanted it, and a wrong one costs a
/// refusal and, with PAM, seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EarlyPassword {
    /// Never: it is asked for when the server lists the method. The default.
    #[default]
    Never,
    /// As the last request of the opening flight, behind the key queries: one round trip.
    InOpening,
    /// Right behind the first signature with a key, in the same flight; without a key, as
    /// `InOpening`. Only for a server that is known to want both: one that is content with the key
    /// gets a request after its success, on which some close the connection (Go, Erlang, ssh2 for
    /// Node).
    BehindSignature,
}
