//! A key or certificate as wire bytes, and the names of the algorithms it can sign with.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use thiserror::Error;

use crate::algorithm::AlgorithmName;
use crate::signature::split_string;
use crate::text::DisplayText;

/// The longest public key blob that is taken, in bytes.
const MAX_BLOB_BYTES: usize = 128 * 1024;

/// A public key or certificate to offer (RFC 4252 section 7).
///
/// Inside are the bytes of the public key blob as they go on the wire (RFC 4253 section 6.6);
/// they are never parsed beyond the type name in front, so keys of types that no library knows
/// pass unchanged. A certificate and its plain key are two identities; offer the certificate
/// first. Cloning is cheap.
///
/// With the feature `ssh-key`, identities are made from `ssh_key::PublicKey`, `PrivateKey` and
/// `Certificate` by `TryFrom`.
///
/// ```
/// use ssh_userauth::Identity;
///
/// let mut blob = vec![0, 0, 0, 11];
/// blob.extend(b"ssh-ed25519");
/// blob.extend([0, 0, 0, 32]);
/// blob.extend([0xaa; 32]);
/// let identity = Identity::from_blob(blob)?.with_label("laptop");
/// assert_eq!(identity.key_type(), "ssh-ed25519");
/// assert_eq!(identity.label(), Some("laptop"));
/// # Ok::<(), ssh_userauth::IdentityError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Identity(Arc<Inner>);

#[derive(Clone, PartialEq, Eq, Hash)]
struct Inner {
    blob: Arc<[u8]>,
    key_type: AlgorithmName,
    label: Option<Box<str>>,
    /// What the signer can do, if that is less than the key type allows.
    algorithms: Option<Vec<AlgorithmName>>,
}

impl Identity {
    /// An identity from a public key or certificate blob.
    ///
    /// # Errors
    /// The blob doesn't begin with the name of a key type (1 to 64 printable ASCII characters,
    /// RFC 4251 section 6), has nothing behind it, or is longer than 128 KiB.
    pub fn from_blob(blob: impl Into<Vec<u8>>) -> Result<Self, IdentityError> {
        let blob: Arc<[u8]> = blob.into().into();
        if blob.len() > MAX_BLOB_BYTES {
            return Err(IdentityError::TooLong {
                length: blob.len(),
                limit: MAX_BLOB_BYTES,
            });
        }
        let (name, rest) = split_string(&blob).ok_or(IdentityError::NoKeyType)?;
        if rest.is_empty() {
            return Err(IdentityError::NoKey);
        }
        let key_type = AlgorithmName::from_bytes(name).ok_or(IdentityError::NoKeyType)?;
        Ok(Self(Arc::new(Inner {
            blob,
            key_type,
            label: None,
            algorithms: None,
        })))
    }

    /// With a name for people, such as the path of the key file or the comment in the agent. It
    /// appears in questions and in the report, never on the wire.
    #[must_use]
    pub fn with_label(self, label: impl Into<String>) -> Self {
        let mut inner = Arc::unwrap_or_clone(self.0);
        inner.label = Some(label.into().into_boxed_str());
        Self(Arc::new(inner))
    }

    /// With the only algorithms that the signer can do, such as `["rsa-sha2-256"]` for a token
    /// without SHA-512. Names that don't fit the key type are dropped; if nothing is left, the
    /// identity is skipped.
    #[must_use]
    pub fn with_algorithms<N: AsRef<str>>(self, names: impl IntoIterator<Item = N>) -> Self {
        let mut inner = Arc::unwrap_or_clone(self.0);
        inner.algorithms = Some(AlgorithmName::all_of(names));
        Self(Arc::new(inner))
    }

    /// The public key blob, byte for byte as it goes on the wire.
    #[must_use]
    pub fn blob(&self) -> &[u8] {
        &self.0.blob
    }

    pub(crate) fn shared_blob(&self) -> Arc<[u8]> {
        Arc::clone(&self.0.blob)
    }

    /// The name of the key type in front of the blob, such as `ssh-ed25519` or
    /// `ssh-rsa-cert-v01@openssh.com`.
    #[must_use]
    pub fn key_type(&self) -> &str {
        self.0.key_type.as_str()
    }

    /// The caller's name for it.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.0.label.as_deref()
    }

    /// Whether this is an OpenSSH certificate, by the name of its type.
    #[must_use]
    pub fn is_certificate(&self) -> bool {
        self.0.key_type.is_certificate()
    }

    /// The algorithms under which it could be offered, best first, before policy and server are
    /// asked.
    pub fn candidates(&self) -> impl Iterator<Item = AlgorithmName> + '_ {
        let own = self.0.algorithms.as_deref();
        self.0.key_type.algorithms().filter(move |name| {
            own.is_none_or(|own| {
                own.iter()
                    .any(|can| can == name || can.as_str() == name.plain())
            })
        })
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({self})")
    }
}

/// For people: the type, and the label or else the length, on one line. A label may come from
/// anywhere, such as the comment of a key in an agent: it is filtered as text of the server is.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.label() {
            Some(label) => {
                let label = DisplayText::line_of(label.as_bytes());
                write!(f, "{} {label}", self.key_type())
            }
            None => write!(f, "{} ({} bytes)", self.key_type(), self.blob().len()),
        }
    }
}

/// A blob that can't be an identity.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IdentityError {
    /// The blob doesn't begin with the name of a key type.
    #[error("the public key does not begin with the name of a key type")]
    NoKeyType,
    /// There is nothing behind the name of the key type.
    #[error("there is no key behind the name of the key type")]
    NoKey,
    /// The blob is longer than 128 KiB.
    #[error("the public key has {length} bytes, more than the limit of {limit}")]
    TooLong {
        /// The length in bytes.
        length: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The key of the `ssh-key` crate can't be encoded.
    #[error("the public key can't be encoded")]
    NotEncodable,
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    /// A signer names what it can do by the algorithm of the signature, or by that of the
    /// certificate.
    #[test]
    fn what_a_signer_can_do_may_be_named_in_two_ways() {
        let mut blob = vec![0, 0, 0, 28];
        blob.extend(b"ssh-rsa-cert-v01@openssh.com");
        blob.push(7);
        let certificate = Identity::from_blob(blob).unwrap();
        for own in ["rsa-sha2-256", "rsa-sha2-256-cert-v01@openssh.com"] {
            let certificate = certificate.clone().with_algorithms([own]);
            let mut names = certificate.candidates();
            let name = names.next().unwrap();
            assert_eq!(name.as_str(), "rsa-sha2-256-cert-v01@openssh.com", "{own}");
            assert!(names.next().is_none());
        }
        let other = certificate.with_algorithms(["ssh-ed25519"]);
        assert!(other.candidates().next().is_none());
    }
}
