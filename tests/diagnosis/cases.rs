//! One run for every diagnosis.

use ssh_userauth::{
    AbandonReason, HostBound, Limits, Method, Pipelining, ServiceRequest, Session, TrivialSuccess,
};
use ssh_userauth_testing::wire::{
    Banner, ExtInfo, Extension, GssapiResponse, InfoRequest, PasswdChangeReq, Prompt,
    ServiceAccept, Success, encode_exact,
};

use crate::play::{Play, config, identity, key, session};

pub(crate) const PASSWORD: &str = "hunter2";

type Run = fn() -> Play;

/// In the order of the documentation.
pub(crate) const CASES: &[(&str, Run)] = &[
    ("nothing_to_try", nothing_to_try),
    ("no_common_method", || listed("hostbased,gssapi-with-mic")),
    ("methods_unknown", || listed("duo@example.org")),
    ("no_methods_offered", || listed("")),
    ("all_keys_refused", all_keys_refused),
    ("no_mutual_algorithm", no_mutual_algorithm),
    ("key_accepted_signature_refused", signature_refused),
    ("key_not_signed", key_not_signed),
    ("host_bound_unavailable", host_bound_unavailable),
    ("password_refused", password_refused),
    ("password_expired", password_expired),
    ("answers_refused", answers_refused),
    ("refused_while_asking", refused_while_asking),
    ("method_refused", method_refused),
    ("cannot_continue", cannot_continue),
    ("not_confidential", not_confidential),
    ("second_factor_missing", second_factor_missing),
    ("requests_spent", requests_spent),
    ("too_many_refusals", too_many_refusals),
    ("server_disconnected", server_disconnected),
    ("sent_ahead", sent_ahead),
    ("unanswered_requests", unanswered_requests),
    ("connection_lost", connection_lost),
    ("cancelled", cancelled),
    ("abandoned", abandoned),
    ("no_user_auth", no_user_auth),
    ("trivial_success", trivial_success),
    ("protocol_violation", protocol_violation),
];

/// The run of this name.
pub(crate) fn case(name: &str) -> Play {
    let (_, run) = CASES.iter().find(|(own, _)| *own == name).unwrap();
    run()
}

fn listed(methods: &str) -> Play {
    let mut play = Play::new(config());
    play.learn(methods);
    play.finish();
    play
}

fn nothing_to_try() -> Play {
    let mut play = Play::new(config());
    play.learn("publickey,password");
    play.offer([]);
    play.decline();
    play.finish();
    play
}

fn with_key(methods: &[Method]) -> Play {
    let mut play = Play::new(config().methods(methods.iter().copied()));
    play.learn("publickey,password");
    play.offer([key(1, "laptop")]);
    play
}

fn all_keys_refused() -> Play {
    let mut play = Play::new(config());
    play.learn("publickey,password");
    play.offer([
        key(1, "laptop"),
        key(2, "work"),
        identity("sk-ssh-ed25519@openssh.com", 3),
    ]);
    for _ in 0..3 {
        play.refuse("publickey,password");
    }
    play.offer([]);
    play.decline();
    play.finish();
    play
}

fn no_mutual_algorithm() -> Play {
    let mut play = Play::on(
        session().ext_info(server_sig_algs(b"ssh-rsa,ssh-dss")),
        config().methods([Method::PublicKey]),
    );
    play.learn("publickey");
    play.offer([identity("ssh-rsa", 4).with_label("old laptop")]);
    play.offer([]);
    play.finish();
    play
}

fn server_sig_algs(list: &[u8]) -> Vec<u8> {
    let name = b"server-sig-algs".as_slice();
    let entries = vec![Extension { name, value: list }];
    encode_exact(&ExtInfo { entries }).unwrap()
}

fn signature_refused() -> Play {
    let mut play = with_key(&[Method::PublicKey]);
    play.accept(&key(1, "laptop"));
    play.sign();
    play.refuse("publickey,password");
    play.offer([]);
    play.finish();
    play
}

fn key_not_signed() -> Play {
    let mut play = Play::new(config());
    play.learn("publickey");
    let rsa = key(1, "laptop");
    play.offer([rsa.clone()]);
    play.accept(&rsa);
    play.sign_as(Some("ssh-rsa"));
    play.offer([]);
    play.finish();
    play
}

fn host_bound_unavailable() -> Play {
    let mut play = Play::new(config().host_bound(HostBound::Require));
    play.learn("publickey");
    play.finish();
    play
}

fn password_refused() -> Play {
    let mut play = Play::new(config());
    play.learn("password");
    for _ in 0..3 {
        play.password(PASSWORD);
        play.refuse("password");
    }
    play.finish();
    play
}

/// A new password is asked for.
pub(crate) fn expired() -> Play {
    let mut play = Play::new(config());
    play.learn("password");
    play.password(PASSWORD);
    play.hear(&PasswdChangeReq {
        prompt: b"Your password has expired.",
        language: b"",
    });
    play
}

fn password_expired() -> Play {
    let mut play = expired();
    play.decline();
    play.finish();
    play
}

pub(crate) fn prompt(play: &mut Play) {
    play.hear(&InfoRequest {
        name: b"",
        instruction: b"",
        language: b"",
        prompts: vec![Prompt {
            text: b"Code: ",
            echo: false,
        }],
    });
}

fn answers_refused() -> Play {
    let mut play = Play::new(config());
    play.learn("keyboard-interactive");
    for _ in 0..3 {
        prompt(&mut play);
        play.answers("123456");
        play.refuse("keyboard-interactive");
    }
    play.finish();
    play
}

fn refused_while_asking() -> Play {
    let mut play = Play::new(config());
    play.learn("keyboard-interactive");
    for _ in 0..2 {
        prompt(&mut play);
        play.refuse("keyboard-interactive");
    }
    prompt(&mut play);
    play.decline();
    play.finish();
    play
}

fn method_refused() -> Play {
    let mut play = Play::new(config());
    play.learn("keyboard-interactive");
    play.refuse("keyboard-interactive");
    play.finish();
    play
}

fn cannot_continue() -> Play {
    let kerberos: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02";
    let config = config()
        .methods([Method::GssapiWithMic])
        .gssapi_mechanisms([kerberos]);
    let mut play = Play::new(config);
    play.learn("gssapi-with-mic");
    play.hear(&GssapiResponse {
        mechanism: b"Kerberos",
    });
    play.finish();
    play
}

fn not_confidential() -> Play {
    let session = Session::unencrypted([7; 32]).service_request(ServiceRequest::Accepted);
    let mut play = Play::on(session, config());
    play.learn("password,keyboard-interactive");
    play.finish();
    play
}

/// Everything that can be drawn.
fn second_factor_missing() -> Play {
    let session = session().service_request(ServiceRequest::Ours);
    let mut play = Play::on(session, config());
    play.hear(&ServiceAccept {
        name: Some(b"ssh-userauth"),
    });
    let algorithms = server_sig_algs(b"ssh-ed25519,rsa-sha2-512");
    play.client.handle_packet(&algorithms).unwrap();
    play.hear(&Banner {
        message: b"Authorized use only.\r\n",
        language: b"",
    });
    play.learn("publickey,password");
    let laptop = key(1, "laptop");
    play.offer([laptop.clone()]);
    play.accept(&laptop);
    play.sign();
    play.partial("password");
    play.password(PASSWORD);
    play.refuse("password");
    play.decline();
    play.finish();
    play
}

fn requests_spent() -> Play {
    let mut limits = Limits::default();
    limits.max_requests = 2;
    let mut play = Play::new(config().limits(limits));
    play.learn("publickey");
    play.offer([key(1, "laptop"), key(2, "work")]);
    play.refuse("publickey");
    play.finish();
    play
}

fn too_many_refusals() -> Play {
    let mut play = Play::new(config());
    play.learn("publickey");
    play.offer((1..=6).map(|number| key(number, &format!("key {number}"))));
    for _ in 0..5 {
        play.refuse("publickey");
    }
    play.client
        .disconnected(2, b"Too many authentication failures");
    play.finish();
    play
}

fn server_disconnected() -> Play {
    let mut play = with_key(&[Method::PublicKey]);
    let said = b"User not allowed\x1b[2J because account is locked";
    play.client.disconnected(11, said);
    play.finish();
    play
}

/// Several requests in one write, and replies that a reset has destroyed.
fn sent_ahead() -> Play {
    let config = config()
        .methods([Method::PublicKey])
        .pipelining(Pipelining::Opening { queries: 3 });
    let mut play = Play::new(config);
    play.offer([key(1, "laptop"), key(2, "work"), key(3, "token")]);
    play.refuse("publickey");
    play.client.connection_lost();
    play.finish();
    play
}

fn unanswered_requests() -> Play {
    let mut play = Play::new(config().methods([Method::PublicKey]));
    play.learn("publickey");
    play.offer([key(1, "laptop")]);
    play.client.connection_lost();
    play.finish();
    play
}

fn connection_lost() -> Play {
    let mut play = Play::new(config());
    play.learn("keyboard-interactive");
    prompt(&mut play);
    play.client.connection_lost();
    play.finish();
    play
}

fn cancelled() -> Play {
    let mut play = Play::new(config());
    play.learn("password");
    play.client.cancel();
    play.finish();
    play
}

fn abandoned() -> Play {
    let mut play = with_key(&[Method::PublicKey]);
    play.client.abandon(AbandonReason::ServerTimeout);
    play.finish();
    play
}

fn no_user_auth() -> Play {
    let session = session().service_request(ServiceRequest::Ours);
    let mut play = Play::on(session, config());
    play.send();
    play.client.unimplemented().unwrap();
    play.finish();
    play
}

fn trivial_success() -> Play {
    let mut play = Play::new(config().trivial_success(TrivialSuccess::Reject));
    play.hear(&Success);
    play.finish();
    play
}

fn protocol_violation() -> Play {
    let mut play = Play::new(config());
    play.learn("publickey");
    play.offer([key(1, "laptop")]);
    let wrong = encode_exact(&PasswdChangeReq {
        prompt: b"",
        language: b"",
    });
    play.client.handle_packet(&wrong.unwrap()).unwrap_err();
    play.send();
    play
}
