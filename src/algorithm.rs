//! The names of public key and signature algorithms, and which belong together.

use alloc::borrow::Cow;
use core::fmt;

/// The suffix of every OpenSSH certificate type (OpenSSH PROTOCOL.certkeys).
const CERTIFICATE_SUFFIX: &str = "-cert-v01@openssh.com";

/// The name of a public key or signature algorithm (RFC 4251 section 6), such as `rsa-sha2-512`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlgorithmName(Cow<'static, str>);

/// Names of which the machine makes requests again and again; kept without allocating.
const KNOWN_NAMES: [&str; 22] = [
    "ssh-ed25519",
    "rsa-sha2-512",
    "rsa-sha2-256",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-ed25519-cert-v01@openssh.com",
    "rsa-sha2-512-cert-v01@openssh.com",
    "rsa-sha2-256-cert-v01@openssh.com",
    "ssh-rsa-cert-v01@openssh.com",
    "ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "ecdsa-sha2-nistp384-cert-v01@openssh.com",
    "ecdsa-sha2-nistp521-cert-v01@openssh.com",
    "sk-ssh-ed25519-cert-v01@openssh.com",
    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "ssh-dss",
    "ssh-dss-cert-v01@openssh.com",
    "ssh-ed448",
];

const SK_ECDSA: &str = "sk-ecdsa-sha2-nistp256@openssh.com";
const WEBAUTHN: &str = "webauthn-sk-ecdsa-sha2-nistp256@openssh.com";

/// RSA signs with one of three hashes, and the key type stays `ssh-rsa` (RFC 8332 section 3).
const RSA: [&str; 3] = ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"];
const RSA_CERTIFICATE: [&str; 3] = [
    "rsa-sha2-512-cert-v01@openssh.com",
    "rsa-sha2-256-cert-v01@openssh.com",
    "ssh-rsa-cert-v01@openssh.com",
];

impl AlgorithmName {
    /// A name from the wire: 1 to 64 printable ASCII characters without a comma (RFC 4251
    /// section 6).
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let name = core::str::from_utf8(bytes).ok()?;
        if let Some(known) = KNOWN_NAMES.iter().find(|known| **known == name) {
            return Some(Self(Cow::Borrowed(known)));
        }
        is_name(bytes).then(|| Self(Cow::Owned(name.into())))
    }

    pub(crate) const fn known(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name that the signature carries: a certificate signs as its plain key does (OpenSSH
    /// PROTOCOL.certkeys).
    pub(crate) fn plain(&self) -> Cow<'_, str> {
        match self.0.strip_suffix(CERTIFICATE_SUFFIX) {
            // `sk-ssh-ed25519-cert-v01@openssh.com` belongs to `sk-ssh-ed25519@openssh.com`.
            Some(base) if base.starts_with("sk-") => {
                Cow::Owned(alloc::format!("{base}@openssh.com"))
            }
            Some(base) => Cow::Borrowed(base),
            None => Cow::Borrowed(&self.0),
        }
    }

    /// [`plain`](Self::plain) as a name of its own.
    pub(crate) fn to_plain(&self) -> Self {
        Self::from_bytes(self.plain().as_bytes()).unwrap_or_else(|| self.clone())
    }

    /// Whether the signature needs SHA-1, or DSA: only by explicit policy.
    pub(crate) fn is_obsolete(&self) -> bool {
        matches!(self.plain().as_ref(), "ssh-rsa" | "ssh-dss")
    }

    pub(crate) fn is_rsa(&self) -> bool {
        RSA.contains(&self.plain().as_ref())
    }

    pub(crate) fn is_certificate(&self) -> bool {
        self.0.ends_with(CERTIFICATE_SUFFIX)
    }

    /// Under which algorithms a key of this type can be offered, best first.
    pub(crate) fn algorithms(&self) -> impl Iterator<Item = Self> + use<> {
        let rsa: &[&'static str] = match self.as_str() {
            "ssh-rsa" => &RSA,
            "ssh-rsa-cert-v01@openssh.com" => &RSA_CERTIFICATE,
            _ => &[],
        };
        let other = rsa.is_empty().then(|| self.clone());
        rsa.iter().copied().map(Self::known).chain(other)
    }

    /// Whether two names belong to one family of keys: what an accepted key may be called.
    ///
    /// GitHub's old front end answered a query for `rsa-sha2-512` with `ssh-rsa`, and other
    /// servers still name the certificate's key type (apache/mina-sshd PR 185).
    pub(crate) fn is_sibling_of(&self, other: &Self) -> bool {
        self == other || self.family() == other.family()
    }

    fn family(&self) -> Cow<'_, str> {
        let plain = self.plain();
        match plain.as_ref() {
            WEBAUTHN => Cow::Borrowed(SK_ECDSA),
            name if RSA.contains(&name) => Cow::Borrowed("ssh-rsa"),
            _ => plain,
        }
    }

    /// Whether a signature that carries `name` is one under this algorithm.
    pub(crate) fn is_signed_as(&self, name: &[u8]) -> bool {
        let plain = self.plain();
        plain.as_bytes() == name
            // One key, two forms of signature: through a browser, or straight from the
            // authenticator (OpenSSH PROTOCOL.u2f). The server tells them apart by this name.
            || (plain == SK_ECDSA && name == WEBAUTHN.as_bytes())
    }
}

impl fmt::Debug for AlgorithmName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for AlgorithmName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// RFC 4251 section 6: a name has at most 64 characters of printable US-ASCII and none of "comma
/// (","), whitespace, control characters".
pub(crate) fn is_name(bytes: &[u8]) -> bool {
    (1..=64).contains(&bytes.len())
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_graphic() && *byte != b',')
}
