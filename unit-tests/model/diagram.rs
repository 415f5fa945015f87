//! The states that a reader tells apart, drawn from the search.

use super::*;

/// Which inputs lead from one drawn state to another.
#[derive(Default)]
pub(super) struct Diagram {
    edges: BTreeMap<(String, String), BTreeSet<String>>,
}

impl Diagram {
    pub(super) fn edge(&mut self, from: &World, input: &Input, to: &World) {
        let (from, to) = (name_of(from), name_of(to));
        // Every packet can be a protocol error, and every state can be cancelled: said in prose.
        let ends = matches!(input.name(), "cancel" | "abandon" | "disconnected");
        if from == to || to == "ProtocolError" || ends {
            return;
        }
        let label = match input {
            // The same number and the same shape: what was asked says what it means.
            Input::Packet(packet)
                if from.contains("Password") && packet.bytes.first() == Some(&60) =>
            {
                "PASSWD_CHANGEREQ".into()
            }
            Input::Packet(packet) => {
                let name = packet.name.split(['(', ' ']).next().unwrap_or_default();
                let partial = packet.name.contains("partial");
                format!("{name}{}", if partial { " partial" } else { "" })
            }
            Input::Caller(name) if name.starts_with("decline") => "decline".into(),
            Input::Caller(name) if name.starts_with("offer nothing") => "decline".into(),
            Input::Caller(name) if name.starts_with("offer") => "offer".into(),
            Input::Caller("empty answers") => "answers".into(),
            Input::Caller("sign with another algorithm") => "decline".into(),
            Input::Caller(name) if name.starts_with("established") => "established".into(),
            Input::Caller(name) if name.starts_with("choose") => "choose".into(),
            Input::Caller(name) => (*name).into(),
        };
        self.edges.entry((from, to)).or_default().insert(label);
    }

    /// `UPDATE_DOCS=1 cargo test` writes the file; otherwise it must be as committed.
    pub(super) fn compare_with_the_committed_file(&self) {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/states.md");
        let drawn = self.to_string();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, &drawn).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        if committed != drawn {
            eprintln!("{drawn}");
            panic!("docs/states.md is not what the machine does; UPDATE_DOCS=1 writes it anew");
        }
    }
}

impl core::fmt::Display for Diagram {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(INTRODUCTION)?;
        writeln!(
            f,
            "```mermaid\nstateDiagram-v2\n    [*] --> ServiceRequested"
        )?;
        for ((from, to), labels) in &self.edges {
            let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
            writeln!(f, "    {from} --> {to}: {}", labels.join(", "))?;
        }
        for end in ["Authenticated", "GaveUp", "ProtocolError"] {
            writeln!(f, "    {end} --> [*]")?;
        }
        writeln!(f, "```")
    }
}

const INTRODUCTION: &str = "\
# The states of the machine

Drawn by the exhaustive search of the unit tests, from the real machine: an arrow stands for
every input that leads from one drawn state to another in any of the states that were reached.
`cargo test` compares this file with what the search finds; `UPDATE_DOCS=1 cargo test -p
ssh-userauth every_reachable` writes it anew.

A state is drawn by what is awaited. `...Asked` states wait for the caller, `...Sent` states for
the server. Not drawn: banners, EXT_INFO and answers that change nothing; `cancel`, `abandon` and
`disconnected`, which lead to `GaveUp` from everywhere; and `ProtocolError`, to which every message
leads that is malformed or that nothing asked for.

";

fn name_of(world: &World) -> String {
    let client = &world.client;
    let dialogue = match &client.phase {
        Phase::Failed(_) => return "ProtocolError".into(),
        Phase::Ended { .. } if client.report().ending().is_some() => return "GaveUp".into(),
        Phase::Ended { .. } => return "Authenticated".into(),
        Phase::Running => match (client.open, client.flight.oldest()) {
            (Some(open), _) => Some(open.dialogue),
            (None, Some(Sent::Request(dialogue, ..))) => Some(dialogue),
            (None, Some(Sent::ServiceRequest) | None) => None,
        },
    };
    match dialogue {
        None => "ServiceRequested",
        Some(Dialogue::None(_)) => "NoneSent",
        Some(Dialogue::PublicKey(dialogue)) => match dialogue {
            publickey::Dialogue::ChoosingKeys => "KeysAsked",
            publickey::Dialogue::Querying(_) => "KeyQuerySent",
            publickey::Dialogue::Signing(..) => "SignatureAsked",
            publickey::Dialogue::Proving(_) => "SignatureSent",
        },
        Some(Dialogue::Password(dialogue)) => match dialogue {
            password::Dialogue::Asking => "PasswordAsked",
            password::Dialogue::Checking => "PasswordSent",
            password::Dialogue::AskingNew { .. } => "NewPasswordAsked",
            password::Dialogue::Changing { .. } => "NewPasswordSent",
        },
        Some(Dialogue::KeyboardInteractive(_)) if client.open.is_some() => "AnswersAsked",
        Some(Dialogue::KeyboardInteractive(_)) => "PromptsAwaited",
        Some(Dialogue::HostBased(_)) if client.open.is_some() => "HostSignatureAsked",
        Some(Dialogue::HostBased(_)) => "HostSignatureSent",
        Some(Dialogue::Gssapi(dialogue)) => gssapi_name(dialogue),
        Some(Dialogue::Custom(_)) if client.open.is_none() => "OwnMessageSent",
        Some(Dialogue::Custom(dialogue)) if dialogue.is_sent() => "OwnMessageAsked",
        Some(Dialogue::Custom(_)) => "OwnRequestAsked",
        Some(Dialogue::ChoosingMethod) => "MethodAsked",
    }
    .into()
}

fn gssapi_name(dialogue: gssapi::Dialogue) -> &'static str {
    match dialogue {
        gssapi::Dialogue::Choosing => "MechanismAwaited",
        gssapi::Dialogue::AskingToken { .. } => "GssapiTokenAsked",
        gssapi::Dialogue::AwaitingToken { .. } => "GssapiTokenSent",
        gssapi::Dialogue::AskingMic => "MicAsked",
        gssapi::Dialogue::Finishing => "MicSent",
        gssapi::Dialogue::Failing { .. } => "GssapiFailureAwaited",
        gssapi::Dialogue::AskingKeyexMic => "KeyexMicAsked",
        gssapi::Dialogue::ProvingKeyex => "KeyexMicSent",
    }
}
