//! The host that this command runs on, which may vouch for its user (`hostbased`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ssh_userauth::{ClientHost, Identity, NeedHostSignature};

use crate::login::files::{self, KeyFile, Unusable};
use crate::login::keys::note;
use crate::login::options::Flags;

/// Where a host has its keys, in the order of trust in their algorithms. Only root can read them:
/// `ssh` has a privileged helper instead, which this command has not.
const USUAL: [&str; 3] = [
    "/etc/ssh/ssh_host_ed25519_key",
    "/etc/ssh/ssh_host_ecdsa_key",
    "/etc/ssh/ssh_host_rsa_key",
];

/// The host's name and keys.
#[derive(Debug, Default)]
pub(super) struct LocalHost {
    name: String,
    keys: Vec<KeyFile>,
}

impl LocalHost {
    /// Reads the keys that were named, or else the usual ones; none if the host shall not vouch for
    /// anybody. Gives also what to tell of those that can't be used.
    pub(super) fn find(flags: &Flags) -> (Self, Vec<String>) {
        let (mut keys, mut notes) = (Vec::new(), Vec::new());
        if !flags.hostbased {
            return <_>::default();
        }
        let named = flags.host_keys.as_slice();
        let usual = USUAL.map(PathBuf::from);
        let paths = if named.is_empty() {
            usual.as_slice()
        } else {
            named
        };
        for path in paths {
            match KeyFile::load(path) {
                Ok(key) if key.can_sign() => keys.push(key),
                Ok(_) => notes.push(note(path, Unusable::Because("it can't be read".to_owned()))),
                // No host has a key of every type.
                Err(Unusable::Missing) if named.is_empty() => {}
                Err(why) => notes.push(note(path, why)),
            }
        }
        let name = full_name();
        (Self { name, keys }, notes)
    }

    /// What the machine has to know. `user` is the user here.
    pub(super) fn client_host(&self, user: &str) -> ClientHost {
        let identities = self.keys.iter().flat_map(|key| &key.identities);
        identities.fold(ClientHost::new(&self.name, user), |host, identity| {
            host.key(identity.clone())
        })
    }

    /// Signs with the key that is asked for. A key with a passphrase stays locked: the host's are
    /// not the user's to unlock.
    ///
    /// # Errors
    /// Why it can't.
    pub(super) fn sign(&mut self, need: &NeedHostSignature) -> Result<Vec<u8>, String> {
        let is_of = |key: &&mut KeyFile| {
            let has = |own: &Identity| own.blob() == need.identity().blob();
            key.identities.iter().any(has)
        };
        let key = self.keys.iter_mut().find(is_of);
        let key = key.and_then(|key| key.unlock(|| None));
        let key = key.ok_or_else(|| "the key stayed locked".to_owned())?;
        files::sign(key, need.signature_algorithm(), need.data())
            .map_err(|error| format!("the key can't sign here: {error}"))
    }
}

/// The host's name with its domain, if it has one. The server may look it up and compare.
fn full_name() -> String {
    let output = Command::new("hostname").arg("--fqdn").output();
    let told = output.ok().filter(|output| output.status.success());
    let told = told.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    told.filter(|name| !name.is_empty()).unwrap_or_else(|| {
        let name = fs::read_to_string(Path::new("/proc/sys/kernel/hostname"));
        name.map_or_else(|_| "localhost".to_owned(), |name| name.trim().to_owned())
    })
}
