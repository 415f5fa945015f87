//! Keys and signatures without cryptography.

use alloc::vec::Vec;

use crate::keys::{DEFAULT_TYPE, KEY_BYTES, SIGNATURE_BYTES, plain, synthetic};
use crate::policy_server::SignedRequest;
use ssh_userauth::Identity;

/// A key that signs without cryptography, the same way every time.
///
/// Its signatures are well-formed and bound to the key, the algorithm and the data, so that a
/// server can check them with [`verify`](Self::verify) and a wrong one is refused. **They prove
/// nothing to anybody else.**
///
/// It is made from its name: the same name and type give the same key, also in a
/// [`Transcript`](crate::Transcript), where names are 1 to 32 letters, digits, `-` and
/// `_`.
///
/// ```
/// use ssh_userauth_testing::FakeKey;
///
/// let key = FakeKey::new("laptop");
/// assert_eq!(key.identity().key_type(), "ssh-ed25519");
/// let signature = key.sign("ssh-ed25519", b"data");
/// assert_eq!(signature, FakeKey::new("laptop").sign("ssh-ed25519", b"data"));
/// assert_ne!(signature, key.sign("ssh-ed25519", b"other"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FakeKey {
    identity: Identity,
}

impl FakeKey {
    /// An Ed25519 key.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self::of_type(DEFAULT_TYPE, name)
    }

    /// A key or certificate of this type, such as `ssh-rsa` or
    /// `ssh-ed25519-cert-v01@openssh.com`. What is no name of a type gives an Ed25519 key.
    #[must_use]
    pub fn of_type(key_type: &str, name: &str) -> Self {
        let made = Identity::from_blob(synthetic(key_type, name, KEY_BYTES));
        let usual = || Identity::from_blob(synthetic(DEFAULT_TYPE, name, KEY_BYTES));
        match made.or_else(|_| usual()) {
            Ok(identity) => Self {
                identity: identity.with_label(name),
            },
            // A name as long as no blob can be.
            Err(_) => Self::new("unnamed"),
        }
    }

    /// With the only algorithms that it can sign with; see [`Identity::with_algorithms`].
    #[must_use]
    pub fn with_algorithms<N: AsRef<str>>(self, names: impl IntoIterator<Item = N>) -> Self {
        Self {
            identity: self.identity.with_algorithms(names),
        }
    }

    /// The public half, to offer and to authorise.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Signs: `algorithm` is that of the request or of the signature.
    #[must_use]
    pub fn sign(&self, algorithm: &str, data: &[u8]) -> Vec<u8> {
        sign(self.identity.blob(), algorithm, data)
    }

    /// Whether a signature is one of a fake key.
    #[must_use]
    pub fn verify(request: &SignedRequest<'_>) -> bool {
        request.signature() == sign(request.key(), request.algorithm(), request.data())
    }
}

fn sign(key: &[u8], algorithm: &str, data: &[u8]) -> Vec<u8> {
    let algorithm = plain(algorithm);
    let hash = fnv_1a(&[key, algorithm.as_bytes(), data]).to_be_bytes();
    let body: Vec<u8> = hash.into_iter().cycle().take(SIGNATURE_BYTES).collect();
    let mut blob = Vec::new();
    for field in [algorithm.as_bytes(), &body] {
        blob.extend(u32::try_from(field.len()).unwrap_or_default().to_be_bytes());
        blob.extend(field);
    }
    if algorithm.starts_with("sk-") {
        // Flags and a counter (OpenSSH PROTOCOL.u2f).
        blob.extend([1, 0, 0, 0, 7]);
    }
    blob
}

/// FNV-1a over the parts, one behind the other. No cryptography: enough to tell inputs apart that
/// differ by accident.
fn fnv_1a(parts: &[&[u8]]) -> u64 {
    let bytes = parts.iter().copied().flatten();
    bytes.fold(0xcbf2_9ce4_8422_2325, |state, byte| {
        (state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
