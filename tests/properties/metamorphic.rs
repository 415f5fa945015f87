//! What must not make a difference, makes none.

use proptest::prelude::*;
use ssh_userauth::{Notice, Pipelining};
use ssh_userauth_testing::wire::{ExtInfo, Extension, Failure, NameList, number};
use ssh_userauth_testing::{Packet, Reply, Run, RunOutcome, Server};

use crate::runs;
use crate::world::World;

/// A server whose replies pass through somebody's hands.
struct Meddled<S> {
    server: S,
    meddle: Box<dyn FnMut(Reply) -> Vec<Reply>>,
}

impl<S: Server> Server for Meddled<S> {
    fn greet(&mut self) -> Vec<Reply> {
        let replies = self.server.greet();
        replies.into_iter().flat_map(&mut self.meddle).collect()
    }

    fn hear(&mut self, payload: &[u8]) -> Vec<Reply> {
        let replies = self.server.hear(payload);
        replies.into_iter().flat_map(&mut self.meddle).collect()
    }
}

fn meddled(world: &World, meddle: impl FnMut(Reply) -> Vec<Reply> + 'static) -> Run {
    world.run_with(&mut Meddled {
        server: world.server(),
        meddle: Box::new(meddle),
    })
}

/// What the server and the user see of a client.
#[derive(Debug, PartialEq)]
struct Course<'a> {
    /// Every byte of every flight.
    sent: Vec<(u32, &'a [u8])>,
    /// All but banners and lists.
    notices: Vec<String>,
    end: String,
}

fn course(run: &Run) -> Course<'_> {
    let sent = run.sent().iter();
    let sent = sent.map(|sent| (sent.flight(), sent.bytes())).collect();
    let notices = run.notices().iter().filter_map(|notice| match notice {
        Notice::Banner { .. } | Notice::BannersDropped => None,
        Notice::PartialSuccess { factor, .. } => Some(format!("partial {factor:?}")),
        other => Some(format!("{other:?}")),
    });
    let end = match run.outcome() {
        RunOutcome::GaveUp(why) => format!("{:?}", why.ending()),
        other => format!("{other:?}"),
    };
    Course {
        sent,
        notices: notices.collect(),
        end,
    }
}

/// The same packet with another list of methods in it, if it has one.
fn with_list(reply: Reply, change: impl Fn(Vec<String>) -> Vec<String>) -> Reply {
    let Reply::Packet(packet) = &reply else {
        return reply;
    };
    let Ok(failure) = Failure::decode(packet.bytes()) else {
        return reply;
    };
    let names = failure.methods.iter();
    let names = names.map(|name| String::from_utf8(name.to_vec()).unwrap());
    let list = change(names.collect()).join(",");
    let methods = NameList::try_from(list.as_str()).unwrap();
    let partial_success = failure.partial_success;
    Packet::of(&Failure {
        methods,
        partial_success,
    })
    .into()
}

proptest! {
    #![proptest_config(runs(500))]

    /// The same inputs, the same outputs, bit for bit.
    #[test]
    fn the_same_again(world in World::any()) {
        let ((first, _), (second, _)) = (world.run(), world.run());
        prop_assert_eq!(course(&first), course(&second));
        prop_assert_eq!(first.transcript().to_string(), second.transcript().to_string());
        prop_assert_eq!(format!("{:?}", first.report()), format!("{:?}", second.report()));
    }

    /// Banners may stand anywhere, and change nothing but what is told. People answer at
    /// once: their thinking is counted in packets.
    #[test]
    fn banners_make_no_difference(
        mut world in World::any(),
        mut places in prop::collection::vec(0..3_usize, 0..32),
    ) {
        world.credentials.thinks_for = 0;
        let (plain, _) = world.run();
        let chatty = meddled(&world, move |reply| {
            let count = places.pop().unwrap_or_default();
            let mut replies = vec![Packet::banner("Did you know?").into(); count];
            replies.push(reply);
            replies
        });
        prop_assert_eq!(course(&plain), course(&chatty));
    }

    /// Names that nobody knows, in lists of methods and of extensions.
    #[test]
    fn unknown_names_make_no_difference(world in World::any(), at in 0..4_usize) {
        let (plain, _) = world.run();
        let noisy = meddled(&world, move |reply| {
            let reply = with_list(reply, |mut names| {
                names.insert(at.min(names.len()), "unknown@example.org".into());
                names.push("gssapi-with-mic".into());
                names
            });
            vec![with_extension(reply)]
        });
        prop_assert_eq!(course(&plain), course(&noisy));
    }

    /// The order of the server's list says nothing.
    #[test]
    fn the_order_of_a_list_makes_no_difference(world in World::any(), by in 0..4_usize) {
        let (plain, _) = world.run();
        let turned = meddled(&world, move |reply| {
            vec![with_list(reply, |mut names| {
                let by = by % names.len().max(1);
                names.rotate_left(by);
                names.reverse();
                names
            })]
        });
        prop_assert_eq!(course(&plain), course(&turned));
    }

    /// How long people take makes no difference to what is sent, if nothing is sent ahead.
    #[test]
    fn patience_makes_no_difference(mut world in World::any(), thinks_for in 0..8_u32) {
        world.pipelining = Pipelining::Off;
        let (plain, _) = world.run();
        world.credentials.thinks_for = thinks_for;
        let (slow, _) = world.run();
        prop_assert_eq!(course(&plain), course(&slow));
    }
}

fn with_extension(reply: Reply) -> Reply {
    let Reply::Packet(packet) = &reply else {
        return reply;
    };
    if packet.bytes().first() != Some(&number::EXT_INFO) {
        return reply;
    }
    let mut info = ExtInfo::decode(packet.bytes()).unwrap();
    let (name, value) = (&b"unknown@example.org"[..], &b"\0\xff"[..]);
    info.entries.insert(0, Extension { name, value });
    Packet::of(&info).into()
}
