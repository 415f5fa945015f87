//! The numbers of messages: who reads which.

use ssh_userauth::wire::{
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
            error.reason() == DecodeReason::WrongNumber && error.message() == first
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
