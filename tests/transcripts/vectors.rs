//! Transcripts against bytes that were written down by hand: what a line means is checked by this
//! crate's own encoder, and that is no proof of itself.

use ssh_userauth_testing::Transcript;

#[path = "../../unit-tests/client_codec/vectors.rs"]
mod packets;

use packets::{
    gssapi_mic_data, gssapi_response, host_bound_data, pk_ok_a, publickey_data, query_a,
};

const HEAD: &str = "\
config user u
config pipelining off
session service accepted
key A blob 0000000b7373682d6564323535313900000020aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
key H blob 0000000b7373682d6564323535313900000020cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc
";

/// A packet, or data to sign, as it stands in a transcript.
fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

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
    let [publickey_data, query_a, pk_ok_a] =
        [publickey_data(), query_a(), pk_ok_a()].map(|bytes| digits(&bytes));
    let conversation = format!(
        "C request none
S failure publickey
? public-key
! offer A
C raw {query_a}
S raw {pk_ok_a}
? signature A data {publickey_data}
! sign SIG1
C request publickey A signed SIG1
S success
= start ssh-connection factors publickey:A
"
    );
    check("", &conversation, &[&query_a, &pk_ok_a, &publickey_data]);
    // The lines that mean the same.
    let named = conversation
        .replace(&format!("raw {query_a}"), "request publickey A query")
        .replace(&format!("raw {pk_ok_a}"), "pk-ok A")
        .replace(&format!(" data {publickey_data}"), "");
    check("", &named, &[]);
}

/// The query is plain; packet and data are bound.
#[test]
fn host_bound_data_to_sign() {
    let [host_bound_data, query_a, pk_ok_a] =
        [host_bound_data(), query_a(), pk_ok_a()].map(|bytes| digits(&bytes));
    let signature = "0000000b7373682d65643235353139000000020102";
    let head = "session host-key H\nsession ext-info publickey-hostbound@openssh.com=0\n";
    let session_id = host_bound_data.get(..72).unwrap();
    let signed = host_bound_data.replacen(session_id, "", 1);
    let packet = format!("{signed}00000015{signature}");
    let conversation = format!(
        "C request none
S failure publickey
? public-key
! offer A
C raw {query_a}
S raw {pk_ok_a}
? signature A host-bound data {host_bound_data}
! sign blob:{signature}
C raw {packet}
S success
= start ssh-connection factors publickey:A
"
    );
    check(
        head,
        &conversation,
        &[&query_a, &pk_ok_a, &host_bound_data, &packet],
    );
}

/// The packet is the data without the length in front, but for the signature behind.
#[test]
fn bare_session_id() {
    let [publickey_data, query_a, pk_ok_a] =
        [publickey_data(), query_a(), pk_ok_a()].map(|bytes| digits(&bytes));
    let bare = publickey_data.get(8..).unwrap();
    let conversation = format!(
        "C request none
S failure publickey
? public-key
! offer A
C raw {query_a}
S raw {pk_ok_a}
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
    let [gssapi_response, gssapi_mic_data] =
        [gssapi_response(), gssapi_mic_data()].map(|bytes| digits(&bytes));
    let head = "config methods gssapi-with-mic\nconfig gssapi-mechanisms krb5\n";
    let conversation = format!(
        "C request none
S failure gssapi-with-mic
C request gssapi-with-mic krb5
S raw {gssapi_response}
? gssapi-token krb5 1
! established integrity
? gssapi-mic data {gssapi_mic_data}
! mic aabb
C gssapi-mic aabb
S success
= start ssh-connection factors gssapi-with-mic
"
    );
    check(head, &conversation, &[&gssapi_response, &gssapi_mic_data]);
}
