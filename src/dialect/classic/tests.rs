//! Whole entries.

use super::*;
use crate::{
    event::{Body, Closing},
    tls::MessageKind,
    wire::Content,
};

/// The events of a text, entry by entry.
fn events(text: &str) -> Vec<Event> {
    let (mut dialect, mut events) = (Classic::default(), Vec::new());
    let data = text.as_bytes();
    let mut start = next_start(data, 0);
    while let Some(at) = start {
        let next = next_start(data, at + 1);
        let end = next.unwrap_or(data.len());
        let span = Span::new(at as u64, 0, 0);
        dialect.read(&data[at..end], span, next.is_none(), &mut events);
        start = next;
    }
    events
}

#[test]
fn a_flight_is_read_message_by_message() {
    let text = "*** ServerHello, TLSv1.1\nRandomCookie:  random_bytes = {00}\nSession ID:  {1}\nCipher Suite: TLS_RSA_WITH_AES_128_CBC_SHA\nCompression Method: 0\nExtension renegotiation_info, renegotiated_connection: <empty>\n***\nCipher suite:  TLS_RSA_WITH_AES_128_CBC_SHA\n*** Certificate chain\n<Empty>\n***\n*** ServerHelloDone\nmain, WRITE: TLSv1.1 Handshake, length = 10\n";
    let events = events(text);
    let kinds: Vec<_> = events
        .iter()
        .filter_map(|event| match &event.fact {
            Fact::Message(_, message) => Some(message.kind.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(
        kinds,
        [
            MessageKind::ServerHello,
            MessageKind::Certificate,
            MessageKind::ServerHelloDone
        ]
    );
    let Fact::Message(_, hello) = &events[0].fact else {
        panic!("a message")
    };
    let Body::ServerHello(hello) = &hello.body else {
        panic!("a hello")
    };
    assert_eq!(hello.legacy_version, Some(ProtocolVersion::Tls11));
    assert_eq!(
        hello.cipher_suite.as_ref().unwrap().name(),
        "TLS_RSA_WITH_AES_128_CBC_SHA"
    );
    assert!(matches!(&events[1].fact, Fact::Message(_, message)
        if matches!(&message.body, Body::Certificates(list) if list.is_empty())));
    assert_eq!(&*events[3].thread.name, "main");
}

#[test]
fn five_records_on_one_line_are_five() {
    let line = "a, READ: TLSv1.2 Handshake, length = 81b, READ: TLSv1.2 Handshake, length = 5c, WRITE: TLSv1.2 Alert, length = 2\n";
    let names: Vec<_> = events(line)
        .iter()
        .map(|event| event.thread.name.to_string())
        .collect();
    assert_eq!(names, ["a", "b", "c"]);
}

#[test]
fn a_torn_message_says_so_and_its_rest_is_found() {
    let text = "*** ClientHello, TLSv1.2\nSession ID:  {}\n[Raw write]: length = 5\n0000: 16 03 03 00 AF\nExtension server_name, server_name: [type=host_name (0), value=lab.example]\n***\n";
    let events = events(text);
    assert!(matches!(events[0].fact, Fact::Torn));
    assert!(matches!(events[1].fact, Fact::Message(..)));
    let Fact::Rest(rest) = &events[2].fact else {
        panic!("a rest")
    };
    assert!(matches!(&**rest, Body::ClientHello(hello)
        if hello.extensions.server_name.as_deref() == Some("lab.example")));
}

#[test]
fn key_material_and_dumps_say_where_they_begin_and_nothing_else() {
    let text = "SESSION KEYGEN:\nPreMaster Secret:\n0000: 03 03 EC 64 2F 3B A7 69   85 0C 34 6F BB 28 4F 3C  ...d/;.i..4o.(O<\nCONNECTION KEYGEN:\nMaster Secret:\n0000: 48 1C\n[Raw read]: length = 5\n0000: 16 03 03 00 AF\nPadded plaintext after DECRYPTION:  len = 16\n0000: 14\n";
    let facts: Vec<Fact> = events(text).into_iter().map(|event| event.fact).collect();
    let begins = |secret| Fact::Jvm(JvmFact::Secret(secret));
    assert_eq!(facts, [begins(Secret::Keys), begins(Secret::Data)]);
}

#[test]
fn a_dump_of_the_length_that_is_printed_gives_its_bytes() {
    let told = |text: &str| match &events(text)[..] {
        [] => None,
        [event] => match &event.fact {
            Fact::Bytes(bytes) => Some((bytes.direction, bytes.content, bytes.data.len())),
            fact => panic!("{fact:?}"),
        },
        more => panic!("{more:?}"),
    };
    let said = told(
        "[Raw read]: length = 5\n0000: 32 32 30 20 6D                                     220 m\n",
    );
    assert_eq!(said, Some((Direction::Received, Content::Foreign, 5)));
    let rows = "0000: 01 00 00 31 03 02 6B 00   EB 9E 10 B4 56 9A 40 75  ......k.....V.@u\n0010: 44 19 AF 80\n";
    let whole = told(&format!("[Raw read]: length = 20\n{rows}"));
    assert_eq!(whole, Some((Direction::Received, Content::Messages, 20)));
    // a row of another thread's dump took the place of this one's
    assert_eq!(told(&format!("[Raw read]: length = 53\n{rows}")), None);
}

/// What is refused in these lines: one thing.
fn refused(lines: &str) -> RefusedItem {
    match &events(lines)[..] {
        [
            Event {
                fact: Fact::Jvm(JvmFact::Refused(item)),
                ..
            },
        ] => item.clone(),
        events => panic!("one item: {events:?}"),
    }
}

#[test]
fn what_policy_refuses_is_reported_once() {
    let line = "Ignoring unsupported cipher suite: TLS_RSA_WITH_AES_256_CBC_SHA256 for TLSv1.1\n";
    let item = refused(&line.repeat(3));
    assert_eq!(&*item.name, "TLS_RSA_WITH_AES_256_CBC_SHA256");
    assert_eq!(
        (item.disabled, item.version.as_ref()),
        (false, Some(&ProtocolVersion::Tls11))
    );
}

#[test]
fn a_version_without_a_suite_is_reported_once() {
    let item = refused(&"No available cipher suite for TLSv1.1\n".repeat(3));
    assert_eq!(
        (item.kind, &*item.name),
        (RefusedKind::VersionWithoutSuite, "TLSv1.1")
    );
}

/// What is between the title of a certificate list and its end.
fn certificates(between: &str) -> Body {
    let events = events(&format!("*** Certificate chain\n{between}***\n"));
    match &events[..] {
        [
            Event {
                fact: Fact::Message(_, message),
                ..
            },
        ] => message.body.clone(),
        events => panic!("one list: {events:?}"),
    }
}

#[test]
fn a_shortened_list_of_certificates_is_not_an_empty_one() {
    for empty in ["", "\n", "<Empty>\n"] {
        let Body::Certificates(list) = certificates(empty) else {
            panic!("{empty:?} is a list")
        };
        assert!(list.is_empty(), "{empty:?}");
    }
    for shortened in [
        "...\n",
        "[... 60 lines ...]\n",
        "      Subject: CN=a.example\n",
    ] {
        assert_eq!(certificates(shortened), Body::Unread, "{shortened:?}");
    }
}

#[test]
fn a_list_that_begins_with_its_second_has_no_leaf_in_the_log() {
    let second = "chain [1] = [\n[\n  Subject: CN=Some CA\n]\n";
    let Body::Certificates(list) = certificates(second) else {
        panic!("a list")
    };
    let told: Vec<_> = list
        .iter()
        .map(|presented| (&*presented.certificate.subject, presented.torn))
        .collect();
    assert_eq!(told, [("", true), ("CN=Some CA", false)]);
}

#[test]
fn keys_stores_and_sessions() {
    let events = events(
        "***\nfound key for : leaf\nchain [0] = [\n[\n  Subject: CN=a\n]\n***\ntrustStore is: /usr/lib/jvm/java-8-openjdk-amd64/jre/lib/security/cacerts\nmatching alias: leaf\n%% Negotiating:  [Session-1, TLS_RSA_WITH_AES_128_CBC_SHA]\n%% Initialized:  [Session-1, SSL_NULL_WITH_NULL_NULL]\nmain, called closeSocket()\n",
    );
    let facts: Vec<_> = events.iter().map(|event| &event.fact).collect();
    assert!(
        matches!(facts[0], Fact::Jvm(JvmFact::KeyFound { alias, chain }) if &**alias == "leaf" && chain.len() == 1)
    );
    assert!(matches!(facts[1], Fact::Jvm(JvmFact::TrustStore(_))));
    assert!(matches!(facts[2], Fact::Jvm(JvmFact::KeyChosen(_))));
    assert!(
        matches!(facts[3], Fact::ChosenSuite(suite) if suite.name() == "TLS_RSA_WITH_AES_128_CBC_SHA")
    );
    assert!(matches!(facts[4], Fact::Closing(Closing::Transport)));
    assert_eq!(facts.len(), 5);
}
