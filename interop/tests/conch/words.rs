//! What happened upon a step, and how the list of differences says it.

use super::script::bytes;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// This was sent.
    Packet(Vec<u8>),
    /// We are in, and this service begins.
    Started(String),
    /// An exception left the packet handler.
    Raised(String),
}

impl Event {
    /// As `driver.py` prints it.
    pub(crate) fn parse(text: &str) -> Self {
        match text.split_once(' ') {
            Some(("started", name)) => Self::Started(name.to_owned()),
            Some(("raised", kind)) => Self::Raised(kind.to_owned()),
            _ => Self::Packet(bytes(text)),
        }
    }

    pub(crate) fn is_packet(&self) -> bool {
        matches!(self, Self::Packet(_))
    }

    fn describe(&self) -> String {
        match self {
            Self::Packet(payload) => describe(payload),
            Self::Started(name) => format!("started {name}"),
            Self::Raised(kind) => format!("raised {kind}"),
        }
    }
}

/// A list of events as a cell of the table.
pub(crate) fn cell(events: &[Event]) -> String {
    if events.is_empty() {
        return "nothing".to_owned();
    }
    let all: Vec<String> = events.iter().map(Event::describe).collect();
    all.join("; ")
}

/// The fields of a message that is well-formed.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }

    fn number(&mut self) -> u32 {
        u32::from_be_bytes(self.take(4).try_into().unwrap())
    }

    fn string(&mut self) -> &'a [u8] {
        let length = usize::try_from(self.number()).unwrap();
        self.take(length)
    }

    fn text(&mut self) -> String {
        String::from_utf8_lossy(self.string()).into_owned()
    }

    fn flag(&mut self) -> String {
        format!("{:02x}", self.take(1)[0])
    }
}

/// Everything about a message that may differ, but not what is long.
fn describe(payload: &[u8]) -> String {
    let mut fields = Fields(&payload[1..]);
    match payload[0] {
        1 => {
            let code = fields.number();
            format!("disconnect {code} \"{}\"", fields.text())
        }
        3 => format!("unimplemented {}", fields.number()),
        5 => format!("service-request {}", fields.text()),
        50 => request(&mut fields),
        61 => {
            let count = fields.number();
            let answers: Vec<String> = (0..count).map(|_| fields.text()).collect();
            format!("answers {answers:?}")
        }
        other => panic!("nobody sends {other}"),
    }
}

fn request(fields: &mut Fields<'_>) -> String {
    let (user, service) = (fields.text(), fields.text());
    let method = fields.text();
    let request = match method.as_str() {
        "publickey" => publickey(fields),
        "password" => password(fields),
        _ => method,
    };
    if (user.as_str(), service.as_str()) == ("alice", "ssh-connection") {
        request
    } else {
        format!("{request} as \"{user}\" for {service}")
    }
}

fn publickey(fields: &mut Fields<'_>) -> String {
    let signed = fields.flag();
    let (algorithm, key) = (fields.text(), fields.string());
    // The last bytes of a key tell which of ours it is.
    let name = ["ed1", "ed2", "ed3", "rsa", "ecdsa"]
        .into_iter()
        .find(|name| super::keys::blob(name) == key)
        .unwrap_or("another key");
    if signed == "00" {
        return format!("query {name} {algorithm}");
    }
    let signature = fields.string();
    if signature.is_empty() {
        return format!("signed {name} {algorithm}, empty");
    }
    format!("signed {name} {algorithm}, by {}", Fields(signature).text())
}

fn password(fields: &mut Fields<'_>) -> String {
    let changed = fields.flag();
    let first = fields.text();
    if changed == "00" {
        return format!("password \"{first}\"");
    }
    format!("password {changed} \"{first}\" \"{}\"", fields.text())
}
