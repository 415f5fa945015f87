//! What can be written in a transcript, and what is said of what can't.

use ssh_userauth_testing::Transcript;

#[test]
fn what_is_no_transcript_says_where_and_why() {
    for (text, line, reason) in [
        ("C request pasword x", 1, "there is no request \"pasword\""),
        ("# fine\n\nX hello", 3, "no line begins with \"X\""),
        ("S", 1, "what the server says is missing"),
        ("S success now", 1, "now does not belong here"),
        ("S hello", 1, "a server never says \"hello\""),
        ("C hello", 1, "we never send \"hello\""),
        ("! shout", 1, "a caller never says \"shout\""),
        ("? colour", 1, "we never ask for \"colour\""),
        ("* gossip", 1, "we never tell \"gossip\""),
        ("= tie", 1, "nothing ends with \"tie\""),
        (
            "config colour blue",
            1,
            "there is no configuration \"colour\"",
        ),
        ("session colour blue", 1, "a session has no \"colour\""),
        ("S banner two words", 1, "words does not belong here"),
        ("S banner \"two words", 1, "a quote is not closed"),
        ("S raw 3", 1, "\"3\" is not pairs of hexadecimal digits"),
        ("S success times often", 1, "times needs a number"),
        ("! password x => eaten", 1, "there is no outcome \"eaten\""),
        ("? password first", 1, "attempt: \"first\" is not a number"),
        ("= give-up 14", 1, "ending is missing"),
        ("* partial magic", 1, "there is no method \"magic\""),
        ("config methods magic", 1, "there is no method \"magic\""),
        ("config limit max_fun 1", 1, "there is no limit \"max_fun\""),
        (
            "config trivial maybe",
            1,
            "trivial: \"maybe\" is none of accept, reject",
        ),
        (
            "config quirk none",
            1,
            "quirk: \"none\" is none of unlisted-rsa-sha2, rsa-certificates-by-type, bare-session-id, \
             swallows-after-dialogue, refuses-left-dialogues, delays-refusals",
        ),
        (
            "config gssapi-mechanisms krb4",
            1,
            "\"krb4\" is not pairs of hexadecimal digits",
        ),
        (
            "config client-host h u K,1",
            1,
            "\"K,1\" is not a name: 1 to 32 letters, digits, - and _",
        ),
        ("C request ping 01", 1, "there is no request \"ping\""),
        (
            "C request hostbased H1 query",
            1,
            "hostbased is always signed, never \"query\"",
        ),
        (
            "C request publickey K1 lost",
            1,
            "\"lost\" is neither query nor signed",
        ),
        ("S method-message 59", 1, "59 is not one of 60 to 79"),
        ("S gssapi-token", 1, "token is missing"),
        ("! established", 1, "integrity or no-integrity is missing"),
        ("! choose magic", 1, "there is no method \"magic\""),
        (
            "? gssapi-mic password",
            1,
            "\"password\" has no integrity code",
        ),
        (
            "? method-request ping@example.org 1 lost",
            1,
            "\"lost\" is neither refused nor accepted",
        ),
        ("turn mine", 1, "it is never the turn of \"mine\""),
        ("config budget 6", 1, "reserve is missing"),
        (
            "config tries both",
            1,
            "tries: \"both\" is none of separate, shared",
        ),
        (
            "config bridge open",
            1,
            "bridge: \"open\" is none of never, hidden-single-prompt-once",
        ),
        (
            "config pipelining on",
            1,
            "pipelining: \"on\" is none of off, opening",
        ),
        (
            "config pipelining opening",
            1,
            "number of queries is missing",
        ),
        ("S disconnect bye", 1, "reason: \"bye\" is not a number"),
        ("S disconnect 2", 1, "text is missing"),
        ("S close now", 1, "now does not belong here"),
        (
            "! abandon ship",
            1,
            "\"ship\" is none of server-timeout, caller-timeout, other",
        ),
        ("? password 1 prompt", 1, "prompt is missing"),
        (
            "refusals-left few",
            1,
            "number of refusals: \"few\" is not a number",
        ),
        ("attempt 2", 1, "outcome is missing"),
        (
            "S success\nconfig user bob",
            2,
            "the head ends where the conversation begins",
        ),
    ] {
        let error = text.parse::<Transcript>().expect_err(text);
        assert_eq!((error.line(), error.reason()), (line, reason), "{text}");
        assert_eq!(error.to_string(), format!("line {line}: {reason}"));
    }
}

/// "Empty lines and lines that begin with `#` are comments": they are kept, where they are.
#[test]
fn comments_stay_where_they_are() {
    let text = "# What it is about.\n#\n\nconfig methods none\n\n# We begin.\n\
        C service-request ssh-userauth\nC request none\n\n#\n# The end.\n\
        S service-accept\nS success\n= start ssh-connection trivial\n\n# Nothing more.\n";
    let transcript: Transcript = text.parse().unwrap();
    assert_eq!(transcript.to_string(), text);
    transcript.check().unwrap();
    assert_eq!(transcript.play().unwrap(), transcript);
}

/// What comes out after an input stands behind it, also where the same is said several times; those
/// in a row to which nothing comes out are one line.
#[test]
fn what_is_said_several_times() {
    let inputs = "config limit max_banners 2\nconfig methods none\nconfig pipelining off\n\n\
        S service-accept\nS banner Hi times 6\nS success\n";
    let played = "config limit max_banners 2\nconfig methods none\nconfig pipelining off\n\n\
        C service-request ssh-userauth\nS service-accept\nC request none\n\
        S banner Hi\n* banner Hi\nS banner Hi\n* banner Hi\nS banner Hi\n* banners-dropped\n\
        S banner Hi times 3\nS success\n= start ssh-connection trivial\n";
    let inputs: Transcript = inputs.parse().unwrap();
    assert_eq!(inputs.play().unwrap().to_string(), played);
    let played: Transcript = played.parse().unwrap();
    played.check().unwrap();
}

#[test]
fn a_mismatch_reads_as_a_difference() {
    let wrong: Transcript =
        "config pipelining off\nC service-request ssh-userauth\nS service-accept\n\
        C request password x\nS failure password\n? password 1\n! answer y\n"
            .parse()
            .unwrap();
    assert_eq!(
        wrong.check().unwrap_err().to_string(),
        "the conversation took another course (- transcript, + machine):\n  \
           C service-request ssh-userauth\n  \
           S service-accept\n\
         - C request password x\n\
         + C request none\n  \
           S failure password\n  \
           ? password 1\n\
         - ! answer y\n\
         + ! answer y => not-asked\n"
    );
    let head: Transcript = "session id \"\"".parse().unwrap();
    let error = head.check().unwrap_err().to_string();
    assert_eq!(
        error,
        "no machine can be made from the head: the session identifier is empty\n"
    );
}

/// What the policies, the transport and the bridge add is read as it is printed.
#[test]
fn what_is_printed_reads_the_same() {
    for text in [
        "config budget 6 1",
        "config tries separate",
        "config bridge never",
        "config pipelining off",
        "config pipelining opening 4294967295",
        "S disconnect 2 \"\\x1b[2J\"",
        "S disconnect 2 \"prompt\" times 2 => not-ours",
        "S close",
        "S unimplemented => not-ours",
        "! abandon server-timeout",
        "! abandon caller-timeout",
        "! abandon other",
        "? password 1 prompt \"\"",
        "? password 2 refused prompt \"prompt\"",
        "refusals-left 0",
        "unanswered 12",
        "attempt 2 RefusedWhileAsking",
        "disconnected 2 \"by application\"",
    ] {
        let transcript: Transcript = text.parse().unwrap();
        assert_eq!(transcript.to_string(), format!("{text}\n"));
    }
}
