use super::*;

const CLASS: &str = "org.bouncycastle.jsse.provider.ProvTlsClient";

fn events(text: &str) -> Vec<Event> {
    let (data, mut events, mut dialect) = (text.as_bytes(), Vec::new(), Unified::default());
    let mut start = next_start(data, 0);
    while let Some(at) = start {
        start = next_start(data, at + 1);
        let end = start.unwrap_or(data.len());
        read(&data[at..end], Span::default(), &mut dialect, &mut events);
    }
    events
}

fn two_lines(message: &str) -> String {
    format!("Nov 21, 2026 5:47:02 PM {CLASS} notify\nINFO: {message}\n")
}

#[test]
fn a_connection_is_its_tag() {
    let text = two_lines("[client #1 @6391093b] opening connection to lab.example:8443")
        + &two_lines("[client #2 @1f] opening connection to (unknown):(unknown)")
        + &two_lines("[client #1 @6391093b] established connection with lab.example:8443");
    let events = events(&text);
    let ids: Vec<&str> = events.iter().map(|event| &*event.thread.id).collect();
    assert_eq!(
        ids,
        [
            "client #1 @6391093b",
            "client #2 @1f",
            "client #1 @6391093b"
        ]
    );
    let Fact::Connection(first) = &events[0].fact else {
        panic!("a connection")
    };
    let peer = first.peer.as_ref().unwrap();
    assert_eq!(
        (peer.host.as_deref(), peer.port),
        (Some("lab.example"), Some(8443))
    );
    assert!(matches!(&events[1].fact, Fact::Connection(second) if second.peer.is_none()));
    let at = events[0].time.as_ref().unwrap().iso();
    assert_eq!(
        (at.as_str(), events[0].span.line()),
        ("2026-11-21T17:47:02.000", 1)
    );
}

#[test]
fn an_alert_raised_has_the_reason_of_its_causes() {
    let text = two_lines(
        "[client #1 @1f992a3a] raised fatal(2) certificate_unknown(46) alert: Failed to read record",
    ) + "org.bouncycastle.tls.TlsFatalAlert: certificate_unknown(46)\n\tat org.bouncycastle.jsse.provider.ProvSSLSocketWrap.checkServerTrusted(ProvSSLSocketWrap.java:132)\nCaused by: java.security.cert.CertificateException: Unable to construct a valid chain\n\t... 3 more\n";
    let events = events(&text);
    let Fact::Fatal(fatal) = &events[1].fact else {
        panic!("a fatal: {events:?}")
    };
    assert_eq!(fatal.alert, AlertDescription::CertificateUnknown);
    assert_eq!(&*fatal.reason, "Unable to construct a valid chain");
    let thrown = fatal.throwable.as_ref().unwrap();
    assert_eq!(
        (thrown.causes.len(), thrown.thrown_by),
        (2, Some(Sender::Client))
    );
}

#[test]
fn one_line_layouts_and_messages_without_tag() {
    let text = "2026-03-19 21:40:54,111 INFO  [org.bouncycastle.jsse.provider.ProvTlsServer] (loop-1) [server #8 @75efdde5] raised fatal(2) handshake_failure(40) alert: Failed to process record: org.bouncycastle.tls.TlsFatalAlert: handshake_failure(40); [server #8 @75efdde5] found no selectable cipher suite among the 1 offered: [{0x13,0x02}(TLS_AES_256_GCM_SHA384)]\n2026-03-19 21:40:55.358  INFO 1 --- [exec-5] o.b.jsse.provider.ProvTlsClient          : Client received fatal(2) handshake_failure(40) alert\n";
    let events = events(text);
    assert_eq!(
        (&*events[0].thread.id, &*events[0].thread.name),
        ("server #8 @75efdde5", "loop-1")
    );
    assert!(
        matches!(&events[1].fact, Fact::Fatal(fatal) if fatal.reason.contains("found no selectable cipher suite"))
    );
    let received = events
        .iter()
        .find(|event| matches!(event.fact, Fact::AlertReceived(_)));
    assert_eq!(&*received.unwrap().thread.name, "exec-5");
}

#[test]
fn the_end_of_the_stream_and_an_empty_certificate_show_in_the_frame() {
    let thrown = |frame: &str| {
        two_lines(
            "[server #1 @a] raised fatal(2) handshake_failure(40) alert: Failed to read record",
        ) + &format!(
            "org.bouncycastle.tls.TlsFatalAlert: handshake_failure(40)\n\tat {frame}(X.java:1)\n"
        )
    };
    let lost = events(&thrown("org.bouncycastle.tls.TlsProtocol.safeReadRecord"));
    assert!(matches!(&lost[1].fact, Fact::Connection(said) if said.stage == Stage::Lost));
    let empty = events(&thrown(
        "org.bouncycastle.jsse.provider.ProvTlsServer.notifyClientCertificate",
    ));
    assert!(
        matches!(&empty[1].fact, Fact::Fatal(fatal) if fatal.reason.starts_with("Empty client"))
    );
}

#[test]
fn frames_and_talk_about_it_begin_nothing() {
    for line in [
        "\tat org.bouncycastle.jsse.provider.ProvSSLSocketWrap.checkServerTrusted(X.java:1)",
        "INFO loading org.bouncycastle.jsse.provider.BouncyCastleJsseProvider",
        "Caused by: org.bouncycastle.jsse.provider.Oops: no",
        "security.provider.2=org.bouncycastle.jsse.provider.BouncyCastleJsseProvider",
    ] {
        assert_eq!(next_start(line.as_bytes(), 0), None, "{line}");
    }
}
