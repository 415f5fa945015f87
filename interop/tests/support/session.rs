//! What comes after the login: proof that the connection works, and a proper good-bye.

use std::io::{Read, Write};

use interop::transport::{Incoming, Transport};
use ssh_userauth::GiveUp;

fn string(bytes: &[u8]) -> Vec<u8> {
    let mut out = u32::try_from(bytes.len()).unwrap().to_be_bytes().to_vec();
    out.extend_from_slice(bytes);
    out
}

fn payload<S: Read + Write>(transport: &mut Transport<S>) -> Vec<u8> {
    loop {
        if let Incoming::Payload(payload) = transport.recv().unwrap() {
            return payload;
        }
    }
}

/// Runs `command` over a connection that was just authenticated (RFC 4254 sections 5.1, 6.5); gives
/// what it wrote to its standard output. Its exit status must be 0.
pub(crate) fn run_command<S: Read + Write>(transport: &mut Transport<S>, command: &str) -> String {
    let (window, packet) = (&[0, 32, 0, 0][..], &[0, 0, 128, 0][..]);
    let open = [&[90], &string(b"session")[..], &[0; 4], window, packet].concat();
    transport.send(&open).unwrap();
    let channel = loop {
        let message = payload(transport);
        match message[0] {
            // EXT_INFO and global requests, which want no answer here.
            7 | 80 => {}
            91 => break message[5..9].to_vec(),
            other => panic!("message {other} instead of a channel"),
        }
    };
    let command = string(command.as_bytes());
    let exec = [&[98], &channel[..], &string(b"exec"), &[1], &command].concat();
    transport.send(&exec).unwrap();
    let (mut output, mut status) = (Vec::new(), None);
    loop {
        let message = payload(transport);
        match message[0] {
            94 => output.extend_from_slice(&message[9..]),
            98 if message[5..].starts_with(&string(b"exit-status")) => {
                status = message.last().copied();
            }
            100 => panic!("the command was refused"),
            97 => break,
            _ => {}
        }
    }
    assert_eq!(status, Some(0));
    String::from_utf8(output).unwrap()
}

/// Ends the connection as the machine advises (RFC 4253 section 11.1); gives the reason code.
pub(crate) fn disconnect<S: Read + Write>(transport: &mut Transport<S>, why: &GiveUp) -> u32 {
    let code = why.disconnect_reason().code();
    // Not the diagnosis, which names keys: that is for our own user.
    let text = string(why.ending().to_string().as_bytes());
    let message = [&[1], &code.to_be_bytes()[..], &text, &string(b"")].concat();
    transport.send(&message).unwrap();
    transport.flush().unwrap();
    code
}
