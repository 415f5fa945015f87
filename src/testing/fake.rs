//! Keys and signatures without cryptography.

use alloc::vec::Vec;

use crate::identity::Identity;
use crate::testing::keys::{DEFAULT_TYPE, KEY_BYTES, SIGNATURE_BYTES, plain, synthetic};
use crate::testing::policy_server::SignedRequest;
use crate::wire::split_signature;

/// A key that signs without cryptography, the same way every time.
///
/// Its signatures are well-formed and bound to the key, the algorithm and the data, so that a
/// server can check them with [`verify`](Self::verify) and a wrong one is refused. **They prove
/// nothing to anybody else.**
///
/// It is made from its name: the same name and type give the same key, also in a
/// [`Transcript`](crate::testing::Transcript), where names are 1 to 32 letters, digits, `-` and
/// `_`.
///
/// ```
/// use ssh_userauth::testing::FakeKey;
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
    pub fn with_algorithms<'n>(self, names: impl IntoIterator<Item = &'n str>) -> Self {
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
        let Ok((named, _)) = split_signature(request.signature()) else {
            return false;
        };
        named == plain(request.algorithm()).as_bytes()
            && request.signature() == sign(request.key(), request.algorithm(), request.data())
    }
}

fn sign(key: &[u8], algorithm: &str, data: &[u8]) -> Vec<u8> {
    let algorithm = plain(algorithm);
    let mut body = Vec::with_capacity(SIGNATURE_BYTES);
    let mut lane = 0_u64;
    while body.len() < SIGNATURE_BYTES {
        let parts = [&lane.to_be_bytes()[..], key, algorithm.as_bytes(), data];
        body.extend(mix(&parts).to_be_bytes());
        lane = lane.wrapping_add(1);
    }
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

/// FNV-1a over the parts and their lengths, stirred as SplitMix64 does at its end. No cryptography:
/// enough to tell other inputs apart.
fn mix(parts: &[&[u8]]) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    let mut take = |byte: u8| state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    for part in parts {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        length.to_be_bytes().into_iter().for_each(&mut take);
        part.iter().copied().for_each(&mut take);
    }
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}
