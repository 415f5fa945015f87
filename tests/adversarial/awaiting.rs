//! A protocol error says what was awaited.

use ssh_userauth::{GssapiIntegrity, Method};

use crate::talk::{Talk, key_a, pk_ok, session, string, user};
use crate::vectors;

const KERBEROS: [u8; 11] = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2];

/// A FAILURE without its fields.
const CUT: &[u8] = &[51];

#[track_caller]
fn says(mut talk: Talk, part: &str) {
    talk.breaks(CUT);
    let error = talk.client.report().protocol_error().unwrap();
    let awaiting = error.awaiting();
    assert!(awaiting.contains(part), "{awaiting:?} without {part:?}");
}

fn gssapi() -> Talk {
    let config = user().methods([Method::GssapiWithMic]);
    Talk::listed(config.gssapi_mechanisms([KERBEROS]), "gssapi-with-mic")
}

fn with_mechanism() -> Talk {
    let mut talk = gssapi();
    talk.hear(&vectors::gssapi_response());
    talk
}

#[test]
fn the_service_and_the_methods() {
    says(Talk::fresh(user()), "service");
    says(Talk::accepted(user()), "`none`");
    let mut password = Talk::listed(user(), "password");
    password.password("x");
    says(password, "password");
    says(
        Talk::listed(user(), "keyboard-interactive"),
        "keyboard-interactive",
    );
    says(Talk::listed(user(), "publickey"), "question to the caller");
}

#[test]
fn a_key_and_its_signature() {
    let mut talk = Talk::listed(user(), "publickey");
    talk.offer(&key_a());
    says(talk, "query");
    let mut talk = Talk::listed(user(), "publickey");
    talk.offer(&key_a());
    talk.hear(&pk_ok("ssh-ed25519", key_a().blob()));
    talk.sign();
    says(talk, "signature");
}

#[test]
fn the_steps_of_gssapi() {
    says(gssapi(), "mechanism");
    let mut talk = with_mechanism();
    let need = take!(talk, NeedGssapiToken);
    talk.answer(need.token(*b"token"));
    says(talk, "token");
    let mut talk = with_mechanism();
    let need = take!(talk, NeedGssapiToken);
    talk.answer(need.token(*b"token"));
    let mut errtok = vec![65];
    errtok.extend(string(b"broken"));
    talk.hear(&errtok);
    says(talk, "refusal");
    let mut talk = with_mechanism();
    let need = take!(talk, NeedGssapiToken);
    talk.answer(need.established(None, GssapiIntegrity::Available));
    let need = take!(talk, NeedGssapiMic);
    talk.answer(need.mic(*b"code"));
    says(talk, "MIC");
    let session = session().gssapi_key_exchange();
    let config = user().methods([Method::GssapiKeyex]);
    let mut talk = Talk::with(config, session);
    talk.hear(&vectors::service_accept());
    talk.refuse("gssapi-keyex");
    let need = take!(talk, NeedGssapiMic);
    talk.answer(need.mic(*b"code"));
    says(talk, "MIC");
}
