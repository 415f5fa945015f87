//! Between the state machine and the crate `ssh-agent-lib`.
//!
//! The crate decodes keys and signatures into the types of `ssh-key` 0.6, which are not those of
//! this workspace; only bytes pass from one to the other. That has limits which the agent's
//! protocol has not: one key or certificate that `ssh-key` can't decode makes the whole list fail.

use ssh_agent_lib::error::AgentError;
use ssh_agent_lib::proto::signature::{RSA_SHA2_256, RSA_SHA2_512};
use ssh_agent_lib::proto::{Identity as Held, PublicCredential, SignRequest};
use ssh_agent_lib::ssh_encoding::{Decode as _, Encode};
use ssh_agent_lib::ssh_key::Signature;
use ssh_userauth::{Answer, Identity, NeedSignature, Rejected};

/// What the agent holds, certificates first, as they can be offered.
pub(crate) fn identities(held: Vec<Held>) -> impl Iterator<Item = Identity> {
    let identity = |held: Held| {
        let identity = Identity::from_blob(bytes(&held.credential)?).ok()?;
        Some(identity.with_label(held.comment))
    };
    let identities = held.into_iter().filter_map(identity);
    let (certificates, keys): (Vec<_>, Vec<_>) = identities.partition(Identity::is_certificate);
    certificates.into_iter().chain(keys)
}

/// What the agent is asked to sign.
pub(crate) fn request(need: &NeedSignature) -> Result<SignRequest, AgentError> {
    Ok(SignRequest {
        credential: PublicCredential::decode(&mut need.identity().blob())?,
        data: need.data().to_vec(),
        // Without a flag, an agent signs with SHA-1 for RSA keys.
        flags: match need.signature_algorithm() {
            "rsa-sha2-256" => RSA_SHA2_256,
            "rsa-sha2-512" => RSA_SHA2_512,
            _ => 0,
        },
    })
}

/// What the agent said to it.
pub(crate) fn signed(need: NeedSignature, signature: Result<Signature, AgentError>) -> Answer {
    match signature.ok().and_then(|signature| bytes(&signature)) {
        Some(blob) => need.signed(blob).unwrap_or_else(Rejected::decline),
        None => need.decline(),
    }
}

fn bytes(part: &impl Encode) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    part.encode(&mut bytes).ok()?;
    Some(bytes)
}
