//! `puressh`'s `ClientAuth`, the only other client in Rust that is a machine without a transport.

use std::hint::black_box;

use puressh::auth::{
    ClientAuth, ClientCredential, ClientStep, KeyboardInteractiveResponder, SecretString,
};
use puressh::hostkey::HostKey;

use crate::Peer;

/// Signs nothing; as fast as a signer can be.
struct FakeKey(Vec<u8>);

impl HostKey for FakeKey {
    fn algorithm(&self) -> &'static str {
        "ssh-ed25519"
    }

    fn public_blob(&self) -> Vec<u8> {
        self.0.clone()
    }

    fn sign(&self, data: &[u8]) -> puressh::Result<Vec<u8>> {
        black_box(data);
        let mut blob = Vec::with_capacity(83);
        for part in [&b"ssh-ed25519"[..], &[9; 64]] {
            blob.extend(u32::try_from(part.len()).unwrap().to_be_bytes());
            blob.extend(part);
        }
        Ok(blob)
    }
}

struct Answers;

impl KeyboardInteractiveResponder for Answers {
    fn respond(&mut self, _: &str, _: &str, prompts: &[(String, bool)]) -> Vec<String> {
        prompts.iter().map(|_| "123456".to_owned()).collect()
    }
}

/// `none`, then this method, on packets that are checked to be ours.
pub(crate) fn login(method: &'static str, packets: (Vec<Vec<u8>>, Vec<Vec<u8>>)) -> Peer {
    let (server, client) = packets;
    let blob = key_of(&server);
    let own = move |sent: &mut dyn FnMut(&[u8])| {
        let mut auth = ClientAuth::new("alice", vec![7; 32]);
        auth.add_credential(ClientCredential::None);
        auth.add_credential(match method {
            "publickey" => ClientCredential::PublicKey(Box::new(FakeKey(blob.clone()))),
            "password" => ClientCredential::Password(SecretString::from("correct horse")),
            _ => ClientCredential::KeyboardInteractive(Box::new(Answers)),
        });
        sent(&auth.start());
        for packet in &server {
            match auth.on_packet(packet).unwrap() {
                ClientStep::Send(payload) => sent(&payload),
                ClientStep::Success => return,
                _ => panic!("{method} goes another way"),
            }
        }
        panic!("{method} does not end");
    };
    let mut all = Vec::new();
    own(&mut |payload| all.push(payload.to_vec()));
    assert_eq!(all, client, "the packets are the same");
    Peer {
        name: "puressh 0.2.8",
        login: Box::new(move || {
            own(&mut |payload| {
                black_box(payload);
            });
        }),
    }
}

/// The key that the server accepts: the last string of PK_OK. Nothing for other methods.
fn key_of(server: &[Vec<u8>]) -> Vec<u8> {
    let pk_ok = server.iter().find(|packet| packet.starts_with(&[60]));
    let key = pk_ok.and_then(|packet| packet.get(1 + 4 + 11 + 4..));
    key.unwrap_or_default().to_vec()
}
