//! The exhaustive search: every state that the real machine can reach, over an alphabet of
//! server messages in their sane and insane forms and of everything the caller can do; the
//! promises are checked on every edge. It also draws `docs/states.md`.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::hash::{Hash, Hasher};
use std::collections::{HashSet, hash_map::DefaultHasher};
use std::eprintln;
use std::io::Write as _;

use super::{Phase, Turn, UserAuthClient};
use crate::action::Action;
use crate::config::{
    ClientHost, Config, EarlyPassword, Limits, MethodChoice, PasswordBridge, Pipelining,
    TryCounting,
};
use crate::error::AnswerError;
use crate::flight::Sent;
use crate::identity::Identity;
use crate::method::{Dialogue, SuccessRule, gssapi, password, publickey};
use crate::method_name::Method;
use crate::question::{Answer, GssapiIntegrity, Rejected};
use crate::secret::Secret;
use crate::session::Session;
use ssh_userauth_testing::wire::{
    self, ClientMessage, Extension, Failure, InfoRequest, NameList, PasswdChangeReq, PkOk,
    RequestMethod, SERVER_SIG_ALGS, encode_exact,
};

mod alphabet;
mod diagram;
mod honest;
mod promises;

use alphabet::{Input, packets};

/// One state of the world: the machine, the question that the caller holds, one that he should
/// no longer hold, and what was seen on the wire.
#[derive(Clone)]
struct World {
    client: UserAuthClient,
    held: Option<Action>,
    stale: Option<Action>,
    seen: Seen,
}

/// How far the limits are shrunk. `SSH_USERAUTH_MODEL=large` takes minutes instead of seconds.
#[derive(Clone, Copy)]
enum Size {
    Small,
    Large,
}

impl Size {
    fn wanted() -> Self {
        match std::env::var("SSH_USERAUTH_MODEL") {
            Ok(size) if size == "large" => Self::Large,
            _ => Self::Small,
        }
    }
}

/// Which methods are played with: the product of all of them has too many states, and they don't
/// meet but in the choice of the next one.
#[derive(Clone, Copy, Debug)]
enum Scene {
    /// The methods of the default order.
    Usual,
    /// What needs no person: hostbased and GSS-API, before a password.
    Machines,
    /// A method of the caller's own, chosen by the caller, and the password bridge.
    Own,
    /// Keys and prompts, with an opening flight.
    Opening,
    /// Keys, and a password as the last request of the opening flight.
    InOpening,
    /// Keys, and a password right behind the first signature.
    BehindSignature,
}

impl Scene {
    fn config(self) -> Config {
        let config = Config::new("u").pipelining(Pipelining::Off);
        match self {
            Self::Usual => config,
            Self::Opening => config
                .methods([Method::PublicKey, Method::KeyboardInteractive])
                .pipelining(Pipelining::Opening { queries: 2 }),
            Self::InOpening => config
                .methods([Method::PublicKey, Method::Password])
                .pipelining(Pipelining::Opening { queries: 2 })
                .early_password(EarlyPassword::InOpening),
            Self::BehindSignature => config
                .methods([Method::PublicKey, Method::Password])
                .pipelining(Pipelining::Opening { queries: 2 })
                .early_password(EarlyPassword::BehindSignature),
            Self::Machines => config
                .methods([
                    Method::HostBased,
                    Method::GssapiKeyex,
                    Method::GssapiWithMic,
                    Method::Password,
                ])
                .client_host(
                    ClientHost::new("h", "cu")
                        .key(alphabet::rsa())
                        .key(alphabet::ed25519()),
                )
                .gssapi_mechanisms([wire::ObjectIdentifier::KERBEROS_V5]),
            Self::Own => config
                .methods([
                    Method::Other(alphabet::OWN),
                    Method::KeyboardInteractive,
                    Method::Password,
                ])
                .method_choice(MethodChoice::Ask)
                .password_bridge(PasswordBridge::HiddenSinglePromptOnce)
                .try_counting(TryCounting::Shared),
        }
    }
}

/// What an observer of the wire knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Seen {
    service_requests: u8,
    ends: u8,
    substantive: bool,
    /// The last request was one of gssapi-with-mic.
    gssapi: bool,
}

/// What came out after one input.
struct Outcome {
    world: World,
    actions: Vec<Action>,
    result: String,
}

impl World {
    fn start(size: Size, scene: Scene) -> Self {
        let (max_requests, max_identities, max_ext_info) = match size {
            Size::Small => (4, 2, 1),
            Size::Large => (5, 3, 2),
        };
        let max_password_tries = match scene {
            Scene::InOpening | Scene::BehindSignature => 1,
            _ => 2,
        };
        let limits = Limits {
            max_password_tries,
            max_keyboard_interactive_tries: 2,
            max_rounds: 2,
            max_partial_successes: 2,
            max_password_changes: 2,
            max_banners: 1,
            max_other_tries: 2,
            max_gssapi_tokens: 2,
            max_requests,
            max_identities,
            max_ext_info,
            ..Limits::default()
        };
        let config = scene.config().limits(limits);
        let session = Session::encrypted([7; 32]).gssapi_key_exchange();
        let client = UserAuthClient::new(config, session).unwrap();
        let mut world = Self {
            client,
            held: None,
            stale: None,
            seen: Seen::default(),
        };
        world.drain();
        world
    }

    /// Polls everything, as a caller does after each input.
    fn drain(&mut self) -> Vec<Action> {
        let mut actions = Vec::new();
        while let Some(action) = self.client.poll_action() {
            if is_question(&action) {
                self.held = Some(action.clone());
            }
            self.seen.observe(&action);
            actions.push(action);
        }
        if self.client.open.is_none() {
            self.stale = self.held.take().or_else(|| self.stale.take());
        }
        actions
    }

    /// A fingerprint of everything that decides what can happen next: not the ledger, nor the
    /// numbers of questions, nor how many banners came.
    fn key(&self) -> (u64, u64) {
        let client = &self.client;
        let hash = |seed: u64| {
            let mut hasher = DefaultHasher::new();
            seed.hash(&mut hasher);
            self.seen.hash(&mut hasher);
            hash_of_client(client, &mut hasher);
            hasher.finish()
        };
        (hash(1), hash(2))
    }

    fn after(&self, input: &Input) -> Outcome {
        let mut world = self.clone();
        let result = input.apply(&mut world);
        let actions = world.drain();
        Outcome {
            world,
            actions,
            result,
        }
    }

    fn is_terminal(&self) -> bool {
        self.client.phase != Phase::Running
    }
}

/// Of the machine, everything that decides what can happen next.
fn hash_of_client(client: &UserAuthClient, hasher: &mut DefaultHasher) {
    client.phase.hash(hasher);
    if client.phase != Phase::Running {
        // Nothing can happen any more, whatever led here.
        return;
    }
    client.flight.hash(hasher);
    client.open.map(|open| open.dialogue).hash(hasher);
    client.plan.hash(hasher);
    client.run.requests_left().hash(hasher);
    client.run.context.peer.hash(hasher);
    client.run.context.pipelining.hash(hasher);
    client.methods.hash(hasher);
    client.evidence.hash(hasher);
}

fn is_question(action: &Action) -> bool {
    action.clone().into_question().is_ok()
}

impl Seen {
    fn observe(&mut self, action: &Action) {
        match action {
            Action::SendRequest(payload) => match ClientMessage::decode(payload.bytes()).unwrap() {
                ClientMessage::ServiceRequest(_) => self.service_requests += 1,
                ClientMessage::Request(request) => {
                    self.gssapi = matches!(request.method, RequestMethod::GssapiWithMic { .. });
                    self.substantive |= match request.method {
                        RequestMethod::PublicKey { signature, .. }
                        | RequestMethod::HostBoundPublicKey { signature, .. } => {
                            signature.is_some()
                        }
                        RequestMethod::Password { .. }
                        | RequestMethod::PasswordChange { .. }
                        | RequestMethod::HostBased { .. }
                        | RequestMethod::GssapiKeyex { .. } => true,
                        RequestMethod::Other { data, .. } => !data.is_empty(),
                        _ => false,
                    }
                }
                // Answers to prompts, a MIC, or bytes of the caller's own method; a token or an end
                // without MIC proves nothing.
                ClientMessage::Method(message) => {
                    self.substantive |= match (message.number(), message.body()) {
                        (61, _) if self.gssapi => false,
                        (61, [0, 0, 0, 0]) | (70, []) => false,
                        (61 | 66 | 70, _) => true,
                        _ => false,
                    }
                }
                _ => unreachable!("never sent"),
            },
            Action::StartService(_) | Action::GiveUp(_) => self.ends += 1,
            _ => {}
        }
    }
}

/// Every reachable state, with the edges between the states that a reader tells apart.
#[test]
fn every_reachable_state_keeps_the_promises() {
    let mut diagram = diagram::Diagram::default();
    for scene in [Scene::Usual, Scene::Machines, Scene::Own] {
        search(scene, &mut diagram);
    }
    diagram.compare_with_the_committed_file();
}

/// The same with several requests on their way; the picture would have too many arrows.
#[test]
fn every_reachable_state_keeps_the_promises_with_an_opening_flight() {
    for scene in [Scene::Opening, Scene::InOpening, Scene::BehindSignature] {
        search(scene, &mut diagram::Diagram::default());
    }
}

fn search(scene: Scene, diagram: &mut diagram::Diagram) {
    let started = std::time::Instant::now();
    let packets = packets();
    let mut known = HashSet::new();
    let mut queue = VecDeque::new();
    let mut transitions = 0usize;
    let start = World::start(Size::wanted(), scene);
    known.insert(start.key());
    queue.push_back(start);
    while let Some(world) = queue.pop_front() {
        promises::of_state(&world);
        for input in alphabet::inputs(&world, &packets) {
            let outcome = world.after(&input);
            transitions += 1;
            promises::of_edge(&world, &input, &outcome);
            diagram.edge(&world, &input, &outcome.world);
            if known.insert(outcome.world.key()) {
                queue.push_back(outcome.world);
            }
        }
    }
    let states = known.len();
    // Written directly: what the print macros write is hidden when a test passes.
    let _unseen = writeln!(
        std::io::stderr(),
        "exhaustive search, {scene:?}: {states} states, {transitions} transitions, {:?}",
        started.elapsed()
    );
    assert!(states > 200, "the search did not get anywhere: {states}");
}
