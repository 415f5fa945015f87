//! Key files: the key, the public half and the certificate beside it.

use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use signature::Signer as _;
use ssh_key::encoding::base64::{Base64, Encoding as _};
use ssh_key::private::KeypairData;
use ssh_key::{HashAlg, PrivateKey, Signature};
use ssh_userauth::Identity;

use crate::login::text;

/// The files that are tried without `-i`, in the order of trust in their algorithms.
const USUAL: [&str; 3] = ["id_ed25519", "id_ecdsa", "id_rsa"];

/// The usual places in the user's home.
pub(super) fn usual() -> Vec<PathBuf> {
    let home = std::env::home_dir();
    let folder = home.map(|home| home.join(".ssh"));
    folder.map_or_else(Vec::new, |folder| {
        USUAL.iter().map(|name| folder.join(name)).collect()
    })
}

/// One key, as far as there are files of it.
#[derive(Debug)]
pub(super) struct KeyFile {
    pub(super) path: PathBuf,
    /// Possibly still encrypted.
    private: Option<PrivateKey>,
    /// The public half's blob.
    pub(super) plain: Option<Vec<u8>>,
    /// What can be offered: the certificate ahead of the plain key.
    pub(super) identities: Vec<Identity>,
}

/// Why a key file is of no use.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    Missing,
    Because(String),
}

impl KeyFile {
    /// Reads what is there of the key at `path`, which may also be the path of its public half
    /// (then the agent may have the other).
    pub(super) fn load(path: &Path) -> Result<Self, Unusable> {
        let text = fs::read(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => Unusable::Missing,
            _ => Unusable::Because(error.to_string()),
        })?;
        let mut public = public_line(&text);
        let mut private = Err(Unusable::Missing);
        if public.is_none() {
            private = check_mode(path).and_then(|()| parse(&text));
        }
        // The agent may sign in the place of a key that can't be read here.
        public = public.or_else(|| public_line(&fs::read(suffixed(path, ".pub")).ok()?));
        if let Ok(key) = &private {
            public = key.public_key().to_bytes().ok().or(public);
        }
        if public.is_none() {
            return Err(private
                .err()
                .unwrap_or_else(|| Unusable::Because("its public half is missing".to_owned())));
        }
        let certificate = fs::read(suffixed(&without_pub(path), "-cert.pub")).ok();
        let certificate = certificate.and_then(|text| public_line(&text));
        let label = text::line(path.to_string_lossy().as_bytes());
        let blobs = certificate.into_iter().chain(public.clone());
        Ok(Self {
            path: path.to_owned(),
            private: private.ok(),
            plain: public,
            identities: blobs
                .filter_map(|blob| Identity::from_blob(blob).ok())
                .map(|identity| identity.with_label(label.clone()))
                .collect(),
        })
    }

    /// Whether there is a private key at all.
    pub(super) const fn can_sign(&self) -> bool {
        self.private.is_some()
    }

    /// The private key, decrypted with what `ask` says. It is asked again for a wrong passphrase,
    /// until it gives none. Once decrypted, the key is kept.
    pub(super) fn unlock(
        &mut self,
        mut ask: impl FnMut() -> Option<ssh_userauth::Secret>,
    ) -> Option<&PrivateKey> {
        while self.private.as_ref()?.is_encrypted() {
            let passphrase = ask()?;
            if let Ok(key) = self.private.as_ref()?.decrypt(passphrase.expose()) {
                self.private = Some(key);
            }
        }
        self.private.as_ref()
    }
}

/// A private key that others can read is not private.
fn check_mode(path: &Path) -> Result<(), Unusable> {
    let mode = fs::metadata(path).map_or(0, |metadata| metadata.permissions().mode());
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        let mode = mode & 0o7777;
        let because = format!("others may read it (its mode is {mode:04o})");
        Err(Unusable::Because(because))
    }
}

fn parse(text: &[u8]) -> Result<PrivateKey, Unusable> {
    PrivateKey::from_openssh(text).map_err(|error| {
        Unusable::Because(format!(
            "not a key in OpenSSH's format, which `ssh-keygen -p` writes ({error})"
        ))
    })
}

fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

fn without_pub(path: &Path) -> PathBuf {
    match path.extension() {
        Some(extension) if extension == "pub" => path.with_extension(""),
        _ => path.to_owned(),
    }
}

/// The blob in a line of a `.pub` file. It is not looked into, so that keys and certificates of
/// any type pass.
fn public_line(text: &[u8]) -> Option<Vec<u8>> {
    let text = core::str::from_utf8(text).ok()?;
    let line = text.lines().find(|line| !line.trim().is_empty())?;
    let mut words = line.split_ascii_whitespace();
    let key_type = words.next()?;
    let blob = Base64::decode_vec(words.next()?).ok()?;
    let identity = Identity::from_blob(blob.clone()).ok()?;
    (identity.key_type() == key_type).then_some(blob)
}

/// The signature blob over `data` with the plain algorithm of `algorithm`.
pub(super) fn sign(
    key: &PrivateKey,
    algorithm: &str,
    data: &[u8],
) -> Result<Vec<u8>, signature::Error> {
    let signature: Signature = match key.key_data() {
        // By itself the crate would always choose SHA-512.
        KeypairData::Rsa(pair) => {
            let hash = if algorithm.starts_with("rsa-sha2-256") {
                HashAlg::Sha256
            } else {
                HashAlg::Sha512
            };
            (pair, Some(hash)).try_sign(data)?
        }
        _ => key.try_sign(data)?,
    };
    Vec::try_from(signature).map_err(signature::Error::from_source)
}
