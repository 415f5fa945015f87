//! The names of public key and signature algorithms, and which belong together.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;

/// The suffix of every OpenSSH certificate type (OpenSSH PROTOCOL.certkeys).
const CERTIFICATE_SUFFIX: &str = "-cert-v01@openssh.com";

/// The name of a public key or signature algorithm (RFC 4251 section 6), such as `rsa-sha2-512`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AlgorithmName(Cow<'static, str>);

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
        is_name(bytes).then(|| Self(Cow::Owned(name.into())))
    }

    /// Those of a caller's names that can be one.
    pub(crate) fn all_of<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> Vec<Self> {
        let names = names.into_iter();
        let names = names.filter_map(|name| Self::from_bytes(name.as_ref().as_bytes()));
        names.collect()
    }

    /// A name that the crate knows.
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
        match self.as_str().strip_suffix(CERTIFICATE_SUFFIX) {
            // `sk-ssh-ed25519-cert-v01@openssh.com` belongs to `sk-ssh-ed25519@openssh.com`.
            Some(base) if base.starts_with("sk-") => {
                Cow::Owned(alloc::format!("{base}@openssh.com"))
            }
            Some(base) => Cow::Borrowed(base),
            None => Cow::Borrowed(self.as_str()),
        }
    }

    /// [`plain`](Self::plain) as a name of its own.
    pub(crate) fn to_plain(&self) -> Self {
        match &self.0 {
            Cow::Borrowed(_) if !self.is_certificate() => self.clone(),
            _ => Self(Cow::Owned(self.plain().into_owned())),
        }
    }

    /// Whether the signature needs SHA-1, or DSA: only by explicit policy.
    pub(crate) fn is_obsolete(&self) -> bool {
        matches!(&*self.plain(), "ssh-rsa" | "ssh-dss")
    }

    pub(crate) fn is_rsa(&self) -> bool {
        RSA.contains(&&*self.plain())
    }

    /// Whether it is this hash of RSA, for a key or a certificate.
    pub(crate) fn is_rsa_sha2_256(&self) -> bool {
        self.plain() == "rsa-sha2-256"
    }

    /// Whether it is RSA with one of the hashes of RFC 8332.
    pub(crate) fn is_rsa_sha2(&self) -> bool {
        self.is_rsa() && !self.is_obsolete()
    }

    pub(crate) fn is_certificate(&self) -> bool {
        self.as_str().ends_with(CERTIFICATE_SUFFIX)
    }

    /// Under which algorithms a key of this type can be offered, best first.
    pub(crate) fn algorithms(&self) -> impl Iterator<Item = Self> + use<> {
        let rsa: &[&str] = match self.as_str() {
            "ssh-rsa" => &RSA,
            "ssh-rsa-cert-v01@openssh.com" => &RSA_CERTIFICATE,
            _ => &[],
        };
        let other = rsa.is_empty().then(|| self.clone());
        rsa.iter().map(|name| Self::known(name)).chain(other)
    }

    /// Whether two names belong to one family of keys: what an accepted key may be called.
    ///
    /// GitHub's old front end answered a query for `rsa-sha2-512` with `ssh-rsa`, and other
    /// servers still name the certificate's key type (apache/mina-sshd PR 185).
    pub(crate) fn is_sibling_of(&self, other: &Self) -> bool {
        self == other || self.family() == other.family()
    }

    fn family(&self) -> Cow<'_, str> {
        match self.plain() {
            _ if self.is_rsa() => Cow::Borrowed("ssh-rsa"),
            plain if plain == WEBAUTHN => Cow::Borrowed(SK_ECDSA),
            plain => plain,
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

impl PartialOrd for AlgorithmName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl AsRef<str> for AlgorithmName {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

/// In the order of the alphabet.
impl Ord for AlgorithmName {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl fmt::Debug for AlgorithmName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for AlgorithmName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_signs_as_its_plain_key() {
        for (certificate, plain) in [
            ("ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519"),
            ("rsa-sha2-512-cert-v01@openssh.com", "rsa-sha2-512"),
            (
                "sk-ssh-ed25519-cert-v01@openssh.com",
                "sk-ssh-ed25519@openssh.com",
            ),
            ("sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", SK_ECDSA),
            ("own@example.org", "own@example.org"),
        ] {
            let name = AlgorithmName::from_bytes(certificate.as_bytes()).unwrap();
            assert_eq!(name.plain(), plain);
            assert_eq!(name.to_plain().as_str(), plain);
        }
    }

    #[test]
    fn names_are_text_in_the_order_of_the_alphabet() {
        let ed25519 = AlgorithmName::known("ssh-ed25519");
        let own = AlgorithmName::from_bytes(b"own@example.org").unwrap();
        assert_eq!(
            alloc::format!("{ed25519} {ed25519:?}"),
            "ssh-ed25519 \"ssh-ed25519\""
        );
        assert_eq!(AsRef::<str>::as_ref(&own), "own@example.org");
        assert!(own < ed25519);
        assert!(ed25519 > own);
    }

    #[test]
    fn an_accepted_key_may_be_called_by_a_name_of_its_family() {
        let is_sibling = |a: &'static str, b: &'static str| {
            AlgorithmName::known(a).is_sibling_of(&AlgorithmName::known(b))
        };
        for name in [
            "ssh-rsa",
            "rsa-sha2-256",
            "rsa-sha2-512-cert-v01@openssh.com",
        ] {
            assert!(is_sibling(name, "rsa-sha2-512"), "{name}");
            assert!(!is_sibling(name, "ssh-ed25519"), "{name}");
        }
        assert!(is_sibling(WEBAUTHN, SK_ECDSA));
        assert!(!is_sibling(WEBAUTHN, "sk-ssh-ed25519@openssh.com"));
        assert!(!is_sibling("ssh-ed25519", "sk-ssh-ed25519@openssh.com"));
    }

    /// OpenSSH PROTOCOL.u2f: a key of an authenticator may sign through a browser.
    #[test]
    fn only_ecdsa_of_an_authenticator_is_also_signed_as_webauthn() {
        let is_signed =
            |key: &'static str, name: &str| AlgorithmName::known(key).is_signed_as(name.as_bytes());
        assert!(is_signed(SK_ECDSA, SK_ECDSA) && is_signed(SK_ECDSA, WEBAUTHN));
        assert!(!is_signed("ssh-ed25519", WEBAUTHN));
        assert!(!is_signed(SK_ECDSA, "ssh-ed25519"));
    }
}
