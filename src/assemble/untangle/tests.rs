//! Threads and directions of classic logs.

use super::*;
use crate::{
    event::{
        Body, ClientHello, Closing, ContentType, Direction, Message, Record, Sender, SessionId,
        Throwable,
    },
    span::Span,
    tls::{Alert, AlertLevel, MessageKind},
};

fn thread(name: &str) -> Arc<Thread> {
    Arc::new(Thread {
        id: "".into(),
        name: name.into(),
        stream: None,
    })
}

fn event(name: &str, fact: Fact) -> Event {
    Event {
        span: Span::default(),
        time: None,
        thread: thread(name),
        fact,
    }
}

fn message(kind: MessageKind) -> Event {
    let message = Message {
        kind,
        sender: None,
        reproduced: false,
        of_13: false,
        body: Body::None,
    };
    event("", Fact::Message(Direction::Sent, Box::new(message)))
}

fn client_hello(random: u8) -> Event {
    let hello = ClientHello {
        legacy_version: None,
        random: Some(Random([random; 32])),
        session_id: SessionId::default(),
        cipher_suites: Arc::from([]),
        extensions: Arc::default(),
        whole: true,
        suites_cut: false,
    };
    let message = Message {
        kind: MessageKind::ClientHello,
        sender: None,
        reproduced: false,
        of_13: false,
        body: Body::ClientHello(Box::new(hello)),
    };
    event("", Fact::Message(Direction::Sent, Box::new(message)))
}

fn record(name: &str, direction: Direction, content_type: ContentType) -> Event {
    event(
        name,
        Fact::Record(Record {
            direction,
            content_type,
            alert: None,
            length: None,
        }),
    )
}

fn read(name: &str) -> Event {
    record(name, Direction::Received, ContentType::Handshake)
}

fn write(name: &str) -> Event {
    record(name, Direction::Sent, ContentType::Handshake)
}

/// What comes out, in short: thread, direction, message.
fn told(events: Vec<Event>) -> Vec<String> {
    let mut untangle = Untangle::default();
    let mut all = Vec::new();
    for event in events {
        untangle.take(event);
        all.extend(std::iter::from_fn(|| untangle.next()));
    }
    untangle.finish();
    all.extend(std::iter::from_fn(|| untangle.next()));
    all.into_iter()
        .map(|(event, guess)| {
            let name = &event.thread.name;
            let guessed = if guess.is_some() { "?" } else { "" };
            match event.fact {
                Fact::Message(Direction::Sent, message) => {
                    format!("{name}>{}{guessed}", message.kind)
                }
                Fact::Message(_, message) => format!("{name}<{}{guessed}", message.kind),
                Fact::Fatal(fatal) => format!("{name} {}: {}", fatal.alert, fatal.reason),
                Fact::Exception(_) => format!("{name} exception"),
                Fact::Closing(_) => format!("{name} closes"),
                Fact::ChangeCipherSpec(_) => format!("{name} changes"),
                fact => format!("{name} {fact:?}"),
            }
        })
        .collect()
}

#[test]
fn a_client_says_what_it_writes_and_hears_what_it_has_read() {
    use MessageKind as M;
    let log = vec![
        client_hello(1),
        write("main"),
        read("main"),
        message(M::ServerHello),
        message(M::Certificate),
        message(M::ServerHelloDone),
        message(M::ClientKeyExchange),
        write("main"),
        record("main", Direction::Sent, ContentType::ChangeCipherSpec),
        message(M::Finished),
        write("main"),
        record("main", Direction::Received, ContentType::ChangeCipherSpec),
        read("main"),
        message(M::Finished),
    ];
    assert_eq!(
        told(log),
        [
            "main>ClientHello",
            "main<ServerHello",
            "main<Certificate",
            "main<ServerHelloDone",
            "main>ClientKeyExchange",
            "main changes",
            "main>Finished",
            "main changes",
            "main<Finished"
        ]
    );
}

#[test]
fn both_ends_of_one_jvm_are_told_apart() {
    use MessageKind as M;
    let log = vec![
        client_hello(1),
        write("c"),
        read("s"),
        client_hello(1),
        message(M::ServerHello),
        message(M::ServerHelloDone),
        write("s"),
        read("c"),
        message(M::ServerHello),
        message(M::ServerHelloDone),
        message(M::ClientKeyExchange),
        write("c"),
        record("c", Direction::Sent, ContentType::ChangeCipherSpec),
        read("s"),
        message(M::Finished), // the client's: the server has read no ChangeCipherSpec
        write("c"),
        message(M::ClientKeyExchange),
    ];
    assert_eq!(
        told(log),
        [
            "c>ClientHello",
            "s<ClientHello",
            "s>ServerHello",
            "s>ServerHelloDone",
            "c<ServerHello",
            "c<ServerHelloDone",
            "c>ClientKeyExchange",
            "c changes",
            "c>Finished",
            "s<ClientKeyExchange"
        ]
    );
}

#[test]
fn of_two_clients_at_once_the_last_goes_on() {
    let log = vec![client_hello(1), client_hello(2), write("a"), write("b")];
    assert_eq!(told(log), ["b>ClientHello", "a>ClientHello?"]);
}

#[test]
fn a_log_that_begins_in_the_middle() {
    let log = vec![
        read("main"),
        message(MessageKind::ServerHelloDone),
        message(MessageKind::ClientKeyExchange),
        write("main"),
    ];
    assert_eq!(
        told(log),
        ["main<ServerHelloDone", "main>ClientKeyExchange"]
    );
}

fn sent_alert(name: &str) -> Event {
    event(
        name,
        Fact::Record(Record {
            direction: Direction::Sent,
            content_type: ContentType::Alert,
            alert: Some(AlertDescription::CertificateUnknown),
            length: None,
        }),
    )
}

fn exception(name: &str, causes: &[(&str, &str)]) -> Event {
    event(name, Fact::Exception(Arc::new(Throwable::of(causes))))
}

#[test]
fn an_alert_and_its_exception_are_one_failure() {
    let thrown = [
        (
            "javax.net.ssl.SSLHandshakeException",
            "sun.V: PKIX path building failed",
        ),
        ("sun.V", "PKIX path building failed"),
    ];
    let before = vec![
        client_hello(1),
        write("main"),
        sent_alert("main"),
        event("main", Fact::Closing(Closing::Transport)),
        event("other", Fact::Closing(Closing::Local)),
        exception("main", &thrown),
    ];
    let all = told(before);
    assert_eq!(
        all[2..],
        [
            "other closes",
            "main certificate_unknown: PKIX path building failed",
            "main closes"
        ]
    );
    let behind = vec![
        client_hello(1),
        write("main"),
        exception("main", &thrown),
        sent_alert("main"),
    ];
    assert_eq!(
        told(behind)[1],
        "main certificate_unknown: PKIX path building failed"
    );
}

#[test]
fn the_peers_alert_is_not_broken_up_twice() {
    let alert = Alert {
        level: AlertLevel::Fatal,
        description: AlertDescription::HandshakeFailure,
    };
    let log = vec![
        client_hello(1),
        write("main"),
        event("main", Fact::AlertReceived(alert)),
        event("main", Fact::Closing(Closing::Transport)),
        exception(
            "main",
            &[(
                "javax.net.ssl.SSLException",
                "Received fatal alert: handshake_failure",
            )],
        ),
    ];
    assert_eq!(
        told(log)[2..],
        [
            "main handshake_failure: Received fatal alert: handshake_failure",
            "main closes"
        ]
    );
}

#[test]
fn what_waits_for_ever_is_let_go() {
    let mut untangle = Untangle::default();
    let mut out = 0;
    for _ in 0..3 * MAX_HELD {
        untangle.take(client_hello(1));
        out += std::iter::from_fn(|| untangle.next()).count();
    }
    assert!(out > MAX_HELD);
    assert!(untangle.held.len() <= MAX_HELD && untangle.ends.len() <= MAX_ENDS);
}

/// The log begins behind the `READ` in front of these.
fn flight_of_server() -> Vec<Event> {
    use MessageKind as M;
    [M::Certificate, M::ServerKeyExchange, M::ServerHelloDone]
        .map(message)
        .into()
}

#[test]
fn a_flight_that_the_log_begins_with_was_heard_unless_it_is_written() {
    use MessageKind as M;
    let client = [
        flight_of_server(),
        vec![message(M::ClientKeyExchange), write("main")],
    ];
    assert_eq!(
        told(client.concat()),
        [
            "main<Certificate",
            "main<ServerKeyExchange",
            "main<ServerHelloDone",
            "main>ClientKeyExchange"
        ]
    );
    let server = [
        flight_of_server(),
        vec![write("main"), read("main"), message(M::ClientKeyExchange)],
    ];
    let as_server = [
        "main>Certificate",
        "main>ServerKeyExchange",
        "main>ServerHelloDone",
        "main<ClientKeyExchange",
    ];
    assert_eq!(told(server.concat()), as_server);
    // the `WRITE` was lost, too
    let server = [
        flight_of_server(),
        vec![read("main"), message(M::ClientKeyExchange)],
    ];
    assert_eq!(told(server.concat()), as_server);
    // no record at all
    assert_eq!(
        told(flight_of_server()),
        ["<Certificate?", "<ServerKeyExchange?", "<ServerHelloDone?"]
    );
    // a record for each message, of which the log begins with the second
    let client = [
        vec![message(M::Certificate), read("main")],
        vec![message(M::ServerHelloDone), read("main")],
    ];
    assert_eq!(
        told(client.concat()),
        ["main<Certificate", "main<ServerHelloDone"]
    );
}

#[test]
fn a_hello_whose_answer_is_written_was_heard() {
    use MessageKind as M;
    let server = [
        vec![client_hello(1), message(M::ServerHello)],
        flight_of_server(),
        vec![write("main"), read("main"), message(M::ClientKeyExchange)],
    ];
    assert_eq!(
        told(server.concat()),
        [
            "main<ClientHello",
            "main>ServerHello",
            "main>Certificate",
            "main>ServerKeyExchange",
            "main>ServerHelloDone",
            "main<ClientKeyExchange"
        ]
    );
}

#[test]
fn certificates_in_front_of_the_clients_keys_are_the_clients() {
    use MessageKind as M;
    let log = |next: Event| vec![message(M::Certificate), message(M::ClientKeyExchange), next];
    assert_eq!(
        told(log(write("main"))),
        ["main>Certificate", "main>ClientKeyExchange"]
    );
    let changes = record("main", Direction::Received, ContentType::ChangeCipherSpec);
    assert_eq!(
        told(log(changes)),
        ["main<Certificate", "main<ClientKeyExchange", "main changes"]
    );
}

#[test]
fn the_list_behind_a_server_hello_is_the_servers() {
    use MessageKind as M;
    let log = vec![
        message(M::ServerHello),
        message(M::Certificate),
        message(M::ServerHelloDone),
        message(M::Certificate),
        message(M::ClientKeyExchange),
        write("main"),
    ];
    assert_eq!(
        told(log),
        [
            "main<ServerHello",
            "main<Certificate",
            "main<ServerHelloDone",
            "main>Certificate",
            "main>ClientKeyExchange"
        ]
    );
}

#[test]
fn a_hello_in_the_midst_of_its_print_is_not_its_thread_s_that_closes() {
    let log = |what: Fact| {
        told(vec![
            event("", Fact::Torn),
            client_hello(1),
            event("Thread-15", what),
            write("Thread-16"),
        ])
    };
    let close = log(Fact::Closing(Closing::Local));
    assert!(
        close.contains(&"Thread-16>ClientHello".to_owned()),
        "{close:?}"
    );
    // where the author left out the end of the hello, an alert that it got is its own
    let alert = Alert {
        level: AlertLevel::Fatal,
        description: AlertDescription::HandshakeFailure,
    };
    let alert = log(Fact::AlertReceived(alert));
    assert!(
        alert.contains(&"Thread-15>ClientHello".to_owned()),
        "{alert:?}"
    );
}

#[test]
fn whether_a_hello_was_said_is_told_where_anything_tells_it() {
    use MessageKind as M;
    let suite = || crate::tls::CipherSuite::new("TLS_RSA_WITH_AES_128_CBC_SHA".into());
    let first = |log: Vec<Event>| told(log).swap_remove(0);
    // nothing does
    assert_eq!(
        first(vec![client_hello(1), message(M::ServerHello)]),
        ">ClientHello?"
    );
    assert_eq!(
        first(vec![event("", Fact::LooksForSession), client_hello(1)]),
        ">ClientHello"
    );
    let mut foreign = client_hello(1);
    if let Fact::Message(direction, _) = &mut foreign.fact {
        *direction = Direction::Received;
    }
    assert_eq!(first(vec![foreign]), "<ClientHello");
    assert_eq!(
        first(vec![
            client_hello(1),
            event("", Fact::ChosenSuite(suite())),
            message(M::ServerHello)
        ]),
        "<ClientHello"
    );
    for (own, expected) in [
        (Sender::Client, ">ClientHello"),
        (Sender::Server, "<ClientHello"),
    ] {
        let kept = event("", Fact::SessionKept(own, suite()));
        assert_eq!(first(vec![client_hello(1), kept]), expected);
    }
    // of a thread that is known, the records have told
    assert_eq!(
        told(vec![
            client_hello(1),
            write("main"),
            event("", Fact::SessionKept(Sender::Server, suite()))
        ])[0],
        "main>ClientHello"
    );
}
