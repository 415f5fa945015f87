//! What an observer of the wire knows, and what a packet must bring about because of it: told
//! from the RFCs and the documentation, without a look into the machine.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ssh_userauth::{HostBound, Method, ProtocolError, ServiceRequest};
use ssh_userauth_testing::wire::{
    ExtInfo, InfoRequest, PUBLICKEY_HOSTBOUND, PasswdChangeReq, PkOk, ServerMessage,
};

use crate::answers::Given;
use crate::keys;
use crate::setup::Setup;

/// A request of ours that the server has not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Service,
    None,
    Query { algorithm: String, key: Vec<u8> },
    Signed { key: Vec<u8> },
    Password,
    Change { demands: u32 },
    Prompts { rounds: u32 },
    Host,
    Gss(Gss),
    Keyex,
    Own { rounds: u32 },
}

/// How far an exchange of gssapi-with-mic has come, with the server's word to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gss {
    Choosing,
    Token { steps: u32 },
    Finishing,
    Failing { errors: u32 },
}

/// A dialogue in which the next word is ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Dialogue {
    Change {
        demands: u32,
    },
    Prompts {
        rounds: u32,
        prompts: usize,
    },
    /// A token, or the end of the exchange.
    Gss {
        steps: u32,
    },
    /// The code at its end.
    GssMic,
    Own {
        rounds: u32,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    NotYet,
    /// So many replies are still owed to what left before the success.
    Ended {
        owed: usize,
    },
    Failed(ProtocolError),
}

/// What must become of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    Taken,
    NotOurs,
    Error,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Proof {
    Nothing,
    EmptyAnswers,
    Something,
}

/// Everything seen so far.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) setup: Setup,
    /// Something came in since everything was polled: what comes out may have been decided
    /// earlier than it is seen.
    pub(crate) delayed: bool,
    pub(crate) over: Over,
    pub(crate) flight: VecDeque<Sent>,
    pub(crate) dialogue: Option<Dialogue>,
    /// Our word in the dialogue was decided, and has not left.
    pub(crate) answered: bool,
    /// A dialogue was left, and no request has left since.
    pub(crate) abandoned: bool,
    /// The server refuses in front of its next reply the dialogue that was left.
    pub(crate) refused_in_front: bool,
    /// Dialogues that were left.
    pub(crate) left: u32,
    /// A token that goes in front of the end of the exchange.
    pub(crate) last_token: Vec<u8>,
    /// The password has answered a prompt.
    pub(crate) bridged: bool,
    pub(crate) own_refusals: u32,
    /// Somebody was asked something in the latest exchange of keyboard-interactive.
    pub(crate) prompted: bool,
    /// That method was refused before anybody was asked.
    pub(crate) refused_at_once: bool,
    pub(crate) success: Option<Sent>,
    /// Replies that are still to come when it has come.
    pub(crate) owed: usize,
    pub(crate) given: Given,
    pub(crate) proof: Proof,
    pub(crate) service_requests: u32,
    pub(crate) requests: u32,
    pub(crate) nones: u32,
    pub(crate) signatures: u32,
    pub(crate) list: Option<Vec<u8>>,
    pub(crate) refused: bool,
    pub(crate) partial_successes: u32,
    pub(crate) password_refusals: u32,
    pub(crate) prompts_refusals: u32,
    pub(crate) banners: u32,
    pub(crate) banners_passed_on: u32,
    pub(crate) ext_infos: u32,
    pub(crate) algorithms: Option<Vec<u8>>,
    pub(crate) bound_announced: bool,
    /// Methods whose question was declined.
    pub(crate) declined: Vec<Method>,
    pub(crate) offered: BTreeSet<Vec<u8>>,
    pub(crate) unprobed: BTreeSet<Vec<u8>>,
    /// Under which name a key was accepted.
    pub(crate) accepted: BTreeSet<(String, Vec<u8>)>,
    /// Keys that were accepted, and for whose signature nobody has been asked since.
    pub(crate) unsigned: BTreeSet<Vec<u8>>,
    /// After how many partial successes a key was asked about last.
    pub(crate) queried: BTreeMap<(String, Vec<u8>), u32>,
    /// Keys that gave a factor.
    pub(crate) proved: BTreeSet<Vec<u8>>,
}

impl Seen {
    pub(crate) fn new(setup: &Setup) -> Self {
        let mut seen = Self {
            setup: setup.clone(),
            delayed: false,
            over: Over::NotYet,
            flight: VecDeque::new(),
            dialogue: None,
            answered: false,
            abandoned: false,
            refused_in_front: false,
            left: 0,
            last_token: Vec::new(),
            bridged: false,
            own_refusals: 0,
            prompted: false,
            refused_at_once: false,
            success: None,
            owed: 0,
            given: Given::Nothing,
            proof: Proof::Nothing,
            service_requests: 0,
            requests: 0,
            nones: 0,
            signatures: 0,
            list: None,
            refused: false,
            partial_successes: 0,
            password_refusals: 0,
            prompts_refusals: 0,
            banners: 0,
            banners_passed_on: 0,
            ext_infos: 0,
            algorithms: None,
            bound_announced: false,
            declined: Vec::new(),
            offered: BTreeSet::new(),
            unprobed: BTreeSet::new(),
            accepted: BTreeSet::new(),
            unsigned: BTreeSet::new(),
            queried: BTreeMap::new(),
            proved: BTreeSet::new(),
        };
        if setup.service_request == ServiceRequest::Sent {
            seen.flight.push_back(Sent::Service);
        }
        if let Some(payload) = &setup.ext_info
            && let Ok(info) = ExtInfo::decode(payload)
        {
            seen.learn(&info);
        }
        seen
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over != Over::NotYet
    }

    /// Whether signatures have to be bound to the host key from now on.
    pub(crate) fn binds(&self) -> bool {
        let wanted = self.setup.host_bound != HostBound::Never;
        wanted && self.setup.has_host_key && self.bound_announced
    }

    /// What must become of this packet, now.
    pub(crate) fn expect(&self, packet: &[u8]) -> Expected {
        match self.over {
            Over::NotYet => {}
            Over::Ended { owed: 0 } => return Expected::NotOurs,
            Over::Ended { .. } => {
                return match packet.first() {
                    Some(51 | 60..=79) => Expected::Taken,
                    _ => Expected::NotOurs,
                };
            }
            Over::Failed(_) => return Expected::Error,
        }
        if packet.len() > self.setup.limits.max_packet_bytes {
            return Expected::Error;
        }
        if let Some(0..=4 | 8..=49 | 192..) = packet.first() {
            return Expected::NotOurs;
        }
        let Ok(message) = ServerMessage::decode(packet) else {
            return Expected::Error;
        };
        match self.is_right(&message, packet) {
            true => Expected::Taken,
            false => Expected::Error,
        }
    }

    fn is_right(&self, message: &ServerMessage<'_>, packet: &[u8]) -> bool {
        let limits = &self.setup.limits;
        match message {
            ServerMessage::ServiceAccept(accept) => {
                let ours = accept.name.is_none_or(|name| name == b"ssh-userauth");
                self.flight.front() == Some(&Sent::Service) && ours
            }
            ServerMessage::ExtInfo(info) => {
                self.ext_infos < limits.max_ext_info && info.server_sig_algs().is_ok()
            }
            ServerMessage::Banner(_) => self.banners < 1024,
            ServerMessage::Failure(failure) => {
                let answers = match self.flight.front() {
                    Some(Sent::Service) => false,
                    Some(_) => true,
                    // The server may tire of waiting for a human.
                    None => self.may_tire() || self.abandoned,
                };
                let partial = failure.partial_success && self.may_prove();
                answers && !(partial && self.partial_successes >= limits.max_partial_successes)
            }
            ServerMessage::Success => match self.flight.front() {
                None | Some(Sent::Service) => false,
                // An open server; later it would be one that has changed its mind.
                Some(Sent::Query { .. }) => !self.refused,
                Some(Sent::Gss(stage)) => *stage == Gss::Finishing,
                Some(_) => true,
            },
            ServerMessage::Method(message) => match self.flight.front() {
                Some(Sent::Own { rounds }) => *rounds < limits.max_rounds,
                Some(Sent::Gss(stage)) => self.is_right_gss(*stage, message),
                _ => message.number() == 60 && self.is_right_60(packet),
            },
            _ => unreachable!("no other message is known"),
        }
    }

    /// Whether the request that the next reply answers can have proved something.
    pub(crate) fn may_prove(&self) -> bool {
        match self.flight.front() {
            Some(_) if self.refused_in_front => false,
            Some(Sent::Service | Sent::None | Sent::Query { .. }) => false,
            Some(Sent::Gss(stage)) => *stage == Gss::Finishing,
            Some(_) => true,
            None => self.may_tire(),
        }
    }

    /// A human is asked, who may take longer than the server waits.
    fn may_tire(&self) -> bool {
        matches!(
            self.dialogue,
            Some(Dialogue::Change { .. } | Dialogue::Prompts { .. } | Dialogue::Own { .. })
        )
    }

    /// RFC 4252 section 6: what 60 means is told by the request alone.
    fn is_right_60(&self, packet: &[u8]) -> bool {
        let limits = &self.setup.limits;
        let change = |demands| {
            PasswdChangeReq::decode_payload(packet).is_ok() && demands < limits.max_password_changes
        };
        match self.flight.front() {
            Some(Sent::Query { algorithm, key }) => PkOk::decode_payload(packet)
                .is_ok_and(|ok| ok.key == key && keys::are_siblings(algorithm, ok.algorithm)),
            Some(Sent::Password) => change(0),
            Some(Sent::Change { demands }) => change(*demands),
            Some(Sent::Prompts { rounds }) => {
                InfoRequest::decode_payload(packet)
                    .is_ok_and(|request| request.prompts.len() <= limits.max_prompts)
                    && *rounds < limits.max_rounds
            }
            _ => false,
        }
    }

    /// Our word in the dialogue, if there is one, won't come.
    pub(crate) fn leave_dialogue(&mut self) {
        let left = self.dialogue.take().is_some();
        self.abandoned |= left;
        self.left += u32::from(left);
        self.answered = false;
    }

    /// The answer was too long. Nothing is sent, and the same question comes again, so the
    /// password has not answered the prompt.
    pub(crate) fn refused_answer(&mut self, given: &Given) {
        let is_of_bridge = matches!(
            (given, &self.dialogue),
            (Given::Password(_), Some(Dialogue::Prompts { .. }))
        );
        if is_of_bridge {
            self.bridged = false;
        }
    }

    /// Whether the server allows the method, as far as it told.
    pub(crate) fn is_listed(&self, method: Method) -> bool {
        let name = method.name().as_bytes();
        self.list
            .as_ref()
            .is_none_or(|list| list.split(|byte| *byte == b',').any(|each| each == name))
    }

    pub(crate) fn learn(&mut self, info: &ExtInfo<'_>) {
        let Ok(list) = info.server_sig_algs() else {
            return;
        };
        self.ext_infos += 1;
        if let Some(list) = list {
            let limit = self.setup.limits.max_algorithm_list_bytes;
            let bytes = list.as_bytes();
            self.algorithms = Some(bytes[..bytes.len().min(limit)].to_vec());
        }
        // Only the first one can be trusted to have come right after the keys.
        self.bound_announced |=
            self.ext_infos == 1 && info.get(PUBLICKEY_HOSTBOUND) == Some(&b"0"[..]);
    }
}
