//! A test's client whose answers are functions, one for each kind of question; what a test leaves
//! out is declined.
//!
//! ```sh
//! cargo run -p interop --example callbacks
//! ```
//!
//! In Twisted Conch: a subclass of `SSHUserAuthClient` that overrides `getPublicKey`,
//! `getPrivateKey`, `getPassword` and `getGenericAnswers`, and checks in which order they came.

extern crate alloc;

#[path = "support/connect.rs"]
mod connect;

use alloc::rc::Rc;
use core::cell::RefCell;
use core::error::Error;
use std::io::{Read, Write};

use interop::embedded::{EmbeddedPolicy, EmbeddedServer, Method, Round, demo_key};
use interop::transport::Transport;
use ssh_key::{PrivateKey, PublicKey};
use ssh_userauth::{
    Action, Answer, Authenticated, Config, Identity, NeedNewPassword, NeedPassword, Notice, Prompt,
    Rejected, Secret,
};

type Call<Question, Reply> = Option<Box<dyn FnMut(Question) -> Reply>>;

/// The functions. `None` from one of them declines.
#[derive(Default)]
pub(crate) struct Callbacks {
    /// The next key to offer, given how many there were.
    pub(crate) public_key: Call<usize, Option<PublicKey>>,
    /// The private half of a key that the server would take.
    pub(crate) private_key: Call<Identity, Option<PrivateKey>>,
    pub(crate) password: Call<NeedPassword, Answer>,
    pub(crate) new_password: Call<NeedNewPassword, Answer>,
    pub(crate) prompt: Call<Prompt, Secret>,
    pub(crate) notice: Call<Notice, ()>,
}

impl Callbacks {
    pub(crate) fn log_in<S: Read + Write>(
        mut self,
        stream: S,
        host_key: &[u8],
        config: Config,
    ) -> Result<(Transport<S>, Authenticated), Box<dyn Error>> {
        connect::connect(stream, host_key, config, |action| self.answer(action))
    }

    fn answer(&mut self, action: Action) -> Option<Answer> {
        Some(match action {
            Action::NeedPublicKey(need) => {
                let key = self
                    .public_key
                    .as_mut()
                    .and_then(|call| call(need.offered()));
                match key.and_then(|key| Identity::try_from(&key).ok()) {
                    Some(identity) => need.offer(identity),
                    None => need.none_left(),
                }
            }
            Action::NeedSignature(need) => {
                let call = self.private_key.as_mut();
                match call.and_then(|call| call(need.identity().clone())) {
                    Some(key) => need.sign_with(&key).unwrap_or_else(Rejected::decline),
                    None => need.decline(),
                }
            }
            Action::NeedPassword(need) => self.password.as_mut()?(need),
            Action::NeedNewPassword(need) => self.new_password.as_mut()?(need),
            Action::NeedAnswers(need) => {
                let call = self.prompt.as_mut()?;
                need.answer_each(|prompt| call(prompt.clone()))
            }
            Action::Notify(notice) => {
                self.notice.as_mut()?(notice);
                return None;
            }
            _ => return None,
        })
    }
}

/// A test of a server that wants the key, then the password, then an answer.
pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let key = demo_key("test key")?;
    let policy = EmbeddedPolicy::new("testuser")
        .with_key(&key.public_key().to_bytes()?)
        .with_password("testpass")
        .with_round(Round::new("", "").with_prompt("Favourite colour? ", true, "blue"))
        .then(Method::PublicKey)
        .then(Method::Password)
        .then(Method::KeyboardInteractive);
    let (server, stream) = EmbeddedServer::start(policy)?;

    let order = Rc::new(RefCell::new(Vec::new()));
    let note = |what: &'static str| {
        let order = Rc::clone(&order);
        move || order.borrow_mut().push(what)
    };
    let public = key.public_key().clone();
    let [offered, signed, typed, told] = ["public", "private", "password", "prompt"].map(note);
    let callbacks = Callbacks {
        public_key: Some(Box::new(move |count| {
            offered();
            (count == 0).then(|| public.clone())
        })),
        private_key: Some(Box::new(move |_| {
            signed();
            Some(key.clone())
        })),
        password: Some(Box::new(move |need| {
            typed();
            need.password("testpass")
        })),
        prompt: Some(Box::new(move |_| {
            told();
            Secret::from("blue")
        })),
        ..Callbacks::default()
    };
    let config = Config::new("testuser");
    let (_transport, done) = callbacks.log_in(stream, server.host_key(), config)?;
    println!(
        "{} factors, asked for in this order: {:?}",
        done.factors().len(),
        order.borrow()
    );
    Ok(())
}
