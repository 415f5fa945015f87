//! Keys as the caller hands them in.

use ssh_userauth::{Identity, IdentityError};

use crate::blobs::sized_blob;
use crate::key;

#[test]
fn blobs_up_to_128_kib() {
    let most = 128 * 1024;
    for length in [64, most - 1, most] {
        let identity = Identity::from_blob(sized_blob("ssh-ed25519", length)).unwrap();
        assert_eq!(identity.blob().len(), length);
    }
    let error = Identity::from_blob(sized_blob("ssh-ed25519", most + 1)).unwrap_err();
    let (length, limit) = (most + 1, most);
    assert_eq!(error, IdentityError::TooLong { length, limit });
}

#[test]
fn a_certificate_is_known_by_the_name_of_its_type() {
    for (name, is_certificate) in [
        ("ssh-ed25519", false),
        ("ssh-ed25519-cert-v01@openssh.com", true),
        ("sk-ssh-ed25519@openssh.com", false),
        ("sk-ssh-ed25519-cert-v01@openssh.com", true),
        ("ssh-rsa-cert-v01@example.org", false),
    ] {
        assert_eq!(key(name).is_certificate(), is_certificate, "{name}");
    }
}

#[test]
fn an_identity_is_shown_with_its_label_or_else_its_length() {
    let identity = key("ssh-ed25519");
    assert_eq!(identity.to_string(), "ssh-ed25519 (64 bytes)");
    assert_eq!(format!("{identity:?}"), "Identity(ssh-ed25519 (64 bytes))");
    let identity = identity.with_label("work\x1b[31m");
    assert_eq!(identity.to_string(), "ssh-ed25519 work\\u{1b}[31m");
    assert_eq!(identity.label(), Some("work\x1b[31m"));
}
