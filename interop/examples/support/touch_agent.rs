//! An agent in this process, with one key and a certificate for it. It signs when it is touched,
//! once for each touch, as one with a security key does.

extern crate alloc;

use alloc::sync::Arc;
use core::error::Error;
use std::path::Path;

use ssh_agent_lib::agent::{Session, listen};
use ssh_agent_lib::error::AgentError;
use ssh_agent_lib::proto::{Identity, SignRequest};
use ssh_agent_lib::ssh_key::certificate::{Builder, CertType, Certificate};
use ssh_agent_lib::ssh_key::private::Ed25519Keypair;
use ssh_agent_lib::ssh_key::{PrivateKey, Signature, SigningKey};
use ssh_agent_lib::{async_trait, ssh_key};
use tokio::net::UnixListener;
use tokio::sync::Semaphore;

/// A certificate that is valid for ever is one that `ssh-key` 0.6 can't read.
const YEAR_2286: u64 = 9_999_999_999;

#[derive(Clone)]
pub(crate) struct TouchAgent {
    key: Arc<PrivateKey>,
    authority: Arc<PrivateKey>,
    certificate: Arc<Certificate>,
    /// One permit for each touch.
    pub(crate) touches: Arc<Semaphore>,
}

impl TouchAgent {
    /// For the user with this name.
    pub(crate) fn new(user: &str) -> Result<Self, ssh_key::Error> {
        let key = PrivateKey::from(Ed25519Keypair::from_seed(&[1; 32]));
        let authority = PrivateKey::from(Ed25519Keypair::from_seed(&[2; 32]));
        let mut builder = Builder::new([3; 16], key.public_key(), 0, YEAR_2286)?;
        builder.cert_type(CertType::User)?.valid_principal(user)?;
        builder.key_id("touch")?.comment("touch")?;
        Ok(Self {
            certificate: Arc::new(builder.sign(&authority)?),
            key: Arc::new(key),
            authority: Arc::new(authority),
            touches: Arc::new(Semaphore::new(0)),
        })
    }

    /// The public key of the authority, as a blob.
    pub(crate) fn authority(&self) -> Result<Vec<u8>, ssh_key::Error> {
        self.authority.public_key().to_bytes()
    }

    /// Begins to listen. Needs a runtime.
    pub(crate) fn start(self, path: &Path) -> Result<(), Box<dyn Error>> {
        let listener = UnixListener::bind(path)?;
        let _until_the_runtime_ends = tokio::spawn(listen(listener, self));
        Ok(())
    }
}

#[async_trait]
impl Session for TouchAgent {
    async fn request_identities(&mut self) -> Result<Vec<Identity>, AgentError> {
        let identity = |credential| Identity {
            credential,
            comment: "touch".to_owned(),
        };
        let key = self.key.public_key().key_data().clone();
        let certificate = Certificate::clone(&self.certificate);
        Ok(vec![identity(key.into()), identity(certificate.into())])
    }

    async fn sign(&mut self, request: SignRequest) -> Result<Signature, AgentError> {
        let touch = self.touches.acquire().await.map_err(AgentError::other)?;
        touch.forget();
        sign(&*self.key, &request.data).ok_or(AgentError::Failure)
    }
}

fn sign(key: &impl SigningKey, data: &[u8]) -> Option<Signature> {
    key.try_sign(data).ok()
}
