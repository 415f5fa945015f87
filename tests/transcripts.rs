//! Every file of `tests/transcripts` is a test of its own. Each is one conversation; the grammar
//! stands in `ssh_userauth::testing`.
//!
//! With `UPDATE_TRANSCRIPTS=1` in the environment, the files are written anew with what the
//! machine does now. Read the difference before you believe it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;
use std::{env, fs};

use ssh_userauth::testing::Transcript;

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts")
}

fn check(name: &str) {
    let path = directory().join(name).with_extension("txt");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    let transcript: Transcript = text
        .parse()
        .unwrap_or_else(|error| panic!("{name}.txt, {error}"));
    if env::var_os("UPDATE_TRANSCRIPTS").is_some() {
        fs::write(&path, transcript.play().unwrap().to_string()).unwrap();
    } else if let Err(mismatch) = transcript.check() {
        panic!("{name}.txt: {mismatch}");
    }
    assert!(
        text.starts_with("# "),
        "{name}.txt begins with what it shows"
    );
    assert_eq!(
        transcript.to_string(),
        text,
        "{name}.txt is in the usual spelling, so that printing and reading it changes nothing"
    );
}

macro_rules! transcripts {
    ($($name:ident)*) => {
        const NAMES: &[&str] = &[$(stringify!($name)),*];

        $(
            #[test]
            fn $name() {
                check(stringify!($name));
            }
        )*
    };
}

transcripts! {
    banner_flood
    banner_flood_without_end
    banner_in_every_state
    banner_too_long
    banner_truncated
    banner_with_language
    cancel_before_the_service
    cancel_while_answering
    cancel_while_asking_password
    cancel_while_changing_password
    cancel_while_checking_password
    cancel_while_choosing_keys
    cancel_while_learning_the_methods
    cancel_while_proving
    cancel_while_querying
    cancel_while_signing
    change_declined
    change_demanded_again
    change_demanded_of_a_key
    change_demanded_too_often
    change_partial
    change_refused
    change_refused_while_asked
    change_success
    change_too_long
    connection_message_early
    decline_everything
    decline_for_the_caller
    extensions_absurd_count
    extensions_three_times
    extensions_truncated
    extensions_three_times_with_session
    extensions_unknown
    extensions_with_nul
    failure_absurd_length
    failure_before_the_service
    failure_truncated
    failure_while_asking_password
    failure_while_choosing_keys
    failure_while_signing
    failure_with_nul
    global_request_early
    host_bound_announced_late
    host_bound_never
    host_bound_not_announced
    host_bound_preferred
    host_bound_required
    host_bound_required_and_unavailable
    interactive_absurd_count
    interactive_asked_twice
    interactive_declined_midway
    interactive_empty_answers
    interactive_hostile_text
    interactive_one_round
    interactive_refused_after_zero_prompts
    interactive_refused_at_once
    interactive_refused_while_asked
    interactive_second_try
    interactive_several_prompts
    interactive_several_rounds
    interactive_submethods
    interactive_success_at_once
    interactive_text_without_prompts
    interactive_three_tries
    interactive_too_many_prompts
    interactive_too_many_rounds
    interactive_truncated_prompt
    interactive_wrong_count
    interactive_zero_prompts_only
    messages_of_other_layers
    methods_none_at_all
    methods_replaced_by_every_refusal
    methods_unknown_only
    methods_with_empty_names
    none_answered_with_method_message
    none_called_a_partial_success
    none_intended
    none_intended_and_refused
    none_last_where_nothing_was_sent
    none_open_server
    none_open_server_rejected
    number_of_no_method
    number_unassigned
    packet_empty
    packet_too_large
    partial_after_query
    partial_and_nothing_left
    partial_any_order_key_first
    partial_any_order_password_first
    partial_flag_of_two
    partial_key_and_interactive
    partial_key_and_password
    partial_password_and_key
    partial_password_twice
    partial_three_factors
    partial_too_often
    partial_two_keys
    partial_two_keys_offered_again
    password_any_bytes
    password_declined
    password_right
    password_too_long
    password_tries_limited
    password_unencrypted
    password_wrong_three_times
    pk_ok_twice
    pk_ok_with_another_key
    pk_ok_with_foreign_algorithm
    pk_ok_with_half_a_key
    pk_ok_with_sibling_algorithm
    publickey_certificate
    publickey_certificate_then_plain_key
    publickey_many_at_once
    publickey_method_goes_away
    publickey_offered_twice
    publickey_one_by_one
    publickey_open_server
    publickey_open_server_rejected
    publickey_security_key
    publickey_signature_declined
    publickey_signature_refused
    publickey_signed_with_garbage
    publickey_signed_with_sha1
    publickey_too_many_offered
    publickey_unknown_type
    publickey_unprobed
    publickey_unprobed_and_accepted_by_query
    requests_spent
    role_reversed_request
    role_reversed_response
    role_reversed_service_request
    rsa_list_between_query_and_signature
    rsa_restricted_signer
    rsa_second_extension_list
    rsa_sha1_allowed
    rsa_sha1_only_listed
    rsa_sha256_only_listed
    rsa_sha512_listed
    rsa_without_list
    service_accept_of_another
    service_accept_twice
    service_accept_without_name
    service_accepted
    service_another_to_start
    service_banner_and_extensions_before
    service_request_sent
    service_requested_by_us
    service_user_of_bytes
    success_after_banner
    success_after_query
    success_before_the_service
    success_then_failure
    success_while_answering
    success_while_asking_password
    success_while_changing_password
    success_while_choosing_keys
    success_while_signing
    success_with_a_byte_behind
}

#[test]
fn no_file_is_forgotten() {
    let mut files: Vec<String> = fs::read_dir(directory())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    files.sort();
    let mut names = NAMES.to_vec();
    names.sort_unstable();
    assert_eq!(files, names);
}

/// Every file ends, and says whether it is a login.
#[test]
fn every_conversation_has_one_end() {
    for name in NAMES {
        let text = fs::read_to_string(directory().join(name).with_extension("txt")).unwrap();
        let ends = text.lines().filter(|line| line.starts_with("= "));
        let errors = ends.clone().filter(|line| line.contains("protocol-error"));
        // Only an error is repeated.
        let (ends, errors) = (ends.count(), errors.count());
        assert!(ends == 1 || (ends > 0 && ends == errors), "{name}");
    }
}

/// A transcript that leaves out anything that comes out is wrong, whichever line it is.
#[test]
fn no_line_can_be_left_out() {
    for name in NAMES {
        let text = fs::read_to_string(directory().join(name).with_extension("txt")).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            if !line.starts_with(['C', '?', '*', '=']) {
                continue;
            }
            let mut others = lines.clone();
            others.remove(index);
            let shorter: Transcript = others.join("\n").parse().unwrap();
            let mismatch = shorter.check().expect_err(line).to_string();
            let marked = format!("+ {line}\n");
            assert!(
                mismatch.contains(&marked),
                "{name} without {line}: {mismatch}"
            );
        }
    }
}

#[test]
fn what_is_no_transcript_says_where_and_why() {
    for (text, line, reason) in [
        ("C request pasword x", 1, "there is no request \"pasword\""),
        ("# fine\n\nX hello", 3, "no line begins with \"X\""),
        ("S", 1, "what the server says is missing"),
        ("S success now", 1, "now does not belong here"),
        ("S banner two words", 1, "words does not belong here"),
        ("S banner \"two words", 1, "a quote is not closed"),
        ("S raw 3", 1, "\"3\" is not pairs of hexadecimal digits"),
        ("S success times often", 1, "times needs a number"),
        ("! password x => eaten", 1, "there is no outcome \"eaten\""),
        ("? password first", 1, "attempt: \"first\" is not a number"),
        ("= give-up 14", 1, "ending is missing"),
        ("* partial magic", 1, "there is no method \"magic\""),
        ("config methods magic", 1, "there is no method \"magic\""),
        ("config limit max_fun 1", 1, "there is no limit \"max_fun\""),
        (
            "config trivial maybe",
            1,
            "trivial: \"maybe\" is none of accept, reject",
        ),
        ("turn mine", 1, "it is never the turn of \"mine\""),
        (
            "S success\nconfig user bob",
            2,
            "the head ends where the conversation begins",
        ),
    ] {
        let error = text.parse::<Transcript>().expect_err(text);
        assert_eq!((error.line(), error.reason()), (line, reason), "{text}");
        assert_eq!(error.to_string(), format!("line {line}: {reason}"));
    }
}

#[test]
fn a_mismatch_reads_as_a_difference() {
    let wrong: Transcript =
        "C service-request ssh-userauth\nS service-accept\nC request password x\n\
        S failure password\n? password 1\n! answer y\n"
            .parse()
            .unwrap();
    assert_eq!(
        wrong.check().unwrap_err().to_string(),
        "the conversation took another course (- transcript, + machine):\n  \
           C service-request ssh-userauth\n  \
           S service-accept\n\
         - C request password x\n\
         + C request none\n  \
           S failure password\n  \
           ? password 1\n\
         - ! answer y\n\
         + ! answer y => not-asked\n"
    );
    let head: Transcript = "session id \"\"".parse().unwrap();
    let error = head.check().unwrap_err().to_string();
    assert_eq!(
        error,
        "no machine can be made from the head: the session identifier is empty\n"
    );
}
