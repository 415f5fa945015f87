//! Keys to offer, signatures of them, and what their names have to do with each other; told once
//! more than in the crate, so that one can be held against the other.

use ssh_userauth::Identity;

pub(crate) fn string(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).expect("nothing here is that long");
    let mut string = length.to_be_bytes().to_vec();
    string.extend(bytes);
    string
}

const TYPES: [&str; 14] = [
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ssh-rsa-cert-v01@openssh.com",
    "ssh-ed25519-cert-v01@openssh.com",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "ssh-dss",
    "ssh-mldsa-65",
    "ssh-dss-cert-v01@openssh.com",
    "x@example.org",
    "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-ed25519",
    "ssh-ed448",
];

/// One of sixteen keys; the last two have signers that can't do everything.
pub(crate) fn identity(which: u8) -> Identity {
    let named = |name: &str| identity_of(name, which);
    match which & 15 {
        14 => named("ssh-rsa").with_algorithms(["rsa-sha2-256", "ssh-rsa"]),
        15 => named("ssh-rsa").with_algorithms([""; 0]),
        type_ => named(TYPES[usize::from(type_)]).with_label("label"),
    }
}

pub(crate) fn identity_of(name: &str, fill: u8) -> Identity {
    let mut blob = string(name.as_bytes());
    blob.extend(string(&[fill; 4]));
    Identity::from_blob(blob).expect("a name and something behind it")
}

/// The name that a signature under this algorithm carries.
pub(crate) fn plain(algorithm: &str) -> String {
    match algorithm.strip_suffix("-cert-v01@openssh.com") {
        Some(base) if base.starts_with("sk-") => format!("{base}@openssh.com"),
        Some(base) => base.to_owned(),
        None => algorithm.to_owned(),
    }
}

pub(crate) fn is_obsolete(algorithm: &str) -> bool {
    matches!(plain(algorithm).as_str(), "ssh-rsa" | "ssh-dss")
}

/// Whether a server may call a key offered under one name by the other.
pub(crate) fn are_siblings(offered: &str, answered: &[u8]) -> bool {
    let family = |name: &str| match plain(name).as_str() {
        "rsa-sha2-512" | "rsa-sha2-256" => "ssh-rsa".to_owned(),
        "webauthn-sk-ecdsa-sha2-nistp256@openssh.com" => {
            "sk-ecdsa-sha2-nistp256@openssh.com".to_owned()
        }
        other => other.to_owned(),
    };
    let well_formed = (1..=64).contains(&answered.len())
        && answered
            .iter()
            .all(|byte| byte.is_ascii_graphic() && *byte != b',');
    match core::str::from_utf8(answered) {
        Ok(answered) => well_formed && family(offered) == family(answered),
        Err(_) => false,
    }
}

/// Whether a list of `server-sig-algs` allows this algorithm.
pub(crate) fn is_listed(list: &[u8], algorithm: &str) -> bool {
    let plain = plain(algorithm);
    list.split(|byte| *byte == b',')
        .any(|name| name == algorithm.as_bytes() || name == plain.as_bytes())
}

/// A good signature under this algorithm.
pub(crate) fn signature(algorithm: &str) -> Vec<u8> {
    let name = plain(algorithm);
    let mut blob = string(name.as_bytes());
    blob.extend(string(&[0x55; 4]));
    if name.starts_with("sk-") {
        // The flags and the counter of the authenticator.
        blob.extend([1, 0, 0, 0, 9]);
    }
    blob
}

/// A signature, good or bad, and whether it must be taken; none if it may or may not.
pub(crate) fn any_signature(algorithm: &str, how: u8, limit: usize) -> (Vec<u8>, Option<bool>) {
    let good = signature(algorithm);
    let name = plain(algorithm);
    let one_field = !name.contains('@') && name != "ssh-mldsa-65";
    let fits = good.len() <= limit;
    match how {
        1 => {
            let other = match name.as_str() {
                "ssh-dss" => "ssh-ed25519",
                _ => "ssh-dss",
            };
            (signature(other), Some(false))
        }
        2 => (Vec::new(), Some(false)),
        3 => (vec![0, 0, 0], Some(false)),
        4 => (string(name.as_bytes()), Some(false)),
        5 => {
            let mut blob = string(name.as_bytes());
            blob.extend(string(b""));
            (blob, (one_field || !fits).then_some(false))
        }
        6 => {
            let mut blob = good;
            blob.push(0);
            (blob, (one_field || !fits).then_some(false))
        }
        7 => {
            let mut blob = good;
            blob.pop();
            (blob, one_field.then_some(false))
        }
        8 => {
            let mut blob = string(name.as_bytes());
            blob.extend(string(&vec![0x55; limit]));
            (blob, Some(false))
        }
        9 => {
            // An agent that ignores the flags which ask for SHA-2.
            let obsolete = name == "ssh-rsa" && fits;
            (signature("ssh-rsa"), Some(obsolete))
        }
        _ => (good, Some(fits)),
    }
}
