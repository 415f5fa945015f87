//! The kit's server with the configuration of a setup, and what the promises need to know of it.
//! The kit is compiled against another instance of this crate: only bytes can be exchanged.

use super::*;
use ssh_userauth_testing::{
    AbandonedDialogue, Account, BannerTime, Policy, PolicyServer, Reply, Round, Server as _,
    ServerQuirks,
};

/// What does not change in a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// Which methods must succeed, as OpenSSH's `AuthenticationMethods` has it.
    pub(super) wanted: &'static str,
    /// Which of the caller's keys it takes.
    pub(super) good_keys: &'static [usize],
    /// The prompts of each round of keyboard-interactive.
    pub(super) rounds: &'static [usize],
    /// Whether the password must be changed.
    pub(super) is_expired: bool,
    /// At how many failures it closes the connection, counted as OpenSSH does.
    pub(super) max_failures: u32,
    pub(super) habit: Habit,
}

/// What servers do that the RFC allows, or that a quirk knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Habit {
    None,
    /// `PK_OK` to every key, as TinySSH and ProFTPD: a hint is no promise.
    SaysYes,
    /// It times out once while it waits for a person, as PAM does.
    TimesOut,
    /// [`Quirks::swallows_after_dialogue`].
    Swallows,
    /// [`Quirks::refuses_left_dialogues`].
    RefusesLeft,
}

/// What it did with the request, and what it waits for.
#[derive(Clone, Debug, Hash)]
pub(super) struct Server {
    pub(super) is_closed: bool,
    pub(super) used_keys: Vec<usize>,
    /// Wrong passwords and answers where they were wanted, and dialogues that timed out.
    pub(super) wrong_passwords: u32,
    pub(super) wrong_answers: u32,
    has_timed_out: bool,
    /// The method of the dialogue that is open.
    dialogue: Option<Method>,
    inner: PolicyServer,
}

impl Server {
    pub(super) fn new(rules: &Rules) -> Self {
        let mut account = Account::new("u").password(RIGHT);
        if rules.is_expired {
            let expired = account.password_expired("expired");
            account = expired.refuses_new_password(WEAK);
        }
        for key in rules.good_keys {
            account = account.key(caller::key(*key).identity());
        }
        for prompts in rules.rounds {
            let ask = |round: Round, _| round.hidden("?", RIGHT);
            account = account.round((0..*prompts).fold(Round::new(), ask));
        }
        let mut quirks = ServerQuirks::default();
        quirks.banner = BannerTime::WithServiceAccept;
        quirks.accepts_every_query = rules.habit == Habit::SaysYes;
        quirks.abandoned_dialogue = match rules.habit {
            Habit::Swallows => AbandonedDialogue::SwallowsRequest,
            Habit::RefusesLeft => AbandonedDialogue::Refused,
            Habit::None | Habit::SaysYes | Habit::TimesOut => AbandonedDialogue::Forgotten,
        };
        Self {
            is_closed: false,
            used_keys: Vec::new(),
            wrong_passwords: 0,
            wrong_answers: 0,
            has_timed_out: false,
            dialogue: None,
            inner: PolicyServer::new(SESSION_ID, Policy::openssh(rules.wanted).unwrap())
                .account(account)
                .banner("hi")
                .quirks(quirks)
                .max_auth_tries(rules.max_failures),
        }
    }

    pub(super) fn is_in(&self) -> bool {
        self.inner.is_authenticated()
    }

    /// What it still wants.
    pub(super) fn wanted(&self) -> &Policy {
        self.inner.wanted()
    }

    pub(super) fn may_time_out(&self, rules: &Rules) -> bool {
        rules.habit == Habit::TimesOut && !self.has_timed_out && self.inner.is_in_dialogue()
    }

    pub(super) fn time_out(&mut self) -> Vec<Reply> {
        self.has_timed_out = true;
        let replies = self.inner.time_out();
        self.note(self.dialogue, &replies);
        replies
    }

    pub(super) fn hear(&mut self, message: &[u8], rules: &Rules) -> Vec<Reply> {
        let mut listed = self.wanted().listed().into_iter();
        let lists_password = listed.any(|method| method.name() == Method::Password.name());
        let is_swallowed = rules.habit == Habit::Swallows && self.dialogue.is_some();
        let replies = self.inner.hear(message);
        match ClientMessage::decode(message).unwrap() {
            ClientMessage::ServiceRequest(_) => {}
            ClientMessage::Method(_) => self.note(Some(Method::KeyboardInteractive), &replies),
            ClientMessage::Request(request) => match request.method {
                RequestMethod::PasswordChange { .. } => {
                    self.note(Some(Method::Password), &replies);
                }
                RequestMethod::Password { .. } => {
                    let counts = lists_password && !is_swallowed;
                    self.note(counts.then_some(Method::Password), &replies);
                }
                RequestMethod::KeyboardInteractive { .. } => {
                    self.note(None, &replies);
                    let asks = self.inner.is_in_dialogue();
                    self.dialogue = asks.then_some(Method::KeyboardInteractive);
                }
                RequestMethod::PublicKey { key, signature, .. } => {
                    self.note(None, &replies);
                    let is_good = matches!(replies.last().map(name), Some("SUCCESS" | "partial"));
                    if is_good && signature.is_some() {
                        self.used_keys.push(caller::key_of(key));
                    }
                }
                _ => self.note(None, &replies),
            },
            _ => unreachable!("never sent"),
        }
        replies
    }

    /// What came of a method whose refusals count, or of anything else.
    fn note(&mut self, method: Option<Method>, replies: &[Reply]) {
        self.dialogue = method.filter(|_| self.inner.is_in_dialogue());
        match replies.last().map(name) {
            Some("failure") if method == Some(Method::Password) => self.wrong_passwords += 1,
            Some("failure") if method.is_some() => self.wrong_answers += 1,
            Some("disconnect") => self.is_closed = true,
            _ => {}
        }
    }
}

/// What a reply is, in a word.
pub(super) fn name(reply: &Reply) -> &'static str {
    match reply {
        Reply::Packet(packet) => match packet.bytes() {
            [6, ..] => "SERVICE_ACCEPT",
            [51, .., 0] => "failure",
            [51, .., 1] => "partial",
            [52] => "SUCCESS",
            [53, ..] => "BANNER",
            [60, ..] => "PK_OK, or a question",
            other => unreachable!("never said: {other:?}"),
        },
        Reply::Disconnect { .. } => "disconnect",
        other => unreachable!("never said: {other:?}"),
    }
}
