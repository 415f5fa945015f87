//! Keys and certificates to log in with.

use alloc::sync::Arc;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use interop::authenticator::{Authenticator, Gesture};
use interop::embedded::demo_key;
use russh::keys::signature::Signer as _;
use ssh_key::private::KeypairData;
use ssh_key::{Certificate, HashAlg, LineEnding, PrivateKey, PublicKey};
use ssh_userauth::{Answer, Identity, NeedHostSignature, NeedSignature};

/// A key, and as what it is offered: itself or a certificate for it.
#[derive(Clone)]
pub(crate) struct TestKey {
    public: PublicKey,
    signer: Signer,
    identity: Identity,
    willing: bool,
}

/// Where the private half is.
#[derive(Clone)]
enum Signer {
    File(Arc<PrivateKey>),
    /// In an authenticator, and this is what is done to it when it blinks.
    Authenticator(Arc<Authenticator>, Gesture),
    /// The same, by way of a browser.
    Browser(Arc<Authenticator>, Gesture),
}

impl TestKey {
    fn new(private: PrivateKey) -> Self {
        let public = private.public_key().clone();
        Self::with(public, Signer::File(Arc::new(private)))
    }

    fn with(public: PublicKey, signer: Signer) -> Self {
        Self {
            identity: Identity::try_from(&public).unwrap(),
            public,
            signer,
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

    /// The key in an authenticator, which is touched whenever it blinks.
    pub(crate) fn in_authenticator(authenticator: Authenticator, label: &str) -> Self {
        let mut public = PublicKey::from_bytes(&authenticator.blob()).unwrap();
        public.set_comment(label);
        let signer = Signer::Authenticator(Arc::new(authenticator), Gesture::Touch);
        Self::with(public, signer)
    }

    /// The same key in an authenticator whose user does something else.
    pub(crate) fn with_gesture(mut self, gesture: Gesture) -> Self {
        let (Signer::Authenticator(_, old) | Signer::Browser(_, old)) = &mut self.signer else {
            panic!("not in an authenticator");
        };
        *old = gesture;
        self
    }

    /// The same key in an authenticator that only a browser can reach.
    pub(crate) fn in_browser(mut self) -> Self {
        let Signer::Authenticator(authenticator, gesture) = self.signer else {
            panic!("not in an authenticator");
        };
        self.signer = Signer::Browser(authenticator, gesture);
        self
    }

    /// The same key under another name.
    pub(crate) fn labelled(mut self, label: &str) -> Self {
        self.identity = self.identity.with_label(label);
        self
    }

    /// The same key of which the signer can do less.
    pub(crate) fn with_algorithms(mut self, names: &[&str]) -> Self {
        self.identity = self.identity.with_algorithms(names);
        self
    }

    /// The same key in the hands of somebody who signs with another one.
    pub(crate) fn signed_by(&self, other: &Self) -> Self {
        Self {
            signer: other.signer.clone(),
            ..self.clone()
        }
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
        self.public.to_openssh().unwrap()
    }

    /// As OpenSSH names it in its log.
    pub(crate) fn fingerprint(&self) -> String {
        self.public.fingerprint(HashAlg::Sha256).to_string()
    }

    /// A certificate for this key by the authority `ca`, made by `ssh-keygen` with `options`
    /// (principals, validity).
    pub(crate) fn certified_by(&self, ca: &Self, label: &str, options: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let authority = dir.path().join("ca");
        let Signer::File(private) = &ca.signer else {
            panic!("an authority in an authenticator");
        };
        private
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
        let blob = self.signature(need.signature_algorithm(), need.data());
        need.signed(blob).unwrap()
    }

    /// Signs as a key of the client's host.
    pub(crate) fn sign_for_host(&self, need: NeedHostSignature) -> Answer {
        if !self.willing {
            return need.decline();
        }
        let blob = self.signature(need.signature_algorithm(), need.data());
        need.signed(blob).unwrap()
    }

    /// The signature blob over `data`.
    fn signature(&self, algorithm: &str, data: &[u8]) -> Vec<u8> {
        let private = match &self.signer {
            Signer::File(private) => private,
            Signer::Authenticator(authenticator, gesture) => {
                return authenticator.sign(data, *gesture).unwrap();
            }
            Signer::Browser(authenticator, gesture) => {
                return authenticator.sign_in_browser(data, *gesture).unwrap();
            }
        };
        let signature = match private.key_data() {
            KeypairData::Rsa(pair) => {
                let hash = match algorithm {
                    "rsa-sha2-512" => HashAlg::Sha512,
                    "rsa-sha2-256" => HashAlg::Sha256,
                    other => panic!("asked to sign with {other}"),
                };
                (pair, Some(hash)).try_sign(data)
            }
            _ => private.try_sign(data),
        };
        Vec::try_from(signature.unwrap()).unwrap()
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
