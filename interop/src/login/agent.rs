//! The agent of `SSH_AUTH_SOCK` (draft-ietf-sshm-ssh-agent): list keys, sign.
//!
//! Two of its eleven requests are all that a login needs, and they are made here and not by a
//! crate for one reason: keys and signatures must pass as the bytes they are. The crates for the
//! agent decode them into the types of `ssh-key` 0.6 and encode them again. There, one certificate
//! that is valid for ever, or one key of an unknown type, makes the whole list fail, and signatures
//! of sk-ecdsa keys come back with their flags and counter in the wrong place.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

use thiserror::Error;

use crate::transport::TransportError;
use crate::transport::wire::{Reader, put_string};

const FAILURE: u8 = 5;
const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES_ANSWER: u8 = 12;
const SIGN_REQUEST: u8 = 13;
const SIGN_RESPONSE: u8 = 14;

/// What OpenSSH's agent and client allow a message to be.
const MAX_MESSAGE: u32 = 256 * 1024;

/// What OpenSSH's client takes from an agent.
const MAX_KEYS: u32 = 2048;

#[derive(Debug, Error)]
pub(super) enum AgentError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("it refused")]
    Refused,
    #[error("its answer is malformed")]
    Malformed,
    #[error("its answer is too long")]
    TooLong,
    #[error("it answered with message {0}")]
    Unexpected(u8),
}

impl From<TransportError> for AgentError {
    /// The reader's error, which can only be this one.
    fn from(_: TransportError) -> Self {
        Self::Malformed
    }
}

/// A key or certificate in the agent.
#[derive(Debug)]
pub(super) struct AgentKey {
    pub(super) blob: Vec<u8>,
    pub(super) comment: Vec<u8>,
}

/// A connection to an agent. It may ask a person before it answers, so nothing here times out.
#[derive(Debug)]
pub(super) struct Agent {
    stream: UnixStream,
}

impl Agent {
    pub(super) fn connect(socket: impl AsRef<Path>) -> Result<Self, AgentError> {
        let stream = UnixStream::connect(socket)?;
        Ok(Self { stream })
    }

    /// The keys, in the agent's order.
    pub(super) fn keys(&mut self) -> Result<Vec<AgentKey>, AgentError> {
        let answer = self.request(&[REQUEST_IDENTITIES], IDENTITIES_ANSWER)?;
        let mut reader = Reader::new(&answer, "answer of the agent");
        let count = reader.u32()?;
        if count > MAX_KEYS {
            return Err(AgentError::TooLong);
        }
        // Collected one by one: memory is taken for what is there, not for what is claimed.
        let mut keys = Vec::new();
        for _ in 0..count {
            keys.push(AgentKey {
                blob: reader.string()?.to_vec(),
                comment: reader.string()?.to_vec(),
            });
        }
        Ok(keys)
    }

    /// The signature blob over `data`, as the agent gives it.
    pub(super) fn sign(
        &mut self,
        blob: &[u8],
        data: &[u8],
        algorithm: &str,
    ) -> Result<Vec<u8>, AgentError> {
        let mut request = vec![SIGN_REQUEST];
        put_string(&mut request, blob);
        put_string(&mut request, data);
        request.extend_from_slice(&flags(algorithm).to_be_bytes());
        let answer = self.request(&request, SIGN_RESPONSE)?;
        let mut reader = Reader::new(&answer, "answer of the agent");
        let signature = reader.string()?.to_vec();
        reader.finish()?;
        Ok(signature)
    }

    /// Sends `request`; gives what follows the number of the answer.
    fn request(&mut self, request: &[u8], wanted: u8) -> Result<Vec<u8>, AgentError> {
        let mut framed = Vec::new();
        put_string(&mut framed, request);
        self.stream.write_all(&framed)?;
        let mut length = [0; 4];
        self.stream.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length);
        if length > MAX_MESSAGE {
            return Err(AgentError::TooLong);
        }
        let mut answer = Vec::new();
        let mut limited = (&self.stream).take(length.into());
        if limited.read_to_end(&mut answer)? < usize::try_from(length).unwrap_or(usize::MAX) {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        match answer.split_first() {
            Some((number, rest)) if *number == wanted => Ok(rest.to_vec()),
            Some((&FAILURE, _)) => Err(AgentError::Refused),
            Some((number, _)) => Err(AgentError::Unexpected(*number)),
            None => Err(AgentError::Malformed),
        }
    }
}

/// Without a flag an agent signs with SHA-1 for RSA keys (RFC 8332 came after the agent).
fn flags(algorithm: &str) -> u32 {
    if algorithm.starts_with("rsa-sha2-256") {
        2
    } else if algorithm.starts_with("rsa-sha2-512") {
        4
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// What `keys` makes of an agent that answers with `answer`.
    fn keys_of(answer: &[u8]) -> Result<Vec<AgentKey>, AgentError> {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        theirs.write_all(answer).unwrap();
        theirs.shutdown(std::net::Shutdown::Write).unwrap();
        Agent { stream: ours }.keys()
    }

    #[test]
    fn keys_of_unknown_types_pass_as_they_are() {
        let mut body = vec![IDENTITIES_ANSWER, 0, 0, 0, 1];
        put_string(&mut body, b"anything at all");
        put_string(&mut body, b"comment \xff");
        let mut answer = Vec::new();
        put_string(&mut answer, &body);
        let keys = keys_of(&answer).unwrap();
        let [key] = keys.as_slice() else {
            unreachable!("one key");
        };
        assert_eq!(key.blob, b"anything at all");
        assert_eq!(key.comment, b"comment \xff");
    }

    #[test]
    fn answers_that_are_no_answers() {
        let answers: [&[u8]; 6] = [
            b"",
            b"\x00\x00\x00\x01\x05",
            b"\x00\x00\x00\x00",
            b"\xff\xff\xff\xff\x0c",
            b"\x00\x00\x00\x05\x0c\xff\xff\xff\xff",
            b"\x00\x00\x00\x09\x0c\x00\x00\x00\x01\xff\xff\xff\xff",
        ];
        for answer in answers {
            assert!(keys_of(answer).is_err(), "{answer:?}");
        }
    }
}
