//! Every file of `tests/transcripts` is a test of its own. Each is one conversation; the grammar
//! stands in `ssh_userauth_testing`.
//!
//! With `UPDATE_TRANSCRIPTS=1` in the environment, the files are written anew with what the
//! machine does now. Read the difference before you believe it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

extern crate alloc;

use std::path::PathBuf;
use std::{env, fs};

use ssh_userauth_testing::Transcript;

#[path = "transcripts/format.rs"]
mod format;
#[macro_use]
#[path = "transcripts/list.rs"]
mod list;
#[path = "transcripts/policies.rs"]
mod policies;
#[path = "transcripts/vectors.rs"]
mod vectors;

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("transcripts")
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
    } else {
        // Head, comments and inputs are kept, and all else is as it came out.
        assert_eq!(transcript.play().unwrap().to_string(), text, "{name}.txt");
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

transcripts! {
    banner_flood
    banner_flood_without_end
    banner_in_every_state
    banner_too_long
    banner_truncated
    banner_with_language
    another_answer_than_was_asked
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
    certificate_asked_about_twice
    change_declined
    change_demanded_again
    change_demanded_of_a_key
    change_demanded_too_often
    change_partial
    change_refused
    change_refused_while_asked
    change_success
    change_too_long
    choice_before_any_list
    choice_by_decline_pending
    choice_declined
    choice_each_in_turn
    choice_list_changes
    choice_of_an_own_method
    choice_of_keys
    choice_of_none_of_them
    choice_refused_while_asked
    choice_success_while_asked
    connection_message_early
    decline_everything
    decline_for_the_caller
    extensions_absurd_count
    extensions_three_times
    extensions_three_times_with_session
    extensions_truncated
    extensions_unknown
    extensions_with_nul
    failure_absurd_length
    failure_before_the_service
    failure_truncated
    failure_while_asking_password
    failure_while_choosing_keys
    failure_while_signing
    failure_with_nul
    fallback_after_partial_success
    fallback_after_query
    fallback_after_signature
    fallback_never
    fallback_not_after_query
    fallback_of_another_key
    fallback_of_certificate
    fallback_of_certificate_by_type
    fallback_to_signer
    fallback_to_signer_not_allowed
    fallback_to_signer_not_listed
    fallback_to_signer_once
    fallback_without_list
    global_request_early
    gssapi_chosen_twice
    gssapi_code_declined
    gssapi_complete_at_once
    gssapi_empty_token
    gssapi_error_at_once
    gssapi_error_of_the_server
    gssapi_error_then_success
    gssapi_error_token_and_error
    gssapi_error_token_then_success
    gssapi_error_token_then_token
    gssapi_last_token_with_mic
    gssapi_mechanism_badly_encoded
    gssapi_mechanism_not_offered
    gssapi_mechanism_of_wrong_length
    gssapi_not_configured
    gssapi_one_round
    gssapi_partial
    gssapi_refused_at_once
    gssapi_refused_midway
    gssapi_refused_while_asking_code
    gssapi_refused_while_asking_token
    gssapi_second_mechanism
    gssapi_success_before_choice
    gssapi_success_before_code
    gssapi_success_while_asking_code
    gssapi_token_before_choice
    gssapi_token_declined
    gssapi_token_truncated
    gssapi_too_many_tokens
    gssapi_two_rounds
    gssapi_without_integrity
    gssapi_without_integrity_rejected
    host_bound_announced_late
    host_bound_never
    host_bound_not_announced
    host_bound_preferred
    host_bound_required
    host_bound_required_and_unavailable
    hostbased_answered_with_method_message
    hostbased_behind_another_factor
    hostbased_certificate
    hostbased_declined
    hostbased_goes_away_while_asked
    hostbased_not_configured
    hostbased_partial
    hostbased_refused_while_asked
    hostbased_rejected
    hostbased_right
    hostbased_second_key
    hostbased_second_list
    hostbased_signed_with_sha1
    hostbased_with_rsa
    hostbased_with_rsa_without_list
    hostbased_without_algorithm
    hostbased_without_key
    interactive_absurd_count
    interactive_asked_twice
    interactive_declined_midway
    interactive_empty_answers
    interactive_hostile_text
    interactive_one_round
    interactive_refused_after_zero_prompts
    interactive_refused_at_once
    interactive_refused_while_asked
    interactive_second_round_refused_while_asked
    interactive_second_try
    interactive_several_prompts
    interactive_several_rounds
    interactive_submethods
    interactive_success_at_once
    interactive_name_without_prompts
    interactive_text_without_prompts
    interactive_three_tries
    interactive_too_many_prompts
    interactive_too_many_rounds
    interactive_truncated_prompt
    interactive_wrong_count
    interactive_zero_prompts_only
    keyex_answered_with_token
    keyex_behind_another_factor
    keyex_declined
    keyex_goes_away_while_asked
    keyex_refused
    keyex_right
    keyex_without_key_exchange
    late_prompts
    late_refusal
    late_refusal_after_next_request
    late_refusal_counts
    late_refusal_of_gssapi
    late_refusal_of_password_change
    late_refusal_twice
    late_refusal_while_choosing
    late_refusal_with_another_list
    late_success
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
    own_behind_another_factor
    own_cancelled
    own_declined_midway
    own_dialogue
    own_message_behind_empty_request
    own_not_listed
    own_number_out_of_range
    own_number_unassigned
    own_partial
    own_refused_before_request
    own_refused_three_times
    own_refused_while_asked
    own_request_declined
    own_right
    own_silence
    own_silence_then_success
    own_speaks_twice
    own_success_while_asked
    own_too_many_rounds
    own_tries_limited
    own_unencrypted
    own_with_empty_messages
    own_with_empty_request
    own_with_empty_request_rejected
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
    policy_names_sha1
    policy_of_exact_names
    policy_of_one_hash
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
    quirk_bare_session_id
    quirk_bare_session_id_hostbased
    quirk_rsa_certificate_by_type
    quirk_rsa_certificate_signed_with_sha1
    quirk_unlisted_rsa_sha2
    quirk_unlisted_rsa_sha2_unset
    requests_spent
    role_reversed_request
    role_reversed_response
    role_reversed_service_request
    rsa_list_after_query_by_type
    rsa_list_after_signature
    rsa_list_between_query_and_signature
    rsa_restricted_signer
    rsa_second_extension_list
    rsa_second_list_while_asked
    rsa_sha1_allowed
    rsa_sha1_only_listed
    rsa_sha1_unlisted
    rsa_sha1_unlisted_only
    rsa_sha256_only_listed
    rsa_sha512_listed
    rsa_without_list
    rsa_without_list_unprobed
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

fn names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().chain(policies::NAMES).copied()
}

#[test]
fn no_file_is_forgotten() {
    let mut files: Vec<String> = fs::read_dir(directory())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "txt"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    files.sort();
    let mut names: Vec<&str> = names().collect();
    names.sort_unstable();
    assert_eq!(files, names);
}

/// Every file ends, and says whether it is a login.
#[test]
fn every_conversation_has_one_end() {
    for name in names() {
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
    for name in names() {
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
