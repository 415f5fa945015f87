//! A case: one question, put to every server that understands it.

use interop::servers::{Kind, Server, Site};
use ssh_userauth::{Action, Config};

use crate::run::{Outcome, Run};
use crate::support::user::TestUser;

/// One row of the table.
pub(crate) struct Case {
    /// For names of files and columns.
    pub(crate) slug: &'static str,
    /// For people.
    pub(crate) title: &'static str,
    /// What to do with a server; `None` where it can't do this.
    pub(crate) plan: fn(Kind) -> Option<Plan>,
}

/// How a login is to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expected {
    /// In, by these methods.
    In(&'static [&'static str]),
    /// Not, and this is the name of the diagnosis.
    Refused(&'static str),
}

/// At which question the user has enough.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Question {
    Signature,
    Password,
    Answers,
}

impl Question {
    pub(crate) fn is(self, action: &Action) -> bool {
        matches!(
            (self, action),
            (Self::Signature, Action::NeedSignature(_))
                | (Self::Password, Action::NeedPassword(_))
                | (Self::Answers, Action::NeedAnswers(_))
        )
    }
}

type Check = Box<dyn Fn(&Run)>;

/// What one case does with one kind of server. Done twice, request by request and with requests
/// sent ahead, so that nothing in here is used up.
pub(crate) struct Plan {
    pub(crate) site: Site,
    /// Request by request, and with requests sent ahead.
    expected: [Expected; 2],
    /// Whether the round trips are the same each time.
    pub(crate) counted: bool,
    /// Who logs in, if not the user of the server.
    pub(crate) name: Option<&'static str>,
    pub(crate) cancel: Option<Question>,
    user: Box<dyn Fn(&Server) -> TestUser>,
    config: Box<dyn Fn(Config) -> Config>,
    checks: Vec<Check>,
}

impl Plan {
    pub(crate) fn new(site: Site, expected: Expected) -> Self {
        Self {
            site,
            expected: [expected.clone(), expected],
            counted: true,
            name: None,
            cancel: None,
            user: Box::new(|_| TestUser::new()),
            config: Box::new(|config| config),
            checks: Vec::new(),
        }
    }

    /// A login of somebody.
    pub(crate) fn logs_in(site: Site, methods: &'static [&'static str]) -> Self {
        Self::new(site, Expected::In(methods))
    }

    /// A login of nobody.
    pub(crate) fn fails(site: Site, diagnosis: &'static str) -> Self {
        Self::new(site, Expected::Refused(diagnosis))
    }

    /// The end is another one.
    pub(crate) fn but(mut self, expected: Expected) -> Self {
        self.expected = [expected.clone(), expected];
        self
    }

    /// The end is another one where requests are sent ahead.
    pub(crate) fn ahead(mut self, expected: Expected) -> Self {
        self.expected[1] = expected;
        self
    }

    /// Who answers the questions.
    pub(crate) fn user(mut self, user: impl Fn(&Server) -> TestUser + 'static) -> Self {
        self.user = Box::new(user);
        self
    }

    /// Changes the configuration.
    pub(crate) fn config(mut self, change: impl Fn(Config) -> Config + 'static) -> Self {
        self.config = Box::new(change);
        self
    }

    /// Logs in under another name.
    pub(crate) const fn name(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    /// Cancels at this question.
    pub(crate) const fn cancel_at(mut self, question: Question) -> Self {
        self.cancel = Some(question);
        self
    }

    /// Looks at what happened, too.
    pub(crate) fn check(mut self, check: impl Fn(&Run) + 'static) -> Self {
        self.checks.push(Box::new(check));
        self
    }

    pub(crate) fn test_user(&self, server: &Server) -> TestUser {
        (self.user)(server)
    }

    pub(crate) fn configured(&self, config: Config) -> Config {
        (self.config)(config)
    }

    /// How many round trips there are depends on how replies come together by chance.
    pub(crate) const fn uncounted(mut self) -> Self {
        self.counted = false;
        self
    }

    /// What happened is compared with what should.
    pub(crate) fn assert(&self, run: &Run) {
        let expected = &self.expected[usize::from(run.ahead)];
        assert_eq!(run.end, *expected, "{run}");
        if let Outcome::In { trivial, .. } = &run.end {
            assert!(!trivial, "{run}");
        }
        for check in &self.checks {
            check(run);
        }
    }
}
