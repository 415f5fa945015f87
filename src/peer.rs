//! What the server told us about itself (EXT_INFO), and the signature algorithm that follows.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::algorithm::AlgorithmName;
use crate::config::{Limits, Sha1Signatures};
use crate::identity::Identity;
use crate::text::ServerText;
use crate::wire::{self, DecodeError, ExtInfo};

/// What the server told us in `SSH_MSG_EXT_INFO` (RFC 8308).
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(PartialEq, Eq, Hash))]
pub(crate) struct Peer {
    messages: u32,
    /// `server-sig-algs`, the latest.
    algorithms: Option<Box<[u8]>>,
    host_bound: HostBoundSupport,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum HostBoundSupport {
    #[default]
    NotAnnounced,
    Announced,
}

impl Peer {
    /// Takes one EXT_INFO. RFC 8308 section 2.5: "an implementation MUST NOT behave ... in a way
    /// that depends on extensions in the first that the second omits" is about other extensions;
    /// a second `server-sig-algs` replaces the first, as OpenSSH does it.
    pub(crate) fn learn(&mut self, info: &ExtInfo<'_>, limits: &Limits) -> Result<(), DecodeError> {
        // Read first: a message that is refused must change nothing.
        let algorithms = info.server_sig_algs()?;
        self.messages = self.messages.saturating_add(1);
        if let Some(list) = algorithms {
            let bytes = list.as_bytes();
            let kept = bytes.get(..limits.max_algorithm_list_bytes);
            self.algorithms = Some(kept.unwrap_or(bytes).into());
        }
        // Only the first one can be trusted to have come right after NEWKEYS: OpenSSH takes the
        // announcement from there alone.
        let announced = info.get(wire::PUBLICKEY_HOSTBOUND) == Some(b"0");
        if self.messages == 1 && announced {
            self.host_bound = HostBoundSupport::Announced;
        }
        Ok(())
    }

    /// How many EXT_INFO messages came.
    pub(crate) fn messages(&self) -> u32 {
        self.messages
    }

    pub(crate) fn host_bound(&self) -> HostBoundSupport {
        self.host_bound
    }

    pub(crate) fn has_algorithm_list(&self) -> bool {
        self.algorithms.is_some()
    }

    /// The algorithm to offer this identity with; frozen from then on.
    pub(crate) fn choose_algorithm(
        &self,
        identity: &Identity,
        sha1: Sha1Signatures,
    ) -> Result<AlgorithmName, NoAlgorithm> {
        choose_algorithm(identity, self.algorithms.as_deref(), sha1)
    }
}

/// Why no algorithm was found: what the key can do under our policy, and what the server listed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct NoAlgorithm {
    pub(crate) ours: Vec<AlgorithmName>,
    pub(crate) theirs: Option<ServerText>,
}

/// The list orders nothing and adds nothing, it only filters: the first algorithm of the key
/// that policy and list both allow.
///
/// Without a list (RFC 8308 section 3.1: "a client MUST NOT make any assumptions"), RSA is
/// offered with `rsa-sha2-256`, the one that every server with RSA takes but those that only know
/// SHA-1; a missing list never brings SHA-1 back, since whoever can cut messages out of the
/// stream could provoke it (CVE-2023-48795).
fn choose_algorithm(
    identity: &Identity,
    list: Option<&[u8]>,
    sha1: Sha1Signatures,
) -> Result<AlgorithmName, NoAlgorithm> {
    let allowed = || {
        identity
            .candidates()
            .filter(|name| sha1 == Sha1Signatures::Allow || !name.is_obsolete())
    };
    let chosen = match list {
        Some(list) => allowed().find(|name| is_listed(list, name)),
        None => {
            let modern = || allowed().filter(|name| !name.is_obsolete());
            modern()
                .find(|name| name.plain() == "rsa-sha2-256")
                .or_else(|| modern().next())
        }
    };
    chosen.ok_or_else(|| NoAlgorithm {
        ours: allowed().collect(),
        theirs: list.map(ServerText::new),
    })
}

/// OpenSSH lists the plain names only and means the certificates with them.
fn is_listed(list: &[u8], name: &AlgorithmName) -> bool {
    let plain = name.plain();
    list.split(|byte| *byte == b',')
        .any(|listed| listed == name.as_str().as_bytes() || listed == plain.as_bytes())
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    fn identity(key_type: &str) -> Identity {
        let mut blob = alloc::vec![0, 0, 0, u8::try_from(key_type.len()).unwrap()];
        blob.extend(key_type.as_bytes());
        blob.extend([0, 0, 0, 1, 9]);
        Identity::from_blob(blob).unwrap()
    }

    #[test]
    fn table_of_choices() {
        const ALL: Option<&str> = Some("ssh-ed25519,rsa-sha2-512,rsa-sha2-256,ssh-rsa");
        let refuse = Sha1Signatures::Refuse;
        let allow = Sha1Signatures::Allow;
        for (key_type, list, sha1, chosen) in [
            ("ssh-ed25519", None, refuse, Some("ssh-ed25519")),
            ("ssh-ed25519", ALL, refuse, Some("ssh-ed25519")),
            ("ssh-ed25519", Some("rsa-sha2-512"), refuse, None),
            (
                "ssh-ed25519-cert-v01@openssh.com",
                ALL,
                refuse,
                Some("ssh-ed25519-cert-v01@openssh.com"),
            ),
            ("ssh-rsa", None, refuse, Some("rsa-sha2-256")),
            ("ssh-rsa", None, allow, Some("rsa-sha2-256")),
            ("ssh-rsa", ALL, refuse, Some("rsa-sha2-512")),
            (
                "ssh-rsa",
                Some("ssh-rsa,rsa-sha2-256"),
                allow,
                Some("rsa-sha2-256"),
            ),
            ("ssh-rsa", Some("ssh-rsa"), refuse, None),
            ("ssh-rsa", Some("ssh-rsa"), allow, Some("ssh-rsa")),
            ("ssh-rsa", Some(""), allow, None),
            (
                "ssh-rsa-cert-v01@openssh.com",
                ALL,
                refuse,
                Some("rsa-sha2-512-cert-v01@openssh.com"),
            ),
            (
                "ssh-rsa-cert-v01@openssh.com",
                None,
                refuse,
                Some("rsa-sha2-256-cert-v01@openssh.com"),
            ),
            ("ssh-dss", None, allow, None),
            ("ssh-dss", Some("ssh-dss"), allow, Some("ssh-dss")),
            ("ssh-dss", Some("ssh-dss"), refuse, None),
            (
                "ecdsa-sha2-nistp521",
                Some("ecdsa-sha2-nistp256"),
                refuse,
                None,
            ),
            (
                "sk-ssh-ed25519-cert-v01@openssh.com",
                Some("sk-ssh-ed25519@openssh.com"),
                refuse,
                Some("sk-ssh-ed25519-cert-v01@openssh.com"),
            ),
            (
                "ssh-mldsa-65",
                Some("ssh-mldsa-65"),
                refuse,
                Some("ssh-mldsa-65"),
            ),
        ] {
            let got = choose_algorithm(&identity(key_type), list.map(str::as_bytes), sha1);
            let got = got.ok().map(|name| name.to_string());
            assert_eq!(got.as_deref(), chosen, "{key_type} with {list:?}, {sha1:?}");
        }
    }

    #[test]
    fn a_restricted_signer_is_honoured() {
        let token = identity("ssh-rsa").with_algorithms(["rsa-sha2-256"]);
        let list = Some(&b"rsa-sha2-512,rsa-sha2-256"[..]);
        let chosen = choose_algorithm(&token, list, Sha1Signatures::Refuse).unwrap();
        assert_eq!(chosen.as_str(), "rsa-sha2-256");
        let none = identity("ssh-rsa").with_algorithms([]);
        let why = choose_algorithm(&none, list, Sha1Signatures::Refuse).unwrap_err();
        assert!(why.ours.is_empty());
        assert_eq!(why.theirs.unwrap().raw(), b"rsa-sha2-512,rsa-sha2-256");
    }
}
