//! Every number that bounds a run.

use crate::error::ConfigError;

/// Banner packets of one run beyond which the server is broken, not chatty.
pub(crate) const HARD_MAX_BANNERS: u32 = 1024;

macro_rules! limits {
    ($( $(#[$doc:meta])* $name:ident: $type:ty = $default:expr, at most $ceiling:expr; )*) => {
        /// Every number that bounds a run: what the server may send, what the caller may answer,
        /// how often anything may happen. All have finite defaults, and ceilings above which
        /// [`UserAuthClient::new`](crate::UserAuthClient::new) refuses them.
        ///
        /// ```
        /// use ssh_userauth::{Config, Limits};
        ///
        /// let mut limits = Limits::default();
        /// limits.max_password_tries = 1;
        /// let config = Config::new("alice").limits(limits);
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub struct Limits {
            $( $(#[$doc])* #[doc = concat!("\n\nDefault: `", stringify!($default), "`, at most `", stringify!($ceiling), "`.")]
            pub $name: $type, )*
        }

        impl Default for Limits {
            fn default() -> Self {
                Self::DEFAULT
            }
        }

        impl Limits {
            pub(crate) const DEFAULT: Self = Self { $( $name: $default, )* };

            pub(crate) fn check(&self) -> Result<(), ConfigError> {
                $( if self.$name > $ceiling {
                    return Err(ConfigError::LimitAboveCeiling {
                        name: stringify!($name),
                        ceiling: usize::try_from($ceiling).unwrap_or(usize::MAX),
                    });
                } )*
                Ok(())
            }
        }
    };
}

limits! {
    /// Length of one inbound payload, in bytes. Above: protocol error.
    max_packet_bytes: usize = 256 * 1024, at most 1024 * 1024;
    /// Prompts in one `SSH_MSG_USERAUTH_INFO_REQUEST`. Above: protocol error.
    max_prompts: usize = 100, at most 1024;
    /// Rounds of prompts in one keyboard-interactive exchange, or messages of the server in one
    /// exchange of the caller's own method. Above: protocol error.
    max_rounds: u32 = 32, at most 1024;
    /// How often a password may be refused before the method is given up.
    max_password_tries: u32 = 3, at most 64;
    /// How often keyboard-interactive may be refused, after prompts, before it is given up.
    max_keyboard_interactive_tries: u32 = 3, at most 64;
    /// How often a method of the caller's own may be refused before it is given up.
    max_other_tries: u32 = 3, at most 64;
    /// Tokens of the server in one GSS-API exchange, and errors. Above: protocol error.
    max_gssapi_tokens: u32 = 32, at most 1024;
    /// `SSH_MSG_USERAUTH_PASSWD_CHANGEREQ` in a row. Above: protocol error.
    max_password_changes: u32 = 5, at most 64;
    /// `SSH_MSG_USERAUTH_REQUEST` messages in the run; then it ends. OpenSSH's server ends the
    /// connection at 1024.
    max_requests: u32 = 64, at most 1024;
    /// Identities that the caller may offer in the run; then keys are no longer asked for.
    max_identities: usize = 1024, at most 65_536;
    /// Partial successes in the run. Above: protocol error.
    max_partial_successes: u32 = 16, at most 64;
    /// Banners that are passed on; more are dropped with one notice, and 1024 are a protocol
    /// error.
    max_banners: u32 = 64, at most HARD_MAX_BANNERS;
    /// Bytes of banner text that are passed on in the run.
    max_banner_bytes: usize = 64 * 1024, at most 1024 * 1024;
    /// `SSH_MSG_EXT_INFO` messages, the one given with the session included. Above: protocol
    /// error.
    max_ext_info: u32 = 2, at most 8;
    /// Length of `server-sig-algs`, in bytes; what is behind is not read.
    max_algorithm_list_bytes: usize = 16 * 1024, at most 64 * 1024;
    /// Bytes of a list of methods that are kept for the report. Known names are found behind it.
    max_method_list_bytes: usize = 4 * 1024, at most 64 * 1024;
    /// Length of the user name, in bytes.
    max_user_bytes: usize = 1024, at most 64 * 1024;
    /// Length of a password, in bytes. Above: the answer is refused.
    max_password_bytes: usize = 64 * 1024, at most 1024 * 1024;
    /// Length of one answer to a prompt, in bytes. Above: the answer is refused.
    max_answer_bytes: usize = 64 * 1024, at most 1024 * 1024;
    /// Length of a signature blob, in bytes. Above: the signature is refused.
    max_signature_bytes: usize = 64 * 1024, at most 1024 * 1024;
}
