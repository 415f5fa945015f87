//! The real machine, the caller around it, and what must hold after every operation.

use ssh_userauth::{Action, Method, Notice, ProtocolErrorKind, Receipt, Turn, UserAuthClient};
use ssh_userauth_testing::wire::ExtInfo;

use crate::oracle::{Expected, Over, Seen, Sent};
use crate::script::{Message, Operation, Script, Variation, What};
use crate::setup::OWN;
use crate::{MARKER, answers, packets};

pub(crate) struct World {
    pub(crate) client: UserAuthClient,
    pub(crate) seen: Seen,
    /// The question that is open.
    pub(crate) held: Option<Action>,
    /// Questions that no longer are.
    pub(crate) late: Vec<Action>,
    pub(crate) factors: usize,
    pub(crate) secrets: u32,
    pub(crate) variation: Variation,
    /// What came out and what was answered, without banners and lists.
    pub(crate) trace: Vec<String>,
    /// Another variation would hit a limit.
    pub(crate) is_comparable: bool,
}

impl World {
    /// Plays the script to the end of the run. The trace, if it can be compared with another.
    pub(crate) fn run(script: &Script, variation: Variation) -> Option<Vec<String>> {
        let ext_info = script.setup.ext_info.as_deref();
        let is_good =
            |payload| ExtInfo::decode(payload).is_ok_and(|info| info.server_sig_algs().is_ok());
        let client = match script.setup.client() {
            Ok(client) => client,
            Err(error) => {
                assert!(!ext_info.is_none_or(is_good), "{error}");
                return None;
            }
        };
        assert!(ext_info.is_none_or(is_good));
        let mut world = Self {
            client,
            seen: Seen::new(&script.setup),
            held: None,
            late: Vec::new(),
            factors: 0,
            secrets: 0,
            variation,
            trace: Vec::new(),
            is_comparable: true,
        };
        world.poll_everything();
        for operation in &script.operations {
            world.apply(operation);
        }
        world.close(script.closing);
        world.shows_no_secret();
        world.is_comparable.then_some(world.trace)
    }

    fn apply(&mut self, operation: &Operation) {
        match &operation.what {
            What::Server(message) => self.serve(message, operation),
            What::Banners(count) => {
                for _ in 0..*count {
                    self.banner(&packets::build(&Message::Banner(1), None, self.variation));
                }
            }
            What::Answer(how) => {
                if let Some(question) = self.held.take() {
                    let limits = &self.seen.setup.limits;
                    let tried = answers::answer(question, *how, limits, &mut self.secrets);
                    self.answer(tried);
                }
            }
            What::Decline => self.decline(),
            What::Late(which, how) => self.answer_late(*which, *how),
            What::Foreign => self.answer_foreign(),
            What::DeclinePending => self.decline_pending(),
            What::Cancel => self.cancel(),
            What::Command(command) => self.command(*command),
        }
        if operation.unpolled {
            self.seen.delayed = true;
        } else {
            self.poll_everything();
        }
    }

    fn serve(&mut self, message: &Message, operation: &Operation) {
        let query = match self.seen.flight.front() {
            Some(Sent::Query { algorithm, key }) => Some((algorithm.as_bytes(), &key[..])),
            _ => None,
        };
        let variation = match operation.damage {
            None => self.variation,
            Some(_) => Variation::Nothing,
        };
        let mut packet = packets::build(message, query, variation);
        if let Some(damage) = operation.damage {
            damage.apply(&mut packet);
        } else if matches!(message, Message::Banner(_)) {
            return self.banner(&packet);
        }
        let too_long = packet.len() > self.seen.setup.limits.max_packet_bytes;
        if too_long && self.variation == Variation::OtherLists {
            self.is_comparable = false;
        }
        self.receive(&packet);
    }

    fn banner(&mut self, packet: &[u8]) {
        if self.variation == Variation::WithoutBanners {
            return;
        }
        let before = self.trace.len();
        let running = !self.seen.is_over();
        self.receive(packet);
        self.trace.truncate(before);
        if running && self.seen.is_over() {
            self.is_comparable = false;
        }
        if !self.seen.delayed {
            self.poll_everything();
        }
    }

    pub(crate) fn receive(&mut self, packet: &[u8]) {
        let expected = match self.has_ended_unseen() {
            true => Expected::NotOurs,
            false => self.seen.expect(packet),
        };
        let result = self.client.handle_packet(packet);
        self.trace.push(format!("{result:?}"));
        let as_expected = match &result {
            Ok(Receipt::Taken) => Expected::Taken,
            Ok(Receipt::NotOurs) => Expected::NotOurs,
            Err(_) => Expected::Error,
        };
        assert!(
            as_expected == expected,
            "{packet:02x?}: {result:?}, not {expected:?} {:#?}",
            self.seen
        );
        match result {
            Ok(Receipt::Taken) if self.seen.is_over() => {
                self.seen.swallowed();
                self.assert_silent();
            }
            Ok(Receipt::Taken) => {
                let refusal = packet.first() == Some(&51);
                if self.seen.took(packet) || (refusal && !self.is_question_listed()) {
                    self.withdrawn();
                }
                if self.seen.success.is_some() {
                    self.poll_everything();
                }
            }
            Ok(Receipt::NotOurs) => {
                self.seen.passed_by(packet);
                self.assert_silent();
            }
            Err(error) => {
                let shown = format!("{error} {error:?}");
                assert!(!shown.contains(MARKER) && !error.to_string().contains('\n'));
                assert_eq!(error.disconnect_reason().code(), 2);
                if let ProtocolErrorKind::TooManyBanners { .. } = error.kind() {
                    self.is_comparable = false;
                }
                // 6: final, silent and repeated.
                if let Over::Failed(first) = &self.seen.over {
                    assert_eq!(*first, error);
                }
                self.seen.over = Over::Failed(error);
                self.withdrawn();
                assert!(self.client.poll_action().is_none());
            }
        }
    }

    /// Whether the end waits to be polled.
    pub(crate) fn has_ended_unseen(&self) -> bool {
        let ended = self.client.turn() == Turn::Nobody;
        self.seen.delayed && !self.seen.is_over() && ended
    }

    /// A refusal of something else may take the method off the list while the caller is asked.
    fn is_question_listed(&self) -> bool {
        match &self.held {
            Some(Action::NeedPublicKey(_) | Action::NeedSignature(_)) => {
                self.seen.is_listed(Method::PublicKey)
            }
            Some(Action::NeedPassword(need)) => match need.prompt() {
                None => self.seen.is_listed(Method::Password),
                Some(_) => self.seen.is_listed(Method::KeyboardInteractive),
            },
            Some(Action::NeedHostSignature(_)) => self.seen.is_listed(Method::HostBased),
            Some(Action::NeedGssapiMic(_)) => self.seen.is_listed(Method::GssapiKeyex),
            Some(Action::NeedMethodRequest(_)) => self.seen.is_listed(Method::Other(OWN)),
            // Its choices are those of the list before.
            Some(Action::NeedMethod(_)) => false,
            _ => true,
        }
    }

    /// Whatever was tried changed nothing.
    pub(crate) fn assert_silent(&mut self) {
        if !self.seen.delayed {
            let action = self.client.poll_action();
            assert!(action.is_none(), "{action:?}");
        }
    }

    pub(crate) fn withdrawn(&mut self) {
        if let Some(Action::NeedSignature(need)) = &self.held {
            // The key may be asked about again, if the method is listed again.
            let key = need.identity().blob();
            self.seen.queried.retain(|(_, queried), _| queried != key);
        }
        self.late.extend(self.held.take());
    }

    /// Polls until nothing comes, as a caller does after each input, and looks around.
    pub(crate) fn poll_everything(&mut self) {
        while let Some(action) = self.client.poll_action() {
            self.record(&action);
            self.seen.observe(&action);
            if self.seen.is_over() {
                self.withdrawn();
            }
            if is_question(&action) {
                // 2: never two.
                assert!(self.held.is_none(), "two questions");
                self.held = Some(action);
            }
        }
        self.seen.delayed = false;
        if self.seen.answered {
            // It was too long for any packet.
            self.seen.leave_dialogue();
        }
        self.look_around();
    }

    fn record(&mut self, action: &Action) {
        let shown = format!("{action:?}");
        assert!(!shown.contains(MARKER), "{shown}");
        self.trace.push(match action {
            Action::Notify(Notice::Banner { .. } | Notice::BannersDropped) => return,
            Action::Notify(Notice::PartialSuccess { factor, .. }) => format!("{factor:?}"),
            Action::GiveUp(why) => {
                let text = why.to_string();
                assert!(!text.contains(MARKER));
                format!("{:?}", why.ending())
            }
            Action::SendRequest(payload) => format!("{:02x?}", payload.bytes()),
            _ => shown,
        });
    }

    fn look_around(&mut self) {
        if self.seen.is_over() {
            assert_eq!(self.client.turn(), Turn::Nobody);
        } else {
            // 1: a reply is awaited, or a question is open.
            let turn = match (self.seen.flight.is_empty(), self.held.is_some()) {
                (false, _) => Turn::Server,
                (true, true) => Turn::Caller,
                (true, false) => panic!("stuck: {:#?} {:#?}", self.client, self.seen),
            };
            assert_eq!(self.client.turn(), turn);
        }
        let report = self.client.report();
        // The report has every request that was sent.
        let requests = u32::try_from(report.attempts().len());
        assert_eq!(requests, Ok(self.seen.requests));
        // Factors only grow.
        assert!(report.factors().count() >= self.factors);
        self.factors = report.factors().count();
    }

    /// No secret in whatever is printed.
    pub(crate) fn shows_no_secret(&self) {
        let shown = format!("{:?}", self.client);
        assert!(!shown.contains(MARKER));
        // The first bytes as `Debug` of a slice writes them.
        assert!(!shown.contains("116, 104, 101, 45, 109"));
    }
}

fn is_question(action: &Action) -> bool {
    matches!(
        action,
        Action::NeedPublicKey(_)
            | Action::NeedSignature(_)
            | Action::NeedPassword(_)
            | Action::NeedNewPassword(_)
            | Action::NeedAnswers(_)
            | Action::NeedHostSignature(_)
            | Action::NeedGssapiToken(_)
            | Action::NeedGssapiMic(_)
            | Action::NeedMethod(_)
            | Action::NeedMethodRequest(_)
            | Action::NeedMethodMessage(_)
    )
}
