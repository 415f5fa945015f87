//! Conversions from the types of the `ssh-key` crate. The only file that knows them.

use alloc::vec::Vec;

use ssh_key::{Certificate, PrivateKey, PublicKey};

use crate::identity::{Identity, IdentityError};

/// The key, labelled with its comment.
impl TryFrom<&PublicKey> for Identity {
    type Error = IdentityError;

    fn try_from(key: &PublicKey) -> Result<Self, IdentityError> {
        labelled(key.to_bytes(), key.comment().as_str_lossy())
    }
}

/// The public half of the key, labelled with its comment. Encrypted keys have one, too.
impl TryFrom<&PrivateKey> for Identity {
    type Error = IdentityError;

    fn try_from(key: &PrivateKey) -> Result<Self, IdentityError> {
        Self::try_from(key.public_key())
    }
}

/// The certificate, labelled with its comment.
impl TryFrom<&Certificate> for Identity {
    type Error = IdentityError;

    fn try_from(certificate: &Certificate) -> Result<Self, IdentityError> {
        labelled(certificate.to_bytes(), certificate.comment())
    }
}

fn labelled(blob: ssh_key::Result<Vec<u8>>, comment: &str) -> Result<Identity, IdentityError> {
    let identity = Identity::from_blob(blob.map_err(|_| IdentityError::NotEncodable)?)?;
    Ok(if comment.is_empty() {
        identity
    } else {
        identity.with_label(comment)
    })
}
