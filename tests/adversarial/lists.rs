//! The latest list of methods decides, and nothing else.

use ssh_userauth::{Action, Config, Ending, Limits, Method, MethodChoice};

use crate::talk::{Talk, ext_info, key_a, user};
use crate::vectors;

fn short_list(bytes: usize) -> Config {
    let mut limits = Limits::default();
    limits.max_method_list_bytes = bytes;
    user().limits(limits)
}

/// The caller's order decides, not the server's. A method outside of the order is not tried.
#[test]
fn default_order_is_keys_then_prompts_then_password() {
    let list = "hostbased,password,gssapi-with-mic,keyboard-interactive,publickey";
    let mut talk = Talk::listed(user(), list);
    talk.no_key();
    assert_eq!(talk.request().method.name(), b"keyboard-interactive");
    talk.refuse(list);
    talk.password("wrong");
    talk.refuse("hostbased,gssapi-with-mic");
    assert_eq!(talk.ending(), Ending::NoMethodLeft);
    let attempts = talk.client.report().attempts().iter();
    let tried: Vec<Method> = attempts.map(|attempt| attempt.method()).collect();
    let expected = [Method::None, Method::KeyboardInteractive, Method::Password];
    assert_eq!(tried, expected);
}

/// A method is tried only while the server lists it.
#[test]
fn method_is_left_when_list_drops_it() {
    let mut talk = Talk::listed(user(), "publickey,keyboard-interactive,password");
    talk.offer(&key_a());
    talk.refuse("password");
    talk.password("wrong");
    talk.refuse("publickey");
    drop(take!(talk, NeedPublicKey));
    talk.command(|client| client.decline_pending());
    assert_eq!(talk.ending(), Ending::NoMethodLeft);
    assert_eq!(talk.sent.len(), 3);
}

/// Beyond the limit only known names are kept. The next list has the same names up to the limit,
/// but not `password`.
#[test]
fn cut_list_is_replaced_by_next_list() {
    let kept = "publickey,x";
    let mut talk = Talk::listed(short_list(12), "publickey,x,password");
    talk.offer(&key_a());
    talk.refuse(kept);
    talk.no_key();
    assert!(
        !talk
            .client
            .report()
            .methods()
            .unwrap()
            .contains(Method::Password)
    );
    assert_eq!(talk.ending(), Ending::NoMethodLeft, "{:?}", talk.asked);
}

/// A list that is as long as the limit is not too long.
#[test]
fn list_as_long_as_limit_is_kept_whole() {
    let list = "abc,password";
    let talk = Talk::listed(short_list(list.len()), list);
    let kept = talk.client.report().methods().unwrap();
    assert_eq!(kept.to_string(), list);
}

/// The caller chooses from an old list; the server has sent another one since.
#[test]
fn choice_from_replaced_list_is_not_followed() {
    let config = user().method_choice(MethodChoice::Ask);
    let mut talk = Talk::listed(config, "keyboard-interactive,password");
    let need = take!(talk, NeedMethod);
    talk.answer(need.choose(Method::KeyboardInteractive).unwrap());
    talk.hear(&vectors::info_request_hidden());
    let need = take!(talk, NeedAnswers);
    talk.answer(need.decline());
    let old = take!(talk, NeedMethod);
    assert_eq!(old.choices(), [Method::Password]);
    // The dialogue that was left is refused, with another list.
    talk.refuse("publickey");
    let choice = old.choose(Method::Password).unwrap();
    let taken = talk.command(|client| client.handle_answer(choice));
    assert!(
        !matches!(talk.asked, Some(Action::NeedPassword(_))),
        "`password` is not listed: {taken:?}"
    );
}

/// A declined method is not tried again, whatever is listed and whatever succeeds in between.
#[test]
fn declined_method_is_not_tried_again() {
    let list = "password,keyboard-interactive,publickey";
    let order = [
        Method::Password,
        Method::KeyboardInteractive,
        Method::PublicKey,
    ];
    let mut talk = Talk::listed(user().methods(order), list);
    talk.command(|client| client.decline_pending());
    talk.hear(&vectors::info_request_hidden());
    talk.answers("right");
    talk.partial(list);
    talk.hear(&vectors::info_request_hidden());
    talk.command(|client| client.decline_pending());
    talk.offer(&key_a());
    talk.hear(&vectors::pk_ok_a());
    talk.sign();
    talk.partial(list);
    talk.no_key();
    assert_eq!(talk.ending(), Ending::NoMethodLeft);
}

#[test]
fn unknown_names_and_order_of_names_change_nothing() {
    let play = |lists: [&str; 2], extra: bool| {
        let mut talk = Talk::accepted(user());
        let list: (&str, &[u8]) = ("server-sig-algs", b"ssh-ed25519");
        let unknown: (&str, &[u8]) = ("unknown@example.org", b"\0\x1b");
        let entries = if extra {
            vec![unknown, list, unknown]
        } else {
            vec![list]
        };
        talk.hear(&ext_info(&entries));
        talk.refuse(lists[0]);
        talk.offer(&key_a());
        talk.refuse(lists[0]);
        talk.no_key();
        talk.hear(&vectors::info_request_hidden());
        talk.answers("code");
        talk.partial(lists[1]);
        talk.password("secret");
        talk.succeed();
        talk.sent
    };
    let all = "publickey,keyboard-interactive,password";
    let plain = play([all, "password"], false);
    for lists in [
        ["password,keyboard-interactive,publickey", "password"],
        [
            "x,publickey,y@z,keyboard-interactive,password,,",
            "password,\x1b[2J",
        ],
        [
            "keyboard-interactive,publickey,password,password",
            "q,password",
        ],
    ] {
        assert_eq!(play(lists, true), plain);
    }
}
