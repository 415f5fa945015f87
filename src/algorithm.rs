//! The names of public key and signature algorithms, and which belong together.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;

use crate::places::Places;

/// The suffix of every OpenSSH certificate type (OpenSSH PROTOCOL.certkeys).
const CERTIFICATE_SUFFIX: &str = "-cert-v01@openssh.com";

/// The name of a public key or signature algorithm (RFC 4251 section 6), such as `rsa-sha2-512`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AlgorithmName(Name);

/// Names are in every key, request and record, so they are small: hardly any name is unknown.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Name {
    /// By its place in [`KNOWN`]; always so if it is there.
    Known(u8),
    Other(Box<OtherName>),
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct OtherName(Box<str>);

/// The names in use, each with the place of the name that its signature carries: a certificate
/// signs as its plain key does (OpenSSH PROTOCOL.certkeys).
const KNOWN: [(&str, u8); 22] = [
    ("ssh-ed25519", 0),
    ("rsa-sha2-512", 1),
    ("rsa-sha2-256", 2),
    ("ssh-rsa", 3),
    ("ecdsa-sha2-nistp256", 4),
    ("ecdsa-sha2-nistp384", 5),
    ("ecdsa-sha2-nistp521", 6),
    ("sk-ssh-ed25519@openssh.com", 7),
    (SK_ECDSA, 8),
    (WEBAUTHN, 9),
    ("ssh-ed25519-cert-v01@openssh.com", 0),
    ("rsa-sha2-512-cert-v01@openssh.com", 1),
    ("rsa-sha2-256-cert-v01@openssh.com", 2),
    ("ssh-rsa-cert-v01@openssh.com", 3),
    ("ecdsa-sha2-nistp256-cert-v01@openssh.com", 4),
    ("ecdsa-sha2-nistp384-cert-v01@openssh.com", 5),
    ("ecdsa-sha2-nistp521-cert-v01@openssh.com", 6),
    ("sk-ssh-ed25519-cert-v01@openssh.com", 7),
    ("sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", 8),
    ("ssh-dss", 19),
    ("ssh-dss-cert-v01@openssh.com", 19),
    ("ssh-ed448", 21),
];

/// Places in [`KNOWN`].
const RSA_SHA2_512: u8 = 1;
const RSA_SHA2_256: u8 = 2;
const SSH_RSA: u8 = 3;
const RSA_SHA2_512_CERTIFICATE: u8 = 11;
const RSA_SHA2_256_CERTIFICATE: u8 = 12;
const SSH_RSA_CERTIFICATE: u8 = 13;
const SSH_DSS: u8 = 19;

const SK_ECDSA: &str = "sk-ecdsa-sha2-nistp256@openssh.com";
const WEBAUTHN: &str = "webauthn-sk-ecdsa-sha2-nistp256@openssh.com";

/// RSA signs with one of three hashes, and the key type stays `ssh-rsa` (RFC 8332 section 3).
const RSA: &[u8] = &[RSA_SHA2_512, RSA_SHA2_256, SSH_RSA];
const RSA_CERTIFICATE: &[u8] = &[
    RSA_SHA2_512_CERTIFICATE,
    RSA_SHA2_256_CERTIFICATE,
    SSH_RSA_CERTIFICATE,
];

const _: () = assert!(KNOWN.len() <= Places::MOST);

/// The place of a name in [`KNOWN`].
pub(crate) fn place_of(name: &[u8]) -> Option<u8> {
    let place = KNOWN.iter().position(|(known, _)| known.as_bytes() == name);
    place.and_then(|place| u8::try_from(place).ok())
}

/// The name at this place, which is one of [`place_of`].
pub(crate) fn name_at(place: u8) -> &'static str {
    known(place).0
}

fn known(place: u8) -> (&'static str, u8) {
    let known = KNOWN.get(usize::from(place)).copied();
    known.unwrap_or_default()
}

impl AlgorithmName {
    /// A name from the wire: 1 to 64 printable ASCII characters without a comma (RFC 4251
    /// section 6).
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let name = core::str::from_utf8(bytes).ok()?;
        is_name(bytes).then(|| Self::known(name))
    }

    /// Those of a caller's names that can be one.
    pub(crate) fn all_of<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> Vec<Self> {
        let names = names.into_iter();
        let names = names.filter_map(|name| Self::from_bytes(name.as_ref().as_bytes()));
        names.collect()
    }

    /// A name that is one.
    pub(crate) fn known(name: &str) -> Self {
        Self(match place_of(name.as_bytes()) {
            Some(place) => Name::Known(place),
            None => Name::Other(Box::new(OtherName(name.into()))),
        })
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Name::Known(place) => name_at(*place),
            Name::Other(name) => &name.0,
        }
    }

    /// The name that the signature carries.
    pub(crate) fn plain(&self) -> Cow<'_, str> {
        match &self.0 {
            Name::Known(place) => Cow::Borrowed(known(known(*place).1).0),
            Name::Other(name) => plain_by_suffix(&name.0),
        }
    }

    /// [`plain`](Self::plain) as a name of its own.
    pub(crate) fn to_plain(&self) -> Self {
        match &self.0 {
            Name::Known(place) => Self(Name::Known(known(*place).1)),
            Name::Other(name) => Self::known(&plain_by_suffix(&name.0)),
        }
    }

    /// The place of the name that the signature carries, if it is in [`KNOWN`]. Those of RSA and
    /// DSA are, and so are their certificates.
    fn plain_place(&self) -> Option<u8> {
        match &self.0 {
            Name::Known(place) => Some(known(*place).1),
            Name::Other(_) => None,
        }
    }

    /// Whether the signature needs SHA-1, or DSA: only by explicit policy.
    pub(crate) fn is_obsolete(&self) -> bool {
        matches!(self.plain_place(), Some(SSH_RSA | SSH_DSS))
    }

    pub(crate) fn is_rsa(&self) -> bool {
        matches!(
            self.plain_place(),
            Some(RSA_SHA2_512 | RSA_SHA2_256 | SSH_RSA)
        )
    }

    /// Whether it is this hash of RSA, for a key or a certificate.
    pub(crate) fn is_rsa_sha2_256(&self) -> bool {
        self.plain_place() == Some(RSA_SHA2_256)
    }

    /// Whether it is RSA with one of the hashes of RFC 8332.
    pub(crate) fn is_rsa_sha2(&self) -> bool {
        matches!(self.plain_place(), Some(RSA_SHA2_512 | RSA_SHA2_256))
    }

    pub(crate) fn is_certificate(&self) -> bool {
        self.as_str().ends_with(CERTIFICATE_SUFFIX)
    }

    /// Under which algorithms a key of this type can be offered, best first.
    pub(crate) fn algorithms(&self) -> impl Iterator<Item = Self> + use<> {
        let rsa = match self.0 {
            Name::Known(SSH_RSA) => RSA,
            Name::Known(SSH_RSA_CERTIFICATE) => RSA_CERTIFICATE,
            Name::Known(_) | Name::Other(_) => &[],
        };
        let other = rsa.is_empty().then(|| self.clone());
        let rsa = rsa.iter().map(|place| Self(Name::Known(*place)));
        rsa.chain(other)
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

/// What a certificate of this type signs as.
fn plain_by_suffix(name: &str) -> Cow<'_, str> {
    match name.strip_suffix(CERTIFICATE_SUFFIX) {
        // `sk-ssh-ed25519-cert-v01@openssh.com` belongs to `sk-ssh-ed25519@openssh.com`.
        Some(base) if base.starts_with("sk-") => Cow::Owned(alloc::format!("{base}@openssh.com")),
        Some(base) => Cow::Borrowed(base),
        None => Cow::Borrowed(name),
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
    fn the_table_of_names_follows_the_rule() {
        for (name, plain) in KNOWN {
            assert_eq!(plain_by_suffix(name), known(plain).0, "{name}");
            assert_eq!(AlgorithmName::known(name).as_str(), name);
        }
        assert_eq!(name_at(SSH_DSS), "ssh-dss");
        let rsa = ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"];
        assert!(RSA.iter().map(|place| name_at(*place)).eq(rsa));
        let certificates = rsa.map(|name| alloc::format!("{name}{CERTIFICATE_SUFFIX}"));
        let of_certificates = RSA_CERTIFICATE.iter().map(|place| name_at(*place));
        assert!(of_certificates.eq(certificates));
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
