//! The messages about the service.

use ssh_userauth_testing::wire::{ServerMessage, ServiceAccept};

use crate::packets::{service_accept, service_accept_bare, service_accept_of_another};
use crate::{SERVICE, server};

#[test]
fn service_accept_is_decoded() {
    let name = Some(b"ssh-userauth".as_slice());
    server(
        &service_accept(),
        &ServerMessage::ServiceAccept(ServiceAccept { name }),
    );
}

#[test]
fn service_accept_without_a_name() {
    server(
        &service_accept_bare(),
        &ServerMessage::ServiceAccept(ServiceAccept { name: None }),
    );
}

#[test]
fn service_accept_of_another_service() {
    let name = Some(SERVICE);
    server(
        &service_accept_of_another(),
        &ServerMessage::ServiceAccept(ServiceAccept { name }),
    );
}
