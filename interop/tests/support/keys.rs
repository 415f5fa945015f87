//! Keys and certificates to log in with.

use alloc::sync::Arc;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use interop::embedded::demo_key;
use russh::keys::signature::Signer as _;
use ssh_key::private::KeypairData;
use ssh_key::{Certificate, HashAlg, LineEnding, PrivateKey};
use ssh_userauth::{Answer, Identity, NeedSignature};

/// A key, and as what it is offered: itself or a certificate for it.
#[derive(Clone)]
pub(crate) struct TestKey {
    private: Arc<PrivateKey>,
    identity: Identity,
    willing: bool,
}

impl TestKey {
    fn new(private: PrivateKey) -> Self {
        Self {
            identity: Identity::try_from(&private).unwrap(),
            private: Arc::new(private),
            willing: true,
        }
    }

    /// A new Ed25519 key.
    pub(crate) fn ed25519(label: &str) -> Self {
        Self::new(demo_key(label).unwrap())
    }

    /// An RSA key of 2048 bits, the same for all tests of a file: they are slow to make.
    pub(crate) fn rsa() -> Self {
        static KEY: OnceLock<TestKey> = OnceLock::new();
        KEY.get_or_init(|| made_by_ssh_keygen(&["-t", "rsa", "-b", "2048", "-C", "rsa"]))
            .clone()
    }

    /// A new ECDSA key on the curve P-256.
    pub(crate) fn ecdsa() -> Self {
        made_by_ssh_keygen(&["-t", "ecdsa", "-b", "256", "-C", "ecdsa"])
    }

    /// The same key of which the signer can do less.
    pub(crate) fn with_algorithms(mut self, names: &[&str]) -> Self {
        self.identity = self.identity.with_algorithms(names.iter().copied());
        self
    }

    /// The same key whose owner doesn't want to sign.
    pub(crate) fn unwilling(mut self) -> Self {
        self.willing = false;
        self
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    pub(crate) fn blob(&self) -> &[u8] {
        self.identity.blob()
    }

    /// The public key as a line of an authorized_keys file.
    pub(crate) fn line(&self) -> String {
        self.private.public_key().to_openssh().unwrap()
    }

    /// As OpenSSH names it in its log.
    pub(crate) fn fingerprint(&self) -> String {
        let key = self.private.public_key();
        key.fingerprint(HashAlg::Sha256).to_string()
    }

    /// A certificate for this key by the authority `ca`, made by `ssh-keygen` with `options`
    /// (principals, validity).
    pub(crate) fn certified_by(&self, ca: &Self, label: &str, options: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let authority = dir.path().join("ca");
        ca.private
            .write_openssh_file(&authority, LineEnding::LF)
            .unwrap();
        let public = dir.path().join("key.pub");
        std::fs::write(&public, self.line()).unwrap();
        let mut command = Command::new("ssh-keygen");
        command.args(["-q", "-I", "of a test", "-s"]).arg(authority);
        run(command.args(options).arg(public));
        let certificate = Certificate::read_file(&dir.path().join("key-cert.pub")).unwrap();
        Self {
            identity: Identity::try_from(&certificate).unwrap().with_label(label),
            ..self.clone()
        }
    }

    /// Signs what is asked for, with the hash that is asked for.
    pub(crate) fn sign(&self, need: NeedSignature) -> Answer {
        if !self.willing {
            return need.decline();
        }
        let signature = match self.private.key_data() {
            KeypairData::Rsa(pair) => {
                let hash = match need.algorithm() {
                    "rsa-sha2-512" | "rsa-sha2-512-cert-v01@openssh.com" => HashAlg::Sha512,
                    "rsa-sha2-256" | "rsa-sha2-256-cert-v01@openssh.com" => HashAlg::Sha256,
                    other => panic!("asked to sign with {other}"),
                };
                (pair, Some(hash)).try_sign(need.data())
            }
            _ => self.private.try_sign(need.data()),
        };
        let blob = Vec::try_from(signature.unwrap()).unwrap();
        need.signed(blob).unwrap()
    }
}

fn made_by_ssh_keygen(options: &[&str]) -> TestKey {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-N", "", "-f"]).arg(&path);
    run(command.args(options));
    TestKey::new(read(&path))
}

fn read(path: &Path) -> PrivateKey {
    PrivateKey::read_openssh_file(path).unwrap()
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
}
