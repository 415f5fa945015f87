//! A machine driven by hand, with the server's part as messages: public API only.

use ssh_encoding::Encode;
use ssh_userauth::{Action, Config, Pipelining, Receipt, ServiceRequest, Session, UserAuthClient};
use ssh_userauth_testing::wire::{Failure, NameList, encode_exact};

/// A machine whose service was accepted, and which sends one request at a time.
pub(crate) fn client_in(config: Config, session: Session) -> UserAuthClient {
    let session = session.service_request(ServiceRequest::Accepted);
    UserAuthClient::new(config.pipelining(Pipelining::Off), session).unwrap()
}

/// All that comes out but the last action, which is returned.
pub(crate) fn last(client: &mut UserAuthClient) -> Action {
    core::iter::from_fn(|| client.poll_action())
        .last()
        .expect("something comes out")
}

/// The request that comes out is on its way.
pub(crate) fn send(client: &mut UserAuthClient) {
    assert!(matches!(last(client), Action::SendRequest(_)));
}

pub(crate) fn hear(client: &mut UserAuthClient, message: &impl Encode) {
    let payload = encode_exact(message).unwrap();
    assert_eq!(client.handle_packet(&payload), Ok(Receipt::Taken));
}

pub(crate) fn refuse(client: &mut UserAuthClient, methods: &'static str) {
    let methods = NameList::try_from(methods).unwrap();
    let partial_success = false;
    hear(
        client,
        &Failure {
            methods,
            partial_success,
        },
    );
}

/// The question that comes, of this kind.
macro_rules! ask {
    ($client:expr, $variant:ident) => {
        match crate::driver::last($client) {
            Action::$variant(need) => need,
            other => panic!("{} was expected, not {other:?}", stringify!($variant)),
        }
    };
}
pub(crate) use ask;
