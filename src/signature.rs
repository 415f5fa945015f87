//! The shape of a signature blob, checked before anything is sent.

use thiserror::Error;

use crate::algorithm::AlgorithmName;

/// What is wrong with a signature blob, told before anything is sent.
#[derive(Clone, Debug, Error, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BadSignatureReason {
    /// Not an algorithm name followed by a signature (RFC 4253 section 6.6).
    #[error("the signature is not an algorithm name followed by a signature")]
    Malformed,
    /// The signer used another algorithm than it was asked for. Old agents ignore the flags that
    /// ask for SHA-2 and sign with SHA-1.
    #[error("the signer was asked for {wanted} and signed with {got}")]
    WrongAlgorithm {
        /// The name that the signature had to carry.
        wanted: AlgorithmName,
        /// The name that it carries.
        got: AlgorithmName,
    },
    /// The signer made no signature.
    #[error("the signer made no signature")]
    SignerFailed,
    /// The signature is longer than [`Limits::max_signature_bytes`](crate::Limits).
    #[error("the signature has {length} bytes, more than the limit of {limit}")]
    TooLong {
        /// The length in bytes.
        length: usize,
        /// The limit in bytes.
        limit: usize,
    },
}

/// Checks the shape of a signature blob without decoding the signature.
pub(crate) fn check_signature(
    blob: &[u8],
    algorithm: &AlgorithmName,
    limit: usize,
) -> Result<(), BadSignatureReason> {
    if blob.len() > limit {
        return Err(BadSignatureReason::TooLong {
            length: blob.len(),
            limit,
        });
    }
    let (name, rest) = split_string(blob).ok_or(BadSignatureReason::Malformed)?;
    if !algorithm.is_signed_as(name) {
        let got = AlgorithmName::from_bytes(name).ok_or(BadSignatureReason::Malformed)?;
        return Err(BadSignatureReason::WrongAlgorithm {
            wanted: algorithm.to_plain(),
            got,
        });
    }
    let well_formed = match split_string(rest) {
        // FIDO signatures have flags and a counter behind them, and webauthn more (OpenSSH
        // PROTOCOL.u2f); what an unknown algorithm appends is its own affair.
        Some((signature, tail)) if has_only_one_field(name) => {
            !signature.is_empty() && tail.is_empty()
        }
        Some((signature, tail)) if name.starts_with(b"sk-") => {
            !signature.is_empty() && tail.len() == FIDO_TRAILER_BYTES
        }
        _ => !has_only_one_field(name) && !name.starts_with(b"sk-") && !rest.is_empty(),
    };
    if well_formed {
        Ok(())
    } else {
        Err(BadSignatureReason::Malformed)
    }
}

/// `byte flags` and `uint32 counter` (OpenSSH PROTOCOL.u2f).
const FIDO_TRAILER_BYTES: usize = 5;

/// Algorithms whose signature is the name and one string, nothing more.
fn has_only_one_field(name: &[u8]) -> bool {
    matches!(
        name,
        b"ssh-ed25519"
            | b"ssh-ed448"
            | b"ssh-rsa"
            | b"rsa-sha2-256"
            | b"rsa-sha2-512"
            | b"ssh-dss"
            | b"ecdsa-sha2-nistp256"
            | b"ecdsa-sha2-nistp384"
            | b"ecdsa-sha2-nistp521"
    )
}

/// The first `string` of a blob and what follows it.
pub(crate) fn split_string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    rest.split_at_checked(length)
}
