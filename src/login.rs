//! Who logs in where: the facts that never change in a run, shared with every question.

use alloc::boxed::Box;
use alloc::string::String;

use crate::config::UserName;
use crate::wire::{Request, RequestMethod};

/// Who logs in where. Every question carries it, so that a prompt can say for which connection
/// it is, and a signer's user interface what it is about to approve.
#[derive(Debug)]
#[cfg_attr(test, derive(Hash))]
pub struct Login {
    pub(crate) user: UserName,
    pub(crate) service: String,
    pub(crate) label: Option<String>,
    pub(crate) host_key: Option<Box<[u8]>>,
    pub(crate) session_id: Box<[u8]>,
}

impl Login {
    /// The user to log in as.
    #[must_use]
    pub fn user(&self) -> &UserName {
        &self.user
    }

    /// The service to be started, such as `ssh-connection`.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The caller's name for this login; see [`Config::label`](crate::Config::label).
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// The server's host key blob, if the transport told it.
    #[must_use]
    pub fn host_key(&self) -> Option<&[u8]> {
        self.host_key.as_deref()
    }

    /// The session identifier of the first key exchange (RFC 4253 section 7.2).
    #[must_use]
    pub fn session_id(&self) -> &[u8] {
        &self.session_id
    }

    /// RFC 4252 section 5: "The 'user name' and 'service name' are repeated in every new
    /// authentication attempt", and they never change here.
    pub(crate) fn request<'a>(&'a self, method: RequestMethod<'a>) -> Request<'a> {
        Request {
            user: self.user.as_bytes(),
            service: self.service.as_bytes(),
            method,
        }
    }
}
