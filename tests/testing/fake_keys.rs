//! Keys without cryptography: bound to what was signed all the same.

use ssh_userauth::Method::PublicKey;
use ssh_userauth_testing::wire::{PublicKeySignatureData, RequestMethod, encode_exact};
use ssh_userauth_testing::{FakeKey, Packet, Reply, Server};

use crate::support::{SESSION_ID, account, key, request, server};

/// Every bit of it turned over, one by one.
fn neighbours(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    let bits = (0..bytes.len()).flat_map(|at| (0..8).map(move |bit| (at, bit)));
    bits.map(|(at, bit)| {
        let mut changed = bytes.to_vec();
        changed[at] ^= 1 << bit;
        changed
    })
}

/// As long as real ones (RFC 8709 section 6: 64 octets), in the shape of RFC 4253 section 6.6; those
/// of security keys have flags and a counter behind them (OpenSSH PROTOCOL.u2f).
#[test]
fn signatures_are_well_formed() {
    for (algorithm, named, behind) in [
        ("ssh-ed25519", "ssh-ed25519", 0),
        ("rsa-sha2-512", "rsa-sha2-512", 0),
        // A certificate signs as its plain key does (OpenSSH PROTOCOL.certkeys).
        ("ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519", 0),
        (
            "sk-ssh-ed25519@openssh.com",
            "sk-ssh-ed25519@openssh.com",
            5,
        ),
        (
            "sk-ssh-ed25519-cert-v01@openssh.com",
            "sk-ssh-ed25519@openssh.com",
            5,
        ),
    ] {
        let blob = key("laptop").sign(algorithm, b"data");
        let mut expected = vec![0, 0, 0, u8::try_from(named.len()).unwrap()];
        expected.extend(named.as_bytes());
        expected.extend([0, 0, 0, 64]);
        assert!(blob.starts_with(&expected), "{algorithm}");
        assert_eq!(blob.len(), expected.len() + 64 + behind, "{algorithm}");
    }
}

#[test]
fn signatures_are_bound_to_key_algorithm_and_data() {
    let data: Vec<u8> = (0..=255).collect();
    let laptop = FakeKey::of_type("ssh-rsa", "laptop");
    let signed = laptop.sign("rsa-sha2-512", &data);
    assert_eq!(laptop.clone().sign("rsa-sha2-512", &data), signed);
    let other = FakeKey::of_type("ssh-rsa", "laptoq");
    assert_ne!(other.sign("rsa-sha2-512", &data), signed);
    assert_ne!(laptop.sign("rsa-sha2-256", &data), signed);
    for changed in neighbours(&data) {
        assert_ne!(laptop.sign("rsa-sha2-512", &changed), signed);
    }
    for length in 0..data.len() {
        assert_ne!(laptop.sign("rsa-sha2-512", &data[..length]), signed);
    }
}

/// What `PolicyServer` says to a request with this signature.
fn judged(signature: &[u8]) -> Vec<Reply> {
    let signed = request(RequestMethod::PublicKey {
        algorithm: b"ssh-ed25519",
        key: key("laptop").identity().blob(),
        signature: Some(signature),
    });
    let account = account().key(key("laptop").identity());
    let mut strict = server(PublicKey, account).service_accepted();
    strict.hear(&signed)
}

#[test]
fn a_server_takes_no_other_signature() {
    let data = encode_exact(&PublicKeySignatureData {
        session_id: &SESSION_ID,
        user: b"alice",
        service: b"ssh-connection",
        algorithm: b"ssh-ed25519",
        key: key("laptop").identity().blob(),
        host_key: None,
    });
    let data = data.unwrap();
    let signature = key("laptop").sign("ssh-ed25519", &data);
    let (refused, success) = (Packet::failure(["publickey"]), Packet::success());
    assert_eq!(judged(&signature), [success.into()]);
    let longer = [&signature[..], b"\0"].concat();
    let shorter = signature[..signature.len() - 1].to_vec();
    let of_others = [
        key("other").sign("ssh-ed25519", &data),
        key("laptop").sign("rsa-sha2-512", &data),
        key("laptop").sign("ssh-ed25519", b"something else"),
        Vec::new(),
    ];
    let wrong = neighbours(&signature).chain([longer, shorter]);
    for wrong in wrong.chain(of_others) {
        assert_eq!(judged(&wrong), [refused.clone().into()], "{wrong:?}");
    }
}
