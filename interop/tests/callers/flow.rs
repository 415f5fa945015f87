//! A server that sees to it that packets flow in both directions while a signature is awaited.

use std::os::unix::net::UnixStream;
use std::thread::{self, JoinHandle};

use interop::transport::{HostKey, Incoming, ServerConfig, Transport};
use ssh_userauth_testing::wire::{
    Banner, ClientMessage, Failure, NameList, PkOk, RequestMethod, ServiceAccept, Success,
    encode_exact,
};

/// In the range for private use (RFC 4250 section 4.1.2): nobody knows it, and RFC 4253 section
/// 11.4 wants an answer.
const PING: u8 = 192;

pub(crate) struct FlowServer {
    pub(crate) host_key: Vec<u8>,
    thread: JoinHandle<Vec<&'static str>>,
}

impl FlowServer {
    /// Takes the first key it is asked about, and then sends what has to be answered. Only when
    /// the answer has come it sends a banner.
    pub(crate) fn start() -> (Self, UnixStream) {
        let (client, stream) = UnixStream::pair().unwrap();
        let key = HostKey::generate().unwrap();
        let host_key = key.blob().to_vec();
        let thread = thread::spawn(move || {
            let mut transport = Transport::server(stream, ServerConfig::new(key)).unwrap();
            let mut events = Vec::new();
            while let Ok(incoming) = transport.recv() {
                for reply in replies(&incoming, &mut events) {
                    transport.send(&reply).unwrap();
                }
            }
            events
        });
        (Self { host_key, thread }, client)
    }

    /// What came from the client, in order. It must have closed its end.
    pub(crate) fn events(self) -> Vec<&'static str> {
        self.thread.join().unwrap()
    }
}

fn replies(incoming: &Incoming, events: &mut Vec<&'static str>) -> Vec<Vec<u8>> {
    let Incoming::Payload(payload) = incoming else {
        events.push("ping answered");
        let (message, language) = (&b"Touch your key."[..], &b""[..]);
        return vec![encode_exact(&Banner { message, language }).unwrap()];
    };
    let request = match ClientMessage::decode(payload).unwrap() {
        ClientMessage::ServiceRequest(request) => {
            let name = Some(request.name);
            return vec![encode_exact(&ServiceAccept { name }).unwrap()];
        }
        ClientMessage::Request(request) => request,
        other => panic!("{other:?}"),
    };
    match request.method {
        RequestMethod::PublicKey {
            algorithm,
            key,
            signature: None,
        } if events.is_empty() => {
            events.push("key taken");
            vec![encode_exact(&PkOk { algorithm, key }).unwrap(), vec![PING]]
        }
        RequestMethod::PublicKey {
            signature: Some(_), ..
        } => {
            events.push("signature");
            vec![encode_exact(&Success).unwrap()]
        }
        _ => {
            let methods = NameList::try_from("publickey").unwrap();
            let partial_success = false;
            vec![
                encode_exact(&Failure {
                    methods,
                    partial_success,
                })
                .unwrap(),
            ]
        }
    }
}
