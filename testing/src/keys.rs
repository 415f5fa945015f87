//! Keys and signatures that exist by name only: well-formed blobs that no cryptography has seen.
//!
//! The name is in the bytes, so that a blob can be turned into its name again.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::transcript::words::{Parsed, to_hex, unhex};
use ssh_userauth::Identity;

pub(crate) const KEY_BYTES: usize = 32;
pub(crate) const SIGNATURE_BYTES: usize = 64;
pub(crate) const DEFAULT_TYPE: &str = "ssh-ed25519";
const CERTIFICATE_SUFFIX: &str = "-cert-v01@openssh.com";
/// In front of a blob that has no name.
pub(crate) const UNNAMED: &str = "blob:";

/// How a key of this name looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) looks: Looks,
    /// The only algorithms that its signer can do; all of its type if empty.
    pub(crate) only: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Looks {
    /// A synthetic key of this type.
    Type(String),
    /// A key from elsewhere.
    Blob(Vec<u8>),
}

/// All keys of a transcript. Names that were not declared are Ed25519 keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys(BTreeMap<String, Key>);

impl Keys {
    pub(crate) fn declare(&mut self, key: Key) {
        self.0.insert(key.name.clone(), key);
    }

    pub(crate) fn is_declared(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The blob of a key, by its name.
    pub(crate) fn blob(&self, name: &str) -> Vec<u8> {
        if let Some(digits) = name.strip_prefix(UNNAMED) {
            return unhex(digits).unwrap_or_default();
        }
        match self.0.get(name).map(|key| &key.looks) {
            Some(Looks::Blob(blob)) => blob.clone(),
            Some(Looks::Type(key_type)) => synthetic(key_type, name, KEY_BYTES),
            None => synthetic(DEFAULT_TYPE, name, KEY_BYTES),
        }
    }

    /// The name of a key, by its blob.
    pub(crate) fn name(&self, blob: &[u8]) -> String {
        let foreign = self
            .0
            .values()
            .find(|key| matches!(&key.looks, Looks::Blob(own) if own == blob));
        if let Some(key) = foreign {
            return key.name.clone();
        }
        let name = name_inside(blob).filter(|name| self.blob(name) == blob);
        name.unwrap_or_else(|| unnamed(blob))
    }

    /// The name of the key type, which is the usual name of the algorithm.
    pub(crate) fn key_type(&self, name: &str) -> String {
        let blob = self.blob(name);
        let key_type = split_string(&blob).map(|(key_type, _)| key_type);
        String::from_utf8_lossy(key_type.unwrap_or_default()).into_owned()
    }

    /// The key as it is offered.
    pub(crate) fn identity(&self, name: &str) -> Option<Identity> {
        let identity = Identity::from_blob(self.blob(name)).ok()?;
        let only = self.0.get(name).map_or(&[][..], |key| &key.only);
        let identity = identity.with_label(name);
        Some(if only.is_empty() {
            identity
        } else {
            identity.with_algorithms(only)
        })
    }
}

/// The blob of the signature of this name under an algorithm.
pub(crate) fn signature(name: &str, algorithm: &str) -> Vec<u8> {
    if let Some(digits) = name.strip_prefix(UNNAMED) {
        return unhex(digits).unwrap_or_default();
    }
    let plain = plain(algorithm);
    let mut blob = synthetic(&plain, name, SIGNATURE_BYTES);
    if plain.starts_with("sk-") {
        // Flags and a counter (OpenSSH PROTOCOL.u2f).
        blob.extend([1, 0, 0, 0, 7]);
    }
    blob
}

/// The algorithm that a signature names, if it isn't that which is usual under an algorithm.
pub(crate) fn unusual_algorithm(blob: &[u8], algorithm: &str) -> Option<String> {
    let (named, _) = split_string(blob)?;
    let named = core::str::from_utf8(named).ok()?;
    (named != plain(algorithm)).then(|| named.to_string())
}

/// The name of a signature, by its blob.
pub(crate) fn signature_name(blob: &[u8], algorithm: &str) -> String {
    let name = name_inside(blob).filter(|name| signature(name, algorithm) == blob);
    name.unwrap_or_else(|| unnamed(blob))
}

/// Checks the name of a key or of a signature.
pub(crate) fn check_name(name: String) -> Parsed<String> {
    if let Some(digits) = name.strip_prefix(UNNAMED) {
        return unhex(digits).map(|_| name.clone());
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if (1..=KEY_BYTES).contains(&name.len()) && name.bytes().all(is_plain) {
        Ok(name)
    } else {
        Err(alloc::format!(
            "{name:?} is not a name: 1 to {KEY_BYTES} letters, digits, - and _"
        ))
    }
}

/// Checks names of keys.
pub(crate) fn check_names(names: Vec<String>) -> Parsed<Vec<String>> {
    names.into_iter().map(check_name).collect()
}

fn unnamed(blob: &[u8]) -> String {
    let mut name = UNNAMED.to_string();
    name.push_str(&to_hex(blob));
    name
}

/// A certificate signs as its plain key does (OpenSSH PROTOCOL.certkeys). Written down here a
/// second time, so that a transcript doesn't believe the machine in it.
pub(crate) fn plain(algorithm: &str) -> String {
    match algorithm.strip_suffix(CERTIFICATE_SUFFIX) {
        Some(base) if base.starts_with("sk-") => alloc::format!("{base}@openssh.com"),
        Some(base) => base.to_string(),
        None => algorithm.to_string(),
    }
}

/// Two strings (RFC 4251 section 5): an algorithm, and the name filled up with dots.
pub(crate) fn synthetic(algorithm: &str, name: &str, length: usize) -> Vec<u8> {
    let mut body = name.as_bytes().to_vec();
    body.resize(length.max(name.len()), b'.');
    let mut blob = Vec::new();
    for field in [algorithm.as_bytes(), &body] {
        blob.extend(u32::try_from(field.len()).unwrap_or_default().to_be_bytes());
        blob.extend(field);
    }
    blob
}

pub(crate) fn name_inside(blob: &[u8]) -> Option<String> {
    let (_, rest) = split_string(blob)?;
    let (body, _) = split_string(rest)?;
    let name = core::str::from_utf8(body).ok()?.trim_end_matches('.');
    check_name(name.to_string()).ok()
}

/// The first `string` of a blob and what follows it.
pub(crate) fn split_string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    crate::wire::split_signature(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_its_blob_are_one() {
        let mut keys = Keys::default();
        keys.declare(Key {
            name: "R1".to_string(),
            looks: Looks::Type("ssh-rsa".to_string()),
            only: Vec::new(),
        });
        keys.declare(Key {
            name: "X".to_string(),
            looks: Looks::Blob(b"\0\0\0\x01xy".to_vec()),
            only: Vec::new(),
        });
        for name in ["K1", "R1", "X", "blob:0102"] {
            assert_eq!(keys.name(&keys.blob(name)), name);
        }
        assert_eq!(keys.key_type("R1"), "ssh-rsa");
        // The same bytes under another type are another key.
        let other = synthetic("ssh-ed25519", "R1", KEY_BYTES);
        assert!(keys.name(&other).starts_with(UNNAMED));
    }

    #[test]
    fn signatures_carry_the_plain_name() {
        let blob = signature("SIG1", "sk-ssh-ed25519-cert-v01@openssh.com");
        assert!(blob.starts_with(b"\0\0\0\x1ask-ssh-ed25519@openssh.com"));
        assert!(blob.ends_with(&[1, 0, 0, 0, 7]));
        assert_eq!(signature_name(&blob, "sk-ssh-ed25519@openssh.com"), "SIG1");
        assert!(signature_name(&blob, "ssh-ed25519").starts_with(UNNAMED));
    }
}
