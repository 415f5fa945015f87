//! A server, a user, and how they meet.

use proptest::prelude::*;
use ssh_userauth::{
    AttemptBudget, Config, Discovery, EarlyPassword, Limits, Method, Pipelining, Quirks, Session,
    TryCounting,
};
use ssh_userauth_testing::{
    AbandonedDialogue, Person, PolicyServer, Run, Server, ServerQuirks, pair,
};

use crate::credentials::Credentials;
use crate::tree::Tree;

const SESSION_ID: [u8; 20] = [3; 20];

#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) tree: Tree,
    pub(crate) credentials: Credentials,
    pub(crate) pipelining: Pipelining,
    pub(crate) early_password: EarlyPassword,
    discovery: Discovery,
    counting: TryCounting,
    kind: Kind,
    /// What the client believes of the server.
    budget: u32,
    /// What the server really bears.
    pub(crate) tries: u32,
    server: Habits,
}

/// What the server does about a dialogue that the client has left; the client knows which it is.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Rfc,
    SwallowsRequest,
    RefusesDialogue,
}

impl Kind {
    fn of_client(self) -> Quirks {
        let mut quirks = Quirks::default();
        match self {
            Self::Rfc => {}
            Self::SwallowsRequest => quirks.swallows_after_dialogue = true,
            Self::RefusesDialogue => quirks.refuses_left_dialogues = true,
        }
        quirks
    }

    fn of_server(self) -> ServerQuirks {
        let mut quirks = ServerQuirks::default();
        quirks.abandoned_dialogue = match self {
            Self::Rfc => AbandonedDialogue::Forgotten,
            Self::SwallowsRequest => AbandonedDialogue::SwallowsRequest,
            Self::RefusesDialogue => AbandonedDialogue::Refused,
        };
        quirks
    }
}

#[derive(Clone, Debug)]
struct Habits {
    rounds: usize,
    empty_round: bool,
    expired: bool,
    banner: bool,
    polite: bool,
    announces: bool,
    lists_others: bool,
}

impl World {
    pub(crate) fn any() -> impl Strategy<Value = Self> {
        let pipelining = prop_oneof![
            Just(Pipelining::Off),
            (0..5_u32).prop_map(|queries| Pipelining::Opening { queries }),
        ];
        let early = prop_oneof![
            Just(EarlyPassword::Never),
            Just(EarlyPassword::InOpening),
            Just(EarlyPassword::BehindSignature),
        ];
        let discovery = prop_oneof![Just(Discovery::ProbeNone), Just(Discovery::Skip)];
        let kind = prop_oneof![
            2 => Just(Kind::Rfc),
            1 => Just(Kind::SwallowsRequest),
            1 => Just(Kind::RefusesDialogue),
        ];
        let counting = prop_oneof![Just(TryCounting::Separate), Just(TryCounting::Shared)];
        let tries = prop_oneof![4 => Just(u32::MAX), 1 => 1..8_u32];
        let habits = (1..4_usize, any::<[bool; 6]>());
        let habits = habits.prop_map(|(rounds, flags)| Habits {
            rounds,
            empty_round: flags[0],
            expired: flags[1],
            banner: flags[2],
            polite: flags[3],
            announces: flags[4],
            lists_others: flags[5],
        });
        (
            (Tree::any(), Credentials::any()),
            (
                pipelining,
                early,
                (discovery, counting, kind),
                0..8_u32,
                tries,
                habits,
            ),
        )
            .prop_map(
                |(
                    (tree, credentials),
                    (
                        pipelining,
                        early_password,
                        (discovery, counting, kind),
                        budget,
                        tries,
                        server,
                    ),
                )| Self {
                    credentials: credentials.suited_to(&tree),
                    tree,
                    pipelining,
                    early_password,
                    discovery,
                    counting,
                    kind,
                    budget,
                    tries,
                    server,
                },
            )
    }

    pub(crate) fn is_possible(&self) -> bool {
        self.credentials.satisfy(&self.tree)
    }

    pub(crate) fn config(&self) -> Config {
        let mut budget = AttemptBudget::default();
        budget.refusals = self.budget;
        let mut limits = Limits::default();
        limits.max_requests = 1024;
        // Counted together, a wrong one of the two would use up the tries of the right one.
        let plan = &self.credentials.plan;
        let both = [Method::Password, Method::KeyboardInteractive];
        let counting = match both.iter().all(|method| plan.contains(method)) {
            true => TryCounting::Separate,
            false => self.counting,
        };
        Config::new("alice")
            .try_counting(counting)
            .quirks(self.kind.of_client())
            .methods(self.credentials.plan.iter().copied())
            .pipelining(self.pipelining)
            .early_password(self.early_password)
            .discovery(self.discovery)
            .attempt_budget(budget)
            .limits(limits)
    }

    pub(crate) fn server(&self) -> PolicyServer {
        let Habits {
            rounds,
            empty_round,
            expired,
            banner,
            polite,
            announces,
            lists_others,
        } = self.server;
        let mut account = self.credentials.account(rounds, empty_round);
        if expired {
            account = account.password_expired("Change it.");
        }
        let mut quirks = self.kind.of_server();
        quirks.accepts_every_query = polite;
        let mut server = PolicyServer::new(SESSION_ID, self.tree.policy())
            .account(account)
            .quirks(quirks)
            .max_auth_tries(self.tries);
        if banner {
            server = server.banner("Welcome");
        }
        if announces {
            server = server.signature_algorithms(["ssh-ed25519"]);
        }
        if lists_others {
            server = server.also_lists(["unknown@example.org"]);
        }
        server
    }

    pub(crate) fn person(&self) -> Person {
        self.credentials.person(self.server.rounds)
    }

    pub(crate) fn run(&self) -> (Run, PolicyServer) {
        let mut server = self.server();
        let run = self.run_with(&mut server);
        (run, server)
    }

    pub(crate) fn run_with(&self, server: &mut impl Server) -> Run {
        let session = Session::encrypted(SESSION_ID);
        pair(self.config(), session, server, &mut self.person()).unwrap()
    }
}
