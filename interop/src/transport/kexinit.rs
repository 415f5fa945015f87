//! KEXINIT (RFC 4253 section 7.1): what each side offers, and what comes of it.

use crate::transport::algorithms::{Cipher, HostKeyAlgorithm, KexAlgorithm, Negotiated};
use crate::transport::config::{ClientConfig, ServerConfig};
use crate::transport::connection::Role;
use crate::transport::counter;
use crate::transport::crypto::random;
use crate::transport::error::TransportError;
use crate::transport::wire::{KEXINIT, Reader, put_string};

/// Names in the list of key exchange methods that are not methods but announcements.
const STRICT_CLIENT: &str = "kex-strict-c-v00@openssh.com";
const STRICT_SERVER: &str = "kex-strict-s-v00@openssh.com";
const EXT_INFO_CLIENT: &str = "ext-info-c";

/// The first is the one that is used, and only with a cipher that doesn't authenticate by itself.
/// Some peers want to find a common one in any case.
const MACS: &str = "hmac-sha2-256,hmac-sha2-512,hmac-sha1";

/// A KEXINIT, ours or theirs.
#[derive(Debug)]
pub(crate) struct KexInit {
    /// The whole payload, which both sides hash.
    pub(crate) payload: Vec<u8>,
    kex: Vec<String>,
    host_keys: Vec<String>,
    client_to_server: Vec<String>,
    server_to_client: Vec<String>,
    macs: [Vec<String>; 2],
    compression: [Vec<String>; 2],
    guess_follows: bool,
}

impl KexInit {
    pub(crate) fn of_client(config: &ClientConfig) -> Result<Self, TransportError> {
        let mut kex: Vec<&str> = config.kex.iter().map(|kex| kex.name()).collect();
        if config.ext_info {
            kex.push(EXT_INFO_CLIENT);
        }
        if config.strict {
            kex.push(STRICT_CLIENT);
        }
        let host_keys: Vec<&str> = config.host_keys.iter().map(|key| key.name()).collect();
        Self::build(&kex, &host_keys, &config.ciphers)
    }

    pub(crate) fn of_server(config: &ServerConfig) -> Result<Self, TransportError> {
        let mut kex: Vec<&str> = KexAlgorithm::ALL.iter().map(|kex| kex.name()).collect();
        if config.strict {
            kex.push(STRICT_SERVER);
        }
        Self::build(&kex, &[HostKeyAlgorithm::Ed25519.name()], &config.ciphers)
    }

    fn build(kex: &[&str], host_keys: &[&str], ciphers: &[Cipher]) -> Result<Self, TransportError> {
        let ciphers: Vec<&str> = ciphers.iter().map(|cipher| cipher.name()).collect();
        let (kex, host_keys, ciphers) = (kex.join(","), host_keys.join(","), ciphers.join(","));
        let mut cookie = [0; 16];
        random(&mut cookie)?;
        let mut payload = vec![KEXINIT];
        payload.extend_from_slice(&cookie);
        for list in [
            kex.as_str(),
            host_keys.as_str(),
            ciphers.as_str(),
            ciphers.as_str(),
            MACS,
            MACS,
            "none",
            "none",
            "",
            "",
        ] {
            put_string(&mut payload, list.as_bytes());
        }
        // No guessed packet follows; four reserved bytes.
        payload.extend_from_slice(&[0; 5]);
        Self::parse(payload)
    }

    pub(crate) fn parse(payload: Vec<u8>) -> Result<Self, TransportError> {
        let mut reader = Reader::new(&payload, "KEXINIT");
        reader.byte()?;
        reader.take(16)?;
        let kex = reader.names()?;
        let host_keys = reader.names()?;
        let client_to_server = reader.names()?;
        let server_to_client = reader.names()?;
        let macs = [reader.names()?, reader.names()?];
        let compression = [reader.names()?, reader.names()?];
        let _languages = (reader.string()?, reader.string()?);
        let guess_follows = reader.byte()? != 0;
        reader.u32()?;
        reader.finish()?;
        Ok(Self {
            payload,
            kex,
            host_keys,
            client_to_server,
            server_to_client,
            macs,
            compression,
            guess_follows,
        })
    }

    fn announces(&self, name: &str) -> bool {
        self.kex.iter().any(|other| other == name)
    }

    /// Whether this client asked for EXT_INFO (RFC 8308 section 2.1).
    pub(crate) fn wants_ext_info(&self) -> bool {
        self.announces(EXT_INFO_CLIENT)
    }
}

/// The outcome of two KEXINITs.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) negotiated: Negotiated,
    /// The other side sent a key exchange packet for a method that was not chosen, to be ignored
    /// (RFC 4253 section 7).
    pub(crate) skip_guess: bool,
}

/// The client's first name that the server has too.
fn first_common<'a>(
    client: &'a [String],
    server: &[String],
    what: &'static str,
) -> Result<&'a str, TransportError> {
    client
        .iter()
        .find(|name| server.contains(name))
        .map(String::as_str)
        .ok_or(TransportError::NoCommonAlgorithm(what))
}

/// Both lists were checked to be common, and one of them is ours; so a name that is missing here is
/// an announcement that the other side also sent.
fn lookup<T: Copy>(
    all: &[T],
    name_of: impl Fn(T) -> &'static str,
    name: &str,
    what: &'static str,
) -> Result<T, TransportError> {
    all.iter()
        .copied()
        .find(|item| name_of(*item) == name)
        .ok_or(TransportError::NoCommonAlgorithm(what))
}

/// `lists` are the client's and the server's, `macs` the same.
fn cipher(lists: [&[String]; 2], macs: [&[String]; 2]) -> Result<Cipher, TransportError> {
    let what = "encryption";
    let name = first_common(lists[0], lists[1], what)?;
    let cipher = lookup(Cipher::ALL, Cipher::name, name, what)?;
    if cipher == Cipher::Aes256Ctr && first_common(macs[0], macs[1], "MAC")? != counter::MAC {
        return Err(TransportError::NoCommonAlgorithm("MAC"));
    }
    Ok(cipher)
}

/// Chooses by RFC 4253 section 7.1.
pub(crate) fn negotiate(
    role: Role,
    ours: &KexInit,
    theirs: &KexInit,
) -> Result<Outcome, TransportError> {
    let (client, server) = match role {
        Role::Client => (ours, theirs),
        Role::Server => (theirs, ours),
    };
    let what = "key exchange";
    let kex = first_common(&client.kex, &server.kex, what)?;
    let kex = lookup(KexAlgorithm::ALL, KexAlgorithm::name, kex, what)?;
    let what = "host keys";
    let host_key = first_common(&client.host_keys, &server.host_keys, what)?;
    let host_key = lookup(
        HostKeyAlgorithm::ALL,
        HostKeyAlgorithm::name,
        host_key,
        what,
    )?;
    for (theirs, ours) in client.compression.iter().zip(&server.compression) {
        if first_common(theirs, ours, "compression")? != "none" {
            return Err(TransportError::NoCommonAlgorithm("compression"));
        }
    }
    let right_guess = client.kex.first() == server.kex.first()
        && client.host_keys.first() == server.host_keys.first();
    Ok(Outcome {
        negotiated: Negotiated {
            kex,
            host_key,
            client_to_server: cipher(
                [&client.client_to_server, &server.client_to_server],
                [&client.macs[0], &server.macs[0]],
            )?,
            server_to_client: cipher(
                [&client.server_to_client, &server.server_to_client],
                [&client.macs[1], &server.macs[1]],
            )?,
            strict: client.announces(STRICT_CLIENT) && server.announces(STRICT_SERVER),
        },
        skip_guess: theirs.guess_follows && !right_guess,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::transport::host_key::HostKey;

    fn pair() -> (KexInit, KexInit) {
        let client = KexInit::of_client(&ClientConfig::new()).unwrap();
        let key = HostKey::from_seed(&[1; 32]).unwrap();
        (client, KexInit::of_server(&ServerConfig::new(key)).unwrap())
    }

    #[test]
    fn a_wrong_guess_is_skipped_and_a_right_one_is_not() {
        let (client, mut server) = pair();
        server.guess_follows = true;
        assert!(
            !negotiate(Role::Client, &client, &server)
                .unwrap()
                .skip_guess
        );
        server.kex.insert(0, "something-else".to_owned());
        let outcome = negotiate(Role::Client, &client, &server).unwrap();
        assert!(outcome.skip_guess);
        assert_eq!(outcome.negotiated.kex, KexAlgorithm::Curve25519Sha256);
    }

    #[test]
    fn strict_needs_both_sides() {
        let (mut client, server) = pair();
        assert!(
            negotiate(Role::Client, &client, &server)
                .unwrap()
                .negotiated
                .strict
        );
        client.kex.retain(|name| name != STRICT_CLIENT);
        assert!(
            !negotiate(Role::Client, &client, &server)
                .unwrap()
                .negotiated
                .strict
        );
    }

    #[test]
    fn an_announcement_is_never_a_method() {
        let (mut client, mut server) = pair();
        client.kex = vec![EXT_INFO_CLIENT.to_owned()];
        server.kex = vec![EXT_INFO_CLIENT.to_owned()];
        assert!(matches!(
            negotiate(Role::Client, &client, &server),
            Err(TransportError::NoCommonAlgorithm(_))
        ));
    }

    #[test]
    fn every_cut_of_a_kexinit_is_malformed() {
        let (client, _) = pair();
        for end in 0..client.payload.len() {
            assert!(KexInit::parse(client.payload[..end].to_vec()).is_err());
        }
    }
}
