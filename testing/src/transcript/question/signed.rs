//! `? signature`, `? host-signature` and `? gssapi-mic`: what we ask the caller to sign.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::keys::{check_name, plain};
use crate::scene::Scene;
use crate::transcript::words::{Parsed, Sentence, Words};
use crate::wire::{
    GssapiMethod, GssapiMicData, HostBasedSignatureData, PublicKeySignatureData, encode_exact,
};
use ssh_userauth::{NeedGssapiMic, NeedHostSignature, NeedSignature};

/// The length in front of the session identifier, for servers that want it without.
const LENGTH_BYTES: usize = 4;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignatureLine {
    signer: Signer,
    key: String,
    /// The algorithm, if it isn't the type of the key.
    algorithm: Option<String>,
    /// The algorithm to sign with, if it isn't the plain one of the request.
    with: Option<String>,
    /// The data to sign, if they are not what the rest of the line means.
    data: Option<Vec<u8>>,
}

/// Whose signature it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signer {
    User,
    /// The user's, with the server's host key under it.
    HostBoundUser,
    /// The client's host's.
    Host,
}

impl SignatureLine {
    pub(super) fn parse(signer: Signer, words: &mut Words) -> Parsed<Self> {
        Ok(Self {
            key: check_name(words.text("key")?)?,
            algorithm: words.optional_text()?,
            with: if words.keyword("with") {
                Some(words.text("algorithm to sign with")?)
            } else {
                None
            },
            signer: match signer {
                Signer::User if words.keyword("host-bound") => Signer::HostBoundUser,
                signer => signer,
            },
            data: words.hex_behind("data")?,
        })
    }

    pub(super) fn print(&self, sentence: Sentence) -> Sentence {
        let sentence = sentence.word(match self.signer {
            Signer::User | Signer::HostBoundUser => "signature",
            Signer::Host => "host-signature",
        });
        let sentence = sentence.word(&self.key).values(self.algorithm.as_ref());
        let sentence = match &self.with {
            Some(algorithm) => sentence.word("with").value(algorithm),
            None => sentence,
        };
        let sentence = match self.signer {
            Signer::HostBoundUser => sentence.word("host-bound"),
            Signer::User | Signer::Host => sentence,
        };
        sentence.hex_behind("data", self.data.as_deref())
    }

    pub(super) fn of(need: &NeedSignature, scene: &Scene) -> Self {
        let line = Self {
            signer: if need.is_host_bound() {
                Signer::HostBoundUser
            } else {
                Signer::User
            },
            key: scene.keys.name(need.identity().blob()),
            algorithm: Some(need.algorithm().to_string()),
            with: Some(need.signature_algorithm().to_string()),
            data: Some(need.data().to_vec()),
        };
        line.normal(scene)
    }

    pub(super) fn of_host(need: &NeedHostSignature, scene: &Scene) -> Self {
        let line = Self {
            signer: Signer::Host,
            key: scene.keys.name(need.identity().blob()),
            algorithm: Some(need.algorithm().to_string()),
            with: Some(need.signature_algorithm().to_string()),
            data: Some(need.data().to_vec()),
        };
        line.normal(scene)
    }

    /// Without what goes without saying.
    pub(super) fn normal(&self, scene: &Scene) -> Self {
        let algorithm = scene.algorithm(&self.key, self.algorithm.as_ref());
        let with = self.with.clone().filter(|with| *with != plain(&algorithm));
        let meant = self.meant(&algorithm, scene);
        let data = self.data.clone().filter(|data| *data != meant);
        Self {
            signer: self.signer,
            algorithm: scene.said(&self.key, &algorithm),
            key: self.key.clone(),
            with,
            data,
        }
    }

    /// The data to sign, as the rest of the line means them.
    fn meant(&self, algorithm: &str, scene: &Scene) -> Vec<u8> {
        let key = scene.keys.blob(&self.key);
        if self.signer == Signer::Host {
            let (client_host, client_user) = &scene.client_host;
            let data = encode_exact(&HostBasedSignatureData {
                session_id: &scene.session_id,
                user: &scene.user,
                service: scene.service.as_bytes(),
                algorithm: algorithm.as_bytes(),
                host_key: &key,
                client_host: client_host.as_bytes(),
                client_user: client_user.as_bytes(),
            });
            return data.unwrap_or_default();
        }
        let host_bound = self.signer == Signer::HostBoundUser;
        let host_key = scene.host_key.as_ref().map(|name| scene.keys.blob(name));
        let data = encode_exact(&PublicKeySignatureData {
            session_id: &scene.session_id,
            user: &scene.user,
            service: scene.service.as_bytes(),
            algorithm: algorithm.as_bytes(),
            key: &key,
            host_key: host_key.as_deref().filter(|_| host_bound),
        });
        let mut data = data.unwrap_or_default();
        if scene.quirks.bare_session_id {
            data.drain(..LENGTH_BYTES.min(data.len()));
        }
        data
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MicLine {
    /// Over the data of this method.
    Method(GssapiMethod),
    /// Over other data.
    Data(Vec<u8>),
}

const METHODS: [GssapiMethod; 2] = [GssapiMethod::WithMic, GssapiMethod::Keyex];

impl MicLine {
    pub(super) fn parse(words: &mut Words) -> Parsed<Self> {
        if let Some(data) = words.hex_behind("data")? {
            return Ok(Self::Data(data));
        }
        let name = words.text("name of a method")?;
        let known = METHODS.into_iter().find(|method| method.name() == name);
        known
            .map(Self::Method)
            .ok_or_else(|| alloc::format!("{name:?} has no integrity code"))
    }

    pub(super) fn print(&self, sentence: Sentence) -> Sentence {
        match self {
            Self::Method(method) => sentence.word(method.name()),
            Self::Data(data) => sentence.hex_behind("data", Some(data)),
        }
    }

    pub(super) fn of(need: &NeedGssapiMic, scene: &Scene) -> Self {
        Self::Data(need.data().to_vec()).normal(scene)
    }

    /// Without what goes without saying.
    pub(super) fn normal(&self, scene: &Scene) -> Self {
        let is_meant = |method: &GssapiMethod| {
            let meant = encode_exact(&GssapiMicData {
                session_id: &scene.session_id,
                user: &scene.user,
                service: scene.service.as_bytes(),
                method: *method,
            });
            matches!((self, meant), (Self::Data(data), Ok(meant)) if *data == meant)
        };
        let meant = METHODS.into_iter().find(is_meant);
        meant.map_or_else(|| self.clone(), Self::Method)
    }
}
