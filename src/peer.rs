//! What the server told us about itself (EXT_INFO), and the signature algorithm that follows.

use alloc::vec::Vec;

use crate::algorithm::AlgorithmName;
use crate::algorithm_list::AlgorithmList;
use crate::config::{Config, Limits, Sha1Signatures};
use crate::identity::Identity;
use crate::quirks::Quirks;
use crate::wire::{self, DecodeError, ExtInfo, whole_names};

/// What the server told us in `SSH_MSG_EXT_INFO` (RFC 8308).
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(PartialEq, Eq, Hash))]
pub(crate) struct Peer {
    messages: u32,
    /// `server-sig-algs`, the latest.
    algorithms: Option<AlgorithmList>,
    takes_host_bound: bool,
}

impl Peer {
    /// Takes one EXT_INFO. RFC 8308 section 2.4: "If a server sends a second SSH_MSG_EXT_INFO, this
    /// replaces any initial one". As OpenSSH does it (`kex_ext_info_client_parse`), a list that the
    /// second leaves out stays.
    pub(crate) fn learn(&mut self, info: &ExtInfo<'_>, limits: &Limits) -> Result<(), DecodeError> {
        // Read first: a message that is refused must change nothing.
        let algorithms = info.server_sig_algs()?;
        self.messages = self.messages.saturating_add(1);
        if let Some(list) = algorithms {
            let kept = whole_names(list.as_bytes(), limits.max_algorithm_list_bytes);
            self.algorithms = Some(AlgorithmList::new(kept));
        }
        // Only the first one can be trusted to have come right after NEWKEYS: OpenSSH takes the
        // announcement from there alone.
        let announced = info.get(wire::PUBLICKEY_HOSTBOUND) == Some(b"0");
        if self.messages == 1 && announced {
            self.takes_host_bound = true;
        }
        Ok(())
    }

    /// How many EXT_INFO messages came.
    pub(crate) fn messages(&self) -> u32 {
        self.messages
    }

    pub(crate) fn algorithms(&self) -> Option<&AlgorithmList> {
        self.algorithms.as_ref()
    }

    /// Whether the server announced host-bound signatures.
    pub(crate) fn takes_host_bound(&self) -> bool {
        self.takes_host_bound
    }

    /// The algorithm to offer this identity with; frozen from then on. `refused` are those that
    /// were tried in vain.
    pub(crate) fn choose_algorithm(
        &self,
        identity: &Identity,
        config: &Config,
        refused: &[AlgorithmName],
    ) -> Option<Chosen> {
        choose_algorithm(identity, &self.rules(config, refused))
    }

    /// What a key can do under our policy, whatever the server lists.
    pub(crate) fn allowed_algorithms(
        &self,
        identity: &Identity,
        config: &Config,
    ) -> Vec<AlgorithmName> {
        let rules = self.rules(config, &[]);
        let candidates = identity.candidates();
        candidates.filter(|name| rules.allow(name)).collect()
    }

    /// Whether the latest list has the algorithm of an offer, which may be older; without a list,
    /// nothing is known against it.
    pub(crate) fn takes(&self, offered: &Chosen, config: &Config) -> bool {
        let rules = self.rules(config, &[]);
        rules.list.is_none_or(|list| {
            let is_listed = |name| rules.is_listed(list, name);
            is_listed(&offered.request) || is_listed(&offered.signature)
        })
    }

    fn rules<'a>(&'a self, config: &'a Config, refused: &'a [AlgorithmName]) -> Rules<'a> {
        Rules {
            list: self.algorithms.as_ref(),
            sha1: config.sha1_signatures,
            allowed: config.signature_algorithms.as_deref(),
            quirks: config.quirks,
            refused,
        }
    }
}

/// The algorithm of a request, and the one that the signature in it names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Chosen {
    pub(crate) request: AlgorithmName,
    pub(crate) signature: AlgorithmName,
}

/// What the choice depends on beside the key.
#[derive(Clone, Copy)]
struct Rules<'a> {
    list: Option<&'a AlgorithmList>,
    sha1: Sha1Signatures,
    allowed: Option<&'a [AlgorithmName]>,
    quirks: Quirks,
    refused: &'a [AlgorithmName],
}

/// The list orders nothing and adds nothing, it only filters: the first algorithm of the key
/// that policy and list both allow.
///
/// Without a list (RFC 8308 section 3.1: "a client MUST NOT make any assumptions"), RSA is
/// offered with `rsa-sha2-256`, the one that every server with RSA takes but those that only know
/// SHA-1; a missing list never brings SHA-1 back, since whoever can cut messages out of the
/// stream could provoke it (CVE-2023-48795), unless the caller has said so of this very case.
fn choose_algorithm(identity: &Identity, rules: &Rules<'_>) -> Option<Chosen> {
    let allowed = || identity.candidates().filter(|name| rules.allow(name));
    let untried = || allowed().filter(|name| !rules.refused.contains(name));
    let chosen = match rules.list {
        Some(list) => untried().find(|name| rules.is_listed(list, name)),
        None => {
            let modern = untried().filter(|name| !name.is_obsolete());
            // The first of the least: that one if there is one, or else the first.
            match modern.min_by_key(|name| !name.is_rsa_sha2_256()) {
                None if rules.sha1 == Sha1Signatures::AllowUnlisted => untried().next(),
                chosen => chosen,
            }
        }
    };
    chosen.map(|name| rules.as_requested(name))
}

impl Rules<'_> {
    fn allow(&self, name: &AlgorithmName) -> bool {
        let strong = self.sha1 != Sha1Signatures::Refuse || !name.is_obsolete();
        strong && self.allowed.is_none_or(|allowed| allowed.contains(name))
    }

    /// OpenSSH lists the plain names only and means the certificates with them.
    fn is_listed(&self, list: &AlgorithmList, name: &AlgorithmName) -> bool {
        let plain = name.plain();
        let unlisted = self.quirks.unlisted_rsa_sha2 && name.is_rsa_sha2();
        let fits = |listed| listed == name.as_str().as_bytes() || listed == plain.as_bytes();
        unlisted || list.bytes().any(fits)
    }

    fn as_requested(&self, name: AlgorithmName) -> Chosen {
        let by_type = self.quirks.rsa_certificates_by_type && name.is_certificate();
        let signature = name.to_plain();
        let request = if by_type && name.is_rsa() {
            AlgorithmName::known("ssh-rsa-cert-v01@openssh.com")
        } else {
            name
        };
        Chosen { request, signature }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};

    use super::*;

    fn identity(key_type: &str) -> Identity {
        let mut blob = alloc::vec![0, 0, 0, u8::try_from(key_type.len()).unwrap()];
        blob.extend(key_type.as_bytes());
        blob.extend([0, 0, 0, 1, 9]);
        Identity::from_blob(blob).unwrap()
    }

    fn rules(list: Option<&AlgorithmList>, sha1: Sha1Signatures) -> Rules<'_> {
        Rules {
            list,
            sha1,
            allowed: None,
            quirks: Quirks::default(),
            refused: &[],
        }
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
            let list = list.map(|list: &str| AlgorithmList::new(list.as_bytes()));
            let rules = rules(list.as_ref(), sha1);
            let got = choose_algorithm(&identity(key_type), &rules);
            let got = got.map(|chosen| chosen.request.to_string());
            assert_eq!(got.as_deref(), chosen, "{key_type} with {list:?}, {sha1:?}");
        }
    }

    #[test]
    fn a_restricted_signer_is_honoured() {
        let token = identity("ssh-rsa").with_algorithms(["rsa-sha2-256"]);
        let list = AlgorithmList::new(b"rsa-sha2-512,rsa-sha2-256");
        let rules = rules(Some(&list), Sha1Signatures::Refuse);
        let chosen = choose_algorithm(&token, &rules).unwrap();
        assert_eq!(chosen.request.as_str(), "rsa-sha2-256");
        let none = identity("ssh-rsa").with_algorithms([""; 0]);
        assert_eq!(choose_algorithm(&none, &rules), None);
    }

    fn chosen(key_type: &str, rules: &Rules<'_>) -> Option<(String, String)> {
        let chosen = choose_algorithm(&identity(key_type), rules)?;
        Some((chosen.request.to_string(), chosen.signature.to_string()))
    }

    #[test]
    fn quirks_change_the_choice() {
        let list = AlgorithmList::new(b"ssh-ed25519,ssh-rsa");
        let mut rules = rules(Some(&list), Sha1Signatures::Refuse);
        assert_eq!(chosen("ssh-rsa", &rules), None);
        rules.quirks.unlisted_rsa_sha2 = true;
        assert_eq!(chosen("ecdsa-sha2-nistp256", &rules), None, "not RSA");
        let pair = |request: &str, signature: &str| Some((request.into(), signature.into()));
        assert_eq!(
            chosen("ssh-rsa", &rules),
            pair("rsa-sha2-512", "rsa-sha2-512")
        );
        let certificate = "ssh-rsa-cert-v01@openssh.com";
        let list1 = AlgorithmList::new(b"rsa-sha2-256,rsa-sha2-512");
        rules.list = Some(&list1);
        let modern = pair("rsa-sha2-512-cert-v01@openssh.com", "rsa-sha2-512");
        assert_eq!(chosen(certificate, &rules), modern);
        rules.quirks.rsa_certificates_by_type = true;
        assert_eq!(
            chosen(certificate, &rules),
            pair(certificate, "rsa-sha2-512")
        );
        let ed25519 = "ssh-ed25519-cert-v01@openssh.com";
        rules.list = None;
        assert_eq!(chosen(ed25519, &rules), pair(ed25519, "ssh-ed25519"));
    }

    #[test]
    fn a_policy_names_algorithms_exactly() {
        let allowed = ["ecdsa-sha2-nistp256", "rsa-sha2-256"].map(AlgorithmName::known);
        let mut rules = rules(None, Sha1Signatures::Refuse);
        rules.allowed = Some(&allowed);
        assert_eq!(chosen("ecdsa-sha2-nistp521", &rules), None);
        assert!(chosen("ecdsa-sha2-nistp256", &rules).is_some());
        assert_eq!(
            chosen("ecdsa-sha2-nistp256-cert-v01@openssh.com", &rules),
            None
        );
        let list2 = AlgorithmList::new(b"rsa-sha2-512,rsa-sha2-256");
        rules.list = Some(&list2);
        assert_eq!(chosen("ssh-rsa", &rules).unwrap().0, "rsa-sha2-256");
    }

    #[test]
    fn what_was_refused_is_not_chosen_again() {
        let refused = ["rsa-sha2-512"].map(AlgorithmName::known);
        let list = AlgorithmList::new(b"rsa-sha2-512,rsa-sha2-256");
        let mut rules = rules(Some(&list), Sha1Signatures::Refuse);
        rules.refused = &refused;
        assert_eq!(chosen("ssh-rsa", &rules).unwrap().0, "rsa-sha2-256");
        let both = ["rsa-sha2-512", "rsa-sha2-256"].map(AlgorithmName::known);
        rules.refused = &both;
        assert_eq!(chosen("ssh-rsa", &rules), None);
    }
}
