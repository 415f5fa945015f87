//! What the server says in a dialogue: PK_OK, PASSWD_CHANGEREQ, INFO_REQUEST.

use ssh_userauth_testing::wire::{DecodeReason, InfoRequest, PasswdChangeReq, PkOk, Prompt};

use crate::packets::{
    change_request, hex, info_request_empty, info_request_hidden, info_request_hostile,
    info_request_huge_count, info_request_max_count, info_request_no_echo,
    info_request_prompt_missing, info_request_trailing, pk_ok_a, pk_ok_b,
};
use crate::{ED25519, blob, encoded, method, refused};

#[test]
fn prompts_that_are_not_there() {
    for bytes in [info_request_max_count(), info_request_huge_count()] {
        assert_eq!(bytes.len(), 17);
        refused(
            InfoRequest::decode(&method(&bytes)),
            "number of prompts",
            DecodeReason::CountPastEnd,
        );
    }
}

#[test]
fn info_request_is_decoded() {
    for (bytes, prompts) in [
        (info_request_empty(), vec![]),
        (
            info_request_hidden(),
            vec![Prompt {
                text: b"Password: ",
                echo: false,
            }],
        ),
    ] {
        let expected = InfoRequest {
            name: b"",
            instruction: b"",
            language: b"",
            prompts,
        };
        assert_eq!(InfoRequest::decode(&method(&bytes)).as_ref(), Ok(&expected));
        assert_eq!(InfoRequest::decode_payload(&bytes).as_ref(), Ok(&expected));
        assert_eq!(encoded(&expected), bytes);
    }
}

#[test]
fn terminal_sequences_come_through_as_bytes_and_are_escaped_in_debug() {
    let bytes = info_request_hostile();
    let request = InfoRequest::decode(&method(&bytes)).unwrap();
    assert_eq!(request.instruction, b"\x1b]52;c;cHduZWQ=\x07");
    assert_eq!(
        request.prompts,
        [Prompt {
            text: b"\x1b[2J\x1b[1;1HPassword: ",
            echo: false
        }]
    );
    assert_eq!(encoded(&request), bytes);
    assert!(
        format!("{request:?}")
            .bytes()
            .all(|byte| (0x20..0x7f).contains(&byte))
    );
}

#[test]
fn pk_ok_is_decoded() {
    for (bytes, byte) in [(pk_ok_a(), 0xaa), (pk_ok_b(), 0xbb)] {
        let key = blob(byte);
        let expected = PkOk {
            algorithm: ED25519,
            key: &key,
        };
        assert_eq!(PkOk::decode(&method(&bytes)), Ok(expected));
        assert_eq!(encoded(&expected), bytes);
    }
}

#[test]
fn password_change_is_decoded() {
    let bytes = change_request();
    let expected = PasswdChangeReq {
        prompt: b"expired",
        language: b"",
    };
    assert_eq!(PasswdChangeReq::decode(&method(&bytes)), Ok(expected));
    assert_eq!(encoded(&expected), bytes);
    let error = PasswdChangeReq::decode_payload(&hex("3c0000000765787069726564")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "USERAUTH_PASSWD_CHANGEREQ: field `language tag`: the payload ends too early"
    );
}

#[test]
fn info_requests_that_end_wrong() {
    for (bytes, field, reason) in [
        (info_request_no_echo(), "echo", DecodeReason::Truncated),
        (
            info_request_prompt_missing(),
            "prompt",
            DecodeReason::Truncated,
        ),
        (
            info_request_trailing(),
            "number of prompts",
            DecodeReason::TrailingBytes,
        ),
    ] {
        refused(InfoRequest::decode(&method(&bytes)), field, reason);
        refused(InfoRequest::decode_payload(&bytes), field, reason);
    }
}
