//! Known defects of servers, by name.

/// What to do about known defects of a server. All are off; the caller switches them on, one by
/// one or by [`of_server`](Self::of_server).
///
/// ```
/// use ssh_userauth::{Config, Quirks};
///
/// let version = "SSH-2.0-OpenSSH_7.4p1 Debian-10";
/// let config = Config::new("alice").quirks(Quirks::of_server(version));
/// assert!(Quirks::of_server(version).unlisted_rsa_sha2);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Quirks {
    /// RSA with SHA-2 works although `server-sig-algs` doesn't name it.
    ///
    /// OpenSSH 7.4 sends a list without `rsa-sha2-256` and `rsa-sha2-512` and takes both; its own
    /// client has worked around it since 2021 (`SSH_BUG_SIGTYPE74` in compat.c).
    pub unlisted_rsa_sha2: bool,
    /// RSA certificates are requested under the name of their type,
    /// `ssh-rsa-cert-v01@openssh.com`; the signature inside is one with SHA-2 all the same.
    ///
    /// OpenSSH 7.2 to 7.7 list `rsa-sha2-*` and refuse `rsa-sha2-*-cert-v01@openssh.com`
    /// (`SSH_BUG_SIGTYPE` in compat.c; golang/go 58371, paramiko 2017). PuTTY does the same.
    pub rsa_certificates_by_type: bool,
    /// The data under a signature begins with the bytes of the session identifier, without their
    /// length.
    ///
    /// Servers of the SSH-2 drafts, such as OpenSSH before 2.3 (`SSH_OLD_SESSIONID` in compat.c).
    pub bare_session_id: bool,
    /// When we leave a dialogue (RFC 4252 section 5.1: "A request that requires further messages to
    /// be exchanged will be aborted by a subsequent request"), the refusal that the server sends is
    /// for the dialogue, and the subsequent request is never answered. A `none` is sent to it in
    /// vain, so that nothing of worth is lost.
    ///
    /// Go's x/crypto/ssh and ProFTPD's mod_sftp.
    pub swallows_after_dialogue: bool,
    /// When we leave a dialogue, the server refuses it and answers the subsequent request as well,
    /// although "A SSH_MSG_USERAUTH_FAILURE message MUST NOT be sent for an aborted method".
    ///
    /// ssh2 for Node.
    pub refuses_left_dialogues: bool,
    /// Every refusal takes a while, only that of `none` does not: where no key is offered, the
    /// opening flight asks for the methods by `none`, and not for prompts that may not be there.
    ///
    /// Dropbear waits some 0.3 seconds.
    pub delays_refusals: bool,
}

impl Quirks {
    /// The quirks of the server with this version string (RFC 4253 section 4.2), such as
    /// `SSH-2.0-OpenSSH_7.4`. A pure function; unknown servers have none.
    #[must_use]
    pub fn of_server(version: &str) -> Self {
        let software = version
            .strip_prefix("SSH-2.0-")
            .or_else(|| version.strip_prefix("SSH-1.99-"));
        let Some(software) = software else {
            return Self::default();
        };
        let is_of = |name: &str| software.starts_with(name);
        // From one release on, and before the other.
        let between = |name, from, to| {
            let release = software.strip_prefix(name).and_then(numbers);
            release.is_some_and(|release| (from..to).contains(&release))
        };
        Self {
            unlisted_rsa_sha2: between("OpenSSH_", (7, 4), (7, 5)),
            rsa_certificates_by_type: between("OpenSSH_", (7, 2), (7, 8)),
            bare_session_id: between("OpenSSH_", (0, 0), (2, 3)),
            swallows_after_dialogue: software == "Go" || is_of("mod_sftp"),
            refuses_left_dialogues: is_of("ssh2js"),
            delays_refusals: is_of("dropbear_"),
        }
    }
}

/// `7.4p1` is release 7, 4.
fn numbers(release: &str) -> Option<(u32, u32)> {
    let (major, rest) = release.split_once('.')?;
    let digits = rest.find(|c: char| !c.is_ascii_digit());
    let minor = rest.get(..digits.unwrap_or(rest.len()))?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_of_servers() {
        let quirks = |list, certificates, session| Quirks {
            unlisted_rsa_sha2: list,
            rsa_certificates_by_type: certificates,
            bare_session_id: session,
            ..Quirks::default()
        };
        let swallows = Quirks {
            swallows_after_dialogue: true,
            ..Quirks::default()
        };
        let delays = Quirks {
            delays_refusals: true,
            ..Quirks::default()
        };
        let refuses = Quirks {
            refuses_left_dialogues: true,
            ..Quirks::default()
        };
        for (version, expected) in [
            ("SSH-2.0-OpenSSH_7.4", quirks(true, true, false)),
            (
                "SSH-2.0-OpenSSH_7.4p1 Debian-10+deb9u7",
                quirks(true, true, false),
            ),
            ("SSH-2.0-OpenSSH_7.2p2 Ubuntu-4", quirks(false, true, false)),
            ("SSH-2.0-OpenSSH_7.7", quirks(false, true, false)),
            ("SSH-2.0-OpenSSH_7.8", quirks(false, false, false)),
            ("SSH-2.0-OpenSSH_7.40", quirks(false, false, false)),
            ("SSH-2.0-OpenSSH_10.0p2", quirks(false, false, false)),
            ("SSH-1.99-OpenSSH_2.2.0p1", quirks(false, false, true)),
            ("SSH-2.0-OpenSSH_2.3.0", quirks(false, false, false)),
            ("SSH-2.0-OpenSSH_", quirks(false, false, false)),
            ("SSH-2.0-dropbear_2022.83", delays),
            ("OpenSSH_7.4", quirks(false, false, false)),
            ("SSH-2.0-Go", swallows),
            ("SSH-2.0-Gogs", quirks(false, false, false)),
            ("SSH-2.0-mod_sftp/1.1.1", swallows),
            ("SSH-2.0-ssh2js1.17.0", refuses),
        ] {
            assert_eq!(Quirks::of_server(version), expected, "{version}");
        }
    }
}
