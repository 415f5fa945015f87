//! What `Debug` shows, and what it does not.

use ssh_userauth_testing::wire::{
    ClientMessage, GssapiToken, InfoResponse, MethodMessage, Request, RequestMethod, ServerMessage,
};

use crate::{SERVICE, USER};

#[test]
fn secrets_are_not_in_debug() {
    const SECRET: &[u8] = b"hunter2";
    let request = |method| Request {
        user: USER,
        service: SERVICE,
        method,
    };
    let message = MethodMessage::new(61, SECRET).unwrap();
    let shown = [
        format!(
            "{:?}",
            request(RequestMethod::Password { password: SECRET })
        ),
        format!(
            "{:?}",
            request(RequestMethod::PasswordChange {
                old: SECRET,
                new: SECRET
            })
        ),
        format!(
            "{:?}",
            request(RequestMethod::Other {
                name: b"x",
                data: SECRET
            })
        ),
        format!(
            "{:?}",
            InfoResponse {
                responses: vec![SECRET]
            }
        ),
        format!("{:?}", GssapiToken { token: SECRET }),
        format!("{message:?}"),
        format!("{:?}", ServerMessage::Method(message)),
        format!("{:?}", ClientMessage::Method(message)),
    ];
    let as_numbers = format!("{SECRET:?}");
    for text in shown {
        assert!(text.contains("<7 bytes>"), "{text}");
        assert!(
            !text.contains("hunter2") && !text.contains(as_numbers.trim_matches(['[', ']'])),
            "{text}"
        );
    }
}
