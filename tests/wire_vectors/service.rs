//! The messages about the service.

use ssh_userauth_testing::wire::{ServerMessage, ServiceAccept};

use crate::packets::{v01, v02, v03};
use crate::{SERVICE, server};

#[test]
fn v01_service_accept() {
    let name = Some(b"ssh-userauth".as_slice());
    server(
        &v01(),
        &ServerMessage::ServiceAccept(ServiceAccept { name }),
    );
}

#[test]
fn v02_service_accept_without_a_name() {
    server(
        &v02(),
        &ServerMessage::ServiceAccept(ServiceAccept { name: None }),
    );
}

#[test]
fn v03_service_accept_of_another_service() {
    let name = Some(SERVICE);
    server(
        &v03(),
        &ServerMessage::ServiceAccept(ServiceAccept { name }),
    );
}
