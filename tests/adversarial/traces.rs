//! Good conversations, packet by packet, and a caller who answers everything the same way.

use ssh_userauth::{
    Action, Answer, ClientHost, Config, GssapiIntegrity, Method, MethodChoice, Pipelining, Receipt,
    Secret,
};

use crate::talk::{
    Talk, banner, failure, identity, key_a, key_b, prompts, signature, string, user,
};
use crate::vectors;

pub(crate) struct Trace {
    pub(crate) name: &'static str,
    pub(crate) config: Config,
    /// What the server says, each when it is its turn.
    pub(crate) packets: Vec<Vec<u8>>,
}

pub(crate) const KERBEROS: [u8; 11] = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2];

/// The same answer to the same question, always.
pub(crate) fn reply(question: Action) -> Option<Answer> {
    Some(match question {
        Action::NeedPublicKey(need) => match need.offered() {
            0 => need.offer(key_a()),
            1 => need.offer(key_b()),
            _ => need.none_left(),
        },
        Action::NeedSignature(need) => {
            let blob = signature(need.signature_algorithm());
            need.signed(blob).unwrap()
        }
        Action::NeedHostSignature(need) => {
            let blob = signature(need.signature_algorithm());
            need.signed(blob).unwrap()
        }
        Action::NeedPassword(need) => need.password("secret"),
        Action::NeedNewPassword(need) => need.change("secret", "geheim"),
        Action::NeedAnswers(need) => need.answer_each(|_| Secret::from("answer")),
        Action::NeedGssapiToken(need) => match need.step() {
            1 => need.token(*b"token"),
            _ => need.established(None, GssapiIntegrity::Available),
        },
        Action::NeedGssapiMic(need) => need.mic(*b"mic"),
        Action::NeedMethod(need) => {
            let first = need.choices()[0];
            need.choose(first).unwrap()
        }
        Action::NeedMethodRequest(need) => need.request("request"),
        Action::NeedMethodMessage(need) => need.message(61, "message").unwrap(),
        _ => return None,
    })
}

impl Talk {
    /// Answers whatever is asked.
    pub(crate) fn answer_all(&mut self) {
        while let Some(question) = self.asked.take() {
            let answer = reply(question).unwrap();
            // A question that was withdrawn meanwhile is answered in vain.
            let _ = self.command(|client| client.handle_answer(answer));
        }
    }

    /// Hears a packet of any kind, and answers what is asked then.
    pub(crate) fn suffer(&mut self, packet: &[u8]) -> bool {
        let result = self.command(|client| client.handle_packet(packet));
        match result {
            Ok(receipt) => {
                self.answer_all();
                receipt == Receipt::Taken
            }
            Err(_) => {
                self.asked = None;
                false
            }
        }
    }
}

impl Trace {
    /// The conversation before the packet of this index.
    pub(crate) fn until(&self, index: usize) -> Talk {
        let mut talk = Talk::fresh(self.config.clone());
        talk.answer_all();
        for packet in &self.packets[..index] {
            assert!(talk.suffer(packet), "{}: {packet:?}", self.name);
        }
        talk
    }
}

fn trace(name: &'static str, config: Config, packets: &[&[u8]]) -> Trace {
    let packets = packets.iter().map(|packet| packet.to_vec()).collect();
    Trace {
        name,
        config,
        packets,
    }
}

/// One of every kind; all end in a login.
pub(crate) fn all() -> Vec<Trace> {
    let mut all = usual();
    all.extend(unusual());
    all
}

fn refusal(list: &str) -> Vec<u8> {
    failure(list, false)
}

/// The methods of the default order.
fn usual() -> Vec<Trace> {
    let (accept, success) = (&vectors::service_accept()[..], &vectors::success()[..]);
    let (refused, hidden) = (
        &refusal("publickey")[..],
        &vectors::info_request_hidden()[..],
    );
    let (password, kbdint) = (
        &refusal("password")[..],
        &refusal("keyboard-interactive")[..],
    );
    let two = &prompts(&[("Password: ", false), ("Code: ", true)])[..];
    let (ok_a, ok_b) = (&vectors::pk_ok_a()[..], &vectors::pk_ok_b()[..]);
    let (list, change) = (&vectors::sig_algs()[..], &vectors::change_request()[..]);
    let more = &failure("keyboard-interactive,password", true)[..];
    let silent = &vectors::info_request_empty()[..];
    let conversations: [(&'static str, &[&[u8]]); 8] = [
        ("none", &[accept, success]),
        ("key", &[list, accept, refused, ok_a, success]),
        ("second key", &[accept, refused, refused, ok_b, success]),
        (
            "key and more",
            &[accept, refused, ok_a, more, two, silent, success],
        ),
        ("prompts", &[accept, kbdint, hidden, kbdint, two, success]),
        ("password", &[accept, password, password, success]),
        ("change", &[accept, password, change, change, success]),
        ("banner", &[&banner(b"hi"), accept, password, success]),
    ];
    conversations
        .map(|(name, packets)| trace(name, user(), packets))
        .into()
}

/// All others, and other policies.
fn unusual() -> Vec<Trace> {
    let (accept, success) = (&vectors::service_accept()[..], &vectors::success()[..]);
    let own = Method::Other("own@example.org");
    let host = ClientHost::new("h", "u").key(identity("ssh-ed25519", 0xcc));
    let hostbased = user().methods([Method::HostBased]).client_host(host);
    let gss = user()
        .methods([Method::GssapiWithMic])
        .gssapi_mechanisms([KERBEROS]);
    let gss_list = &refusal("gssapi-with-mic")[..];
    let token: &[u8] = &[&[61][..], &string(b"theirs")].concat();
    let chooses = user().method_choice(MethodChoice::Ask);
    let opening = user().pipelining(Pipelining::Opening { queries: 3 });
    vec![
        trace(
            "gssapi",
            gss,
            &[
                accept,
                gss_list,
                &vectors::gssapi_response(),
                token,
                success,
            ],
        ),
        trace(
            "hostbased",
            hostbased,
            &[accept, &refusal("hostbased"), success],
        ),
        trace(
            "own",
            user().methods([own]),
            &[accept, &refusal("own@example.org"), b"\x3chello", success],
        ),
        trace("chosen", chooses, &[accept, &refusal("password"), success]),
        trace("opening", opening, &[accept, &vectors::pk_ok_a(), success]),
    ]
}

#[test]
fn good_conversations_end_well() {
    for trace in all() {
        let talk = trace.until(trace.packets.len());
        assert_eq!(
            talk.authenticated().service(),
            "ssh-connection",
            "{}",
            trace.name
        );
    }
}
