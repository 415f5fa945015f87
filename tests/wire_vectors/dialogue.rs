//! What the server says in a dialogue: PK_OK, PASSWD_CHANGEREQ, INFO_REQUEST.

use ssh_userauth_testing::wire::{DecodeReason, InfoRequest, PasswdChangeReq, PkOk, Prompt};

use crate::packets::{
    hex, v07, v08, v09, v09_hidden, v10, v26, v27, v28, v30_no_echo, v30_short, v30_trailing,
};
use crate::{ED25519, blob, encoded, method, refused};

#[test]
fn v07_v08_prompts_that_are_not_there() {
    for bytes in [v07(), v08()] {
        assert_eq!(bytes.len(), 17);
        refused(
            InfoRequest::decode(&method(&bytes)),
            "number of prompts",
            DecodeReason::CountPastEnd,
        );
    }
}

#[test]
fn v09_info_request() {
    for (bytes, prompts) in [
        (v09(), vec![]),
        (
            v09_hidden(),
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
fn v10_terminal_sequences_come_through_as_bytes_and_are_escaped_in_debug() {
    let bytes = v10();
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
fn v26_v27_pk_ok() {
    for (bytes, byte) in [(v26(), 0xaa), (v27(), 0xbb)] {
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
fn v28_password_change() {
    let bytes = v28();
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
fn v30_info_requests_that_end_wrong() {
    for (bytes, field, reason) in [
        (v30_no_echo(), "echo", DecodeReason::Truncated),
        (v30_short(), "prompt", DecodeReason::Truncated),
        (
            v30_trailing(),
            "number of prompts",
            DecodeReason::TrailingBytes,
        ),
    ] {
        refused(InfoRequest::decode(&method(&bytes)), field, reason);
        refused(InfoRequest::decode_payload(&bytes), field, reason);
    }
}
