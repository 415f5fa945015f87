//! The numbers of messages: who reads which.

use ssh_userauth_testing::wire::{
    ClientMessage, DecodeError, DecodeReason, InfoResponse, MethodMessage, PkOk, ServerMessage,
    number,
};

use crate::refused;

/// Each role takes the other's messages for what they are: not its own.
#[test]
fn every_number_is_taken_by_the_right_role_only() {
    refused(
        ServerMessage::decode(&[]),
        "message number",
        DecodeReason::Empty,
    );
    refused(
        ClientMessage::decode(&[]),
        "message number",
        DecodeReason::Empty,
    );
    refused(
        MethodMessage::decode(&[]),
        "message number",
        DecodeReason::Empty,
    );
    for first in 0..=255 {
        let wrong = |error: DecodeError| {
            error.reason() == DecodeReason::WrongNumber && error.message_number() == first
        };
        let by_server = matches!(first, 6 | 7 | 51..=53 | 60..=79);
        let by_client = matches!(first, 5 | 7 | 50 | 60..=79);
        assert_eq!(
            ServerMessage::decode(&[first]).is_err_and(wrong),
            !by_server,
            "{first}"
        );
        assert_eq!(
            ClientMessage::decode(&[first]).is_err_and(wrong),
            !by_client,
            "{first}"
        );
        assert_eq!(
            MethodMessage::new(first, &[]).is_some(),
            matches!(first, 60..=79)
        );
        assert!(!number::name(first).is_empty());
        if let Ok(message) = ServerMessage::decode(&[first]) {
            assert_eq!(message.number(), first);
        }
        if let Ok(message) = ClientMessage::decode(&[first]) {
            assert_eq!(message.number(), first);
        }
    }
}

#[test]
fn method_messages_of_another_number_are_refused() {
    let message = MethodMessage::new(62, &[]).unwrap();
    refused(
        PkOk::decode(&message),
        "message number",
        DecodeReason::WrongNumber,
    );
    refused(
        InfoResponse::decode(&message),
        "message number",
        DecodeReason::WrongNumber,
    );
    refused(
        PkOk::decode_payload(&[61]),
        "message number",
        DecodeReason::WrongNumber,
    );
    refused(
        PkOk::decode_payload(&[]),
        "message number",
        DecodeReason::Empty,
    );
}

/// RFC 4250 section 4.1.2, and RFC 8308 for EXT_INFO.
#[test]
fn numbers_have_the_names_of_the_assigned_list() {
    for (number, name) in [
        (1, "DISCONNECT"),
        (2, "IGNORE"),
        (3, "UNIMPLEMENTED"),
        (4, "DEBUG"),
        (5, "SERVICE_REQUEST"),
        (6, "SERVICE_ACCEPT"),
        (7, "EXT_INFO"),
        (50, "USERAUTH_REQUEST"),
        (51, "USERAUTH_FAILURE"),
        (52, "USERAUTH_SUCCESS"),
        (53, "USERAUTH_BANNER"),
    ] {
        assert_eq!(number::name(number), name);
    }
    for (range, part) in [
        (20..=49, "key exchange"),
        (54..=59, "authentication"),
        (60..=79, "method-specific"),
        (80..=127, "connection protocol"),
        (192..=255, "local extension"),
    ] {
        for number in range {
            assert!(number::name(number).contains(part), "{number}");
        }
    }
}
