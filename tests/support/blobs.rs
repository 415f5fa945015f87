//! Keys and signatures that have the right shape, made without cryptography.
#![allow(dead_code, reason = "no test program uses all of them")]

use ssh_userauth::Identity;

/// A `string` of RFC 4251 section 5: its length, and the bytes.
pub(crate) fn string(bytes: &[u8]) -> Vec<u8> {
    let mut string = u32::try_from(bytes.len()).unwrap().to_be_bytes().to_vec();
    string.extend(bytes);
    string
}

/// A key blob of this type.
pub(crate) fn blob(key_type: &str, byte: u8) -> Vec<u8> {
    let mut blob = string(key_type.as_bytes());
    blob.extend(string(&[byte; 32]));
    blob
}

/// A key blob of this type with a length of its own.
pub(crate) fn sized_blob(key_type: &str, length: usize) -> Vec<u8> {
    let mut blob = string(key_type.as_bytes());
    blob.resize(length, 7);
    blob
}

pub(crate) fn identity(key_type: &str, byte: u8) -> Identity {
    Identity::from_blob(blob(key_type, byte)).unwrap()
}

pub(crate) fn signature(algorithm: &str) -> Vec<u8> {
    let mut blob = string(algorithm.as_bytes());
    blob.extend(string(&[0x51; 64]));
    if algorithm.starts_with("sk-") {
        blob.extend([1, 0, 0, 0, 7]);
    }
    blob
}
