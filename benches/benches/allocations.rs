//! What a login allocates, what it holds while it waits, and how large the types are.

use std::mem::size_of;

use memory_check::{Watching, measure};
use ssh_userauth::{
    Action, Answer, Config, Identity, Limits, NeedAnswers, NeedPassword, NeedPublicKey,
    NeedSignature, Notice, Payload, Report, Session, UserAuthClient,
};
use userauth_bench::{Conversation, Table, all_methods};

#[global_allocator]
static ALLOCATOR: Watching = Watching;

fn main() {
    let conversations = all_methods();
    println!(
        "\nAllocations of a whole login\n\n{}",
        logins(&conversations)
    );
    println!(
        "Heap held by a login that waits, in bytes\n\n{}",
        waiting(&conversations)
    );
    println!("Sizes of types, in bytes\n\n{}", sizes());
}

/// From the name of the user to the end. "of these" are made before the machine is: the
/// configuration and what the transport knows.
fn logins(conversations: &[Conversation]) -> Table {
    let mut table = Table::new(&[
        "login",
        "allocations",
        "bytes",
        "at a time",
        "of these: prepared",
    ]);
    for conversation in conversations {
        // Whatever is made once, such as the packets of the server.
        conversation.run();
        let ((), whole) = measure(|| conversation.run());
        assert_eq!(whole.kept, 0, "nothing is left");
        let (_, prepared) = measure(|| conversation.prepare());
        table.row([
            conversation.name().to_owned(),
            whole.count.to_string(),
            whole.bytes.to_string(),
            whole.peak.to_string(),
            prepared.count.to_string(),
        ]);
    }
    table
}

/// The most that is held at any time at which the login waits for a packet or an answer: in the
/// machine, and in the question that the caller holds.
fn waiting(conversations: &[Conversation]) -> Table {
    let mut table = Table::new(&["login", "heap at most", "with the client itself"]);
    for conversation in conversations {
        let mut most = 0;
        let _ = measure(|| conversation.waiting(|_| most = most.max(memory_check::kept())));
        let client = size_of::<UserAuthClient>();
        table.row([
            conversation.name().to_owned(),
            most.to_string(),
            (most + client.cast_signed()).to_string(),
        ]);
    }
    table
}

macro_rules! sizes {
    ($($name:ident),* $(,)?) => {{
        let mut table = Table::new(&["type", "bytes"]);
        $( table.row([stringify!($name).to_owned(), size_of::<$name>().to_string()]); )*
        table
    }};
}

fn sizes() -> Table {
    sizes!(
        UserAuthClient,
        Report,
        Config,
        Limits,
        Session,
        Action,
        Payload,
        Notice,
        NeedPublicKey,
        NeedSignature,
        NeedPassword,
        NeedAnswers,
        Answer,
        Identity,
    )
}
