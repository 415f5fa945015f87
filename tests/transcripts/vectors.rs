//! Transcripts against bytes that were written down by hand: what a line means is checked by this
//! crate's own encoder, and that is no proof of itself.

use ssh_userauth::testing::Transcript;

/// Data to sign: user `u`, session identifier 00 to 1f, a key of 32 times aa.
const V21: &str = "00000020000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f3200000001750000000e7373682d636f6e6e656374696f6e000000097075626c69636b6579010000000b7373682d65643235353139000000330000000b7373682d6564323535313900000020aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
/// The same, bound to a host key of 32 times cc.
const V22: &str = "00000020000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f3200000001750000000e7373682d636f6e6e656374696f6e000000237075626c69636b65792d686f7374626f756e642d763030406f70656e7373682e636f6d010000000b7373682d65643235353139000000330000000b7373682d6564323535313900000020aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa000000330000000b7373682d6564323535313900000020cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";
/// `SSH_MSG_USERAUTH_GSSAPI_RESPONSE` with Kerberos.
const V23: &str = "3c0000000b06092a864886f712010202";
/// Data under an integrity code.
const V24: &str = "00000020000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f3200000001750000000e7373682d636f6e6e656374696f6e0000000f6773736170692d776974682d6d6963";
/// A query for the key.
const V25: &str = "3200000001750000000e7373682d636f6e6e656374696f6e000000097075626c69636b6579000000000b7373682d65643235353139000000330000000b7373682d6564323535313900000020aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
/// `SSH_MSG_USERAUTH_PK_OK` for the key.
const V26: &str = "3c0000000b7373682d65643235353139000000330000000b7373682d6564323535313900000020aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

const HEAD: &str = "\
config user u
config pipelining off
session service accepted
key A blob 0000000b7373682d6564323535313900000020aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
key H blob 0000000b7373682d6564323535313900000020cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc
";

/// Checks a conversation, and that it is wrong with any of the vectors changed in one digit.
fn check(head: &str, conversation: &str, vectors: &[&str]) {
    let text = format!("{HEAD}{head}{conversation}");
    let check = |text: &str| text.parse::<Transcript>().unwrap().check();
    check(&text).unwrap();
    for vector in vectors {
        assert!(text.contains(vector));
        let (rest, last) = vector.split_at(vector.len() - 1);
        let other = if last == "0" { "1" } else { "0" };
        let wrong = text.replace(vector, &format!("{rest}{other}"));
        check(&wrong).expect_err(vector);
    }
}

#[test]
fn key_query_and_data_to_sign() {
    let conversation = format!(
        "C request none
S failure publickey
? public-key
! offer A
C raw {V25}
S raw {V26}
? signature A data {V21}
! sign SIG1
C request publickey A signed SIG1
S success
= start ssh-connection factors publickey:A
"
    );
    check("", &conversation, &[V25, V26, V21]);
    // The lines that mean the same.
    let named = conversation
        .replace(&format!("raw {V25}"), "request publickey A query")
        .replace(&format!("raw {V26}"), "pk-ok A")
        .replace(&format!(" data {V21}"), "");
    check("", &named, &[]);
}

/// The query is plain; packet and data are bound.
#[test]
fn host_bound_data_to_sign() {
    let signature = "0000000b7373682d65643235353139000000020102";
    let head = "session host-key H\nsession ext-info publickey-hostbound@openssh.com=0\n";
    let session_id = V22.get(..72).unwrap();
    let signed = V22.replacen(session_id, "", 1);
    let packet = format!("{signed}00000015{signature}");
    let conversation = format!(
        "C request none
S failure publickey
? public-key
! offer A
C raw {V25}
S raw {V26}
? signature A host-bound data {V22}
! sign blob:{signature}
C raw {packet}
S success
= start ssh-connection factors publickey:A
"
    );
    check(head, &conversation, &[V25, V26, V22, &packet]);
}

/// The packet is the data without the length in front, but for the signature behind.
#[test]
fn bare_session_id() {
    let bare = V21.get(8..).unwrap();
    let conversation = format!(
        "C request none
S failure publickey
? public-key
! offer A
C raw {V25}
S raw {V26}
? signature A data {bare}
! decline
? public-key offered 1
! none-left
= give-up 14 NoMethodLeft remaining publickey
"
    );
    check("config quirk bare-session-id\n", &conversation, &[bare]);
}

#[test]
fn mechanism_and_integrity_code() {
    let head = "config methods gssapi-with-mic\nconfig mechanisms krb5\n";
    let conversation = format!(
        "C request none
S failure gssapi-with-mic
C request gssapi-with-mic krb5
S raw {V23}
? gss-token krb5 1
! established integrity
? mic data {V24}
! mic aabb
C gss-mic aabb
S success
= start ssh-connection factors gssapi-with-mic
"
    );
    check(head, &conversation, &[V23, V24]);
}
