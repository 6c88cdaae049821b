//! N102: no protocol version that both ends accept.

use crate::{
    diagnose::{
        Confidence, Context, Finding,
        catalogue::rule,
        rules::{Refusal, bracketed, capitalised, listed, own_party, peer_party, the_peer},
    },
    event::RefusedKind,
    handshake::{Handshake, How, Party, Role},
    span::Span,
    tls::{AlertDescription, MessageKind, ProtocolVersion},
};

rule! {
    /// ## When it fires
    /// A server finds no version of the client's among its own, a client gets a version it did not enable,
    /// or the peer answers `protocol_version` (or `inappropriate_fallback`). Or this client offers nothing
    /// but versions that servers had dropped by the time of the log, or says so in the format of SSL 2.0 (Java 6, or
    /// `SSLv2Hello` enabled), and gets `handshake_failure` or a closed connection.
    ///
    /// ## Why handshakes break here
    /// Both ends need one version in common. TLS 1.0 and 1.1 are disabled in every JDK since April 2021;
    /// Java 7 offers only TLS 1.0 by default; some old balancers know no TLS 1.2, some new servers only TLS 1.3.
    ///
    /// ## Evidence
    /// The sentence with both lists (*certain*), or the versions offered and the alert received (*strong*:
    /// which versions the peer has is not in this log, only which it lacks). An obsolete offer and an answer
    /// that names nothing: *likely* for SSL 3.0 and an alert, *possible* for TLS 1.0 and 1.1 and for the format.
    ///
    /// ## Remedies
    /// Enable a common version, on the side that is behind. Where this JVM says `No available cipher suite for` a
    /// version that the peer has, the version is enabled and its suites are not: add one of them. Bringing back TLS 1.0 or 1.1 is temporary and a risk.
    ///
    /// ## Not to be confused with
    /// `refused-without-reason`: old peers answer `handshake_failure` or close instead. `disabled-by-local-policy`:
    /// there this JVM cannot even begin. `no-common-cipher-suite`: the versions agree, the suites do not.
    ///
    /// ## References
    /// RFC 8446 §4.2.1, §6.2; RFC 7507 (fallback); RFC 8996; `sun.security.ssl.ClientHello`, `ServerHello`.
    NoCommonProtocolVersion: "N102", "no-common-protocol-version", since "0.1.0",
    "client and server have no protocol version in common",
    check, of BrokenUp
}

const LOCAL_WORDS: [&str; 10] = [
    "are not accepted by server preferences",
    "is not accepted by client preferences",
    "Client requested protocol",
    "Server chose",
    "Unsupported SSL v2.0 ClientHello",
    "SSLv2Hello is disabled",
    "SSLv2Hello is not enabled",
    "unsupported SSLv2",
    "SSL V2.0 servers are not supported",
    "with wrong protocol version enabled",
];

/// What is known of both sides.
struct Gap {
    confidence: Confidence,
    /// Nothing is said of versions: the ClientHello has the format of SSL 2.0.
    sslv2_hello: Option<Span>,
    span: Span,
    sentence: String,
    client: Vec<ProtocolVersion>,
    server: Vec<ProtocolVersion>,
}

impl Gap {
    fn of(handshake: &Handshake) -> Option<Self> {
        Self::stated(handshake)
            .or_else(|| Self::alerted(handshake))
            .or_else(|| Self::received(handshake))
            .or_else(|| Self::turned_away(handshake))
    }

    /// Old servers say `handshake_failure` for a version they do not have, and some just close. So do current ones at a
    /// ClientHello in the format of SSL 2.0, whatever it offers.
    fn turned_away(handshake: &Handshake) -> Option<Self> {
        let break_up = handshake.break_up.as_deref()?;
        let client = handshake.offered_versions();
        let alert = break_up.received_alert();
        let turned_away = match alert {
            Some(alert) => *alert == AlertDescription::HandshakeFailure,
            None => matches!(break_up.how, How::PeerClosed | How::Reset),
        };
        let only_hello = handshake.role == Some(Role::Client)
            && handshake.server_hello.is_none()
            && break_up.after == Some(MessageKind::ClientHello);
        let sslv2_hello = handshake.wire().and_then(|wire| wire.sslv2_hello);
        let is_obsolete = sslv2_hello.is_some() || was_dropped(&client, handshake);
        if !only_hello || !turned_away || !is_obsolete {
            return None;
        }
        let below_tls = !client.is_empty()
            && client
                .iter()
                .all(|version| *version < ProtocolVersion::Tls10);
        Some(Self {
            confidence: if below_tls && alert.is_some() {
                Confidence::Likely
            } else {
                Confidence::Possible
            },
            sslv2_hello,
            span: break_up.span,
            sentence: break_up.in_words(),
            client,
            server: Vec::new(),
        })
    }

    /// This JVM says it, mostly with both lists.
    fn stated(handshake: &Handshake) -> Option<Self> {
        let refusal = Refusal::of(handshake)?;
        let sentence = refusal.sentence(&LOCAL_WORDS)?;
        let mut client = handshake.offered_versions();
        let mut server = Vec::new();
        if sentence.contains("by server preferences") {
            if let Some((offered, rest)) = bracketed(sentence) {
                client = versions(&offered);
                server = bracketed(rest)
                    .map(|(accepted, _)| versions(&accepted))
                    .unwrap_or_default();
            }
        } else if let Some((_, rest)) = sentence.split_once("selected protocol version ") {
            let chosen = rest.split(' ').next().unwrap_or(rest);
            server = vec![ProtocolVersion::from_name(chosen)];
            client = bracketed(rest).map_or(client, |(accepted, _)| versions(&accepted));
        } else if let Some((_, rest)) = sentence.split_once("Server chose ") {
            server = rest
                .split(',')
                .next()
                .map(ProtocolVersion::from_name)
                .into_iter()
                .collect();
        } else if sentence.contains("SSLv2") || sentence.contains("v2.0") {
            client = vec![ProtocolVersion::Ssl20Hello];
        }
        Some(Self {
            confidence: Confidence::Certain,
            sslv2_hello: None,
            span: refusal.span,
            sentence: sentence.to_owned(),
            client,
            server,
        })
    }

    /// This JVM gave up with the alert that has no other meaning, and no words (Bouncy Castle).
    fn alerted(handshake: &Handshake) -> Option<Self> {
        let refusal = Refusal::of(handshake)?;
        let version = refusal.alert == Some(&AlertDescription::ProtocolVersion);
        version.then(|| Self {
            confidence: Confidence::Strong,
            sslv2_hello: None,
            span: refusal.span,
            sentence: refusal.reason.to_owned(),
            client: handshake.offered_versions(),
            server: Vec::new(),
        })
    }

    /// The peer says it in one word.
    fn received(handshake: &Handshake) -> Option<Self> {
        let break_up = handshake.break_up.as_deref()?;
        let alert = break_up.received_alert()?;
        if !matches!(
            alert,
            AlertDescription::ProtocolVersion | AlertDescription::InappropriateFallback
        ) {
            return None;
        }
        let client = handshake.offered_versions();
        let confidence = if client.is_empty() {
            Confidence::Likely
        } else {
            Confidence::Strong
        };
        let sentence = format!("received fatal alert {alert}");
        Some(Self {
            confidence,
            sslv2_hello: None,
            span: break_up.span,
            sentence,
            client,
            server: Vec::new(),
        })
    }
}

/// Whether all these versions were out of use by the clock of the log; without a clock, they are today.
fn was_dropped(versions: &[ProtocolVersion], handshake: &Handshake) -> bool {
    /// 2018-06-30: PCI DSS forbids TLS 1.0, and most public servers had followed.
    const NO_TLS_1_0: i64 = 1_530_316_800_000;
    /// 2014-10-14: POODLE.
    const NO_SSL_3: i64 = 1_413_244_800_000;
    let now = handshake.started_at().map(|at| at.millis);
    let dropped = |version: &ProtocolVersion| {
        let since = if *version < ProtocolVersion::Tls10 {
            NO_SSL_3
        } else {
            NO_TLS_1_0
        };
        version.is_obsolete() && now.is_none_or(|now| now > since)
    };
    !versions.is_empty() && versions.iter().all(dropped)
}

fn versions(names: &[&str]) -> Vec<ProtocolVersion> {
    names
        .iter()
        .map(|name| ProtocolVersion::from_name(name))
        .collect()
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let gap = Gap::of(handshake)?;
    let left_out = left_out(&gap, handshake, context);
    let at_fault = at_fault(&gap, handshake, &left_out);
    let finding = Finding::error(
        &NoCommonProtocolVersion,
        gap.confidence,
        headline(&gap, handshake),
    )
    .explain(explanation(&gap, handshake, &left_out))
    .fault_of(at_fault)
    .evidence(gap.span, &gap.sentence)
    .evidence_if(handshake.client_hello.as_deref(), |_| {
        format!(
            "ClientHello offers {}",
            listed(handshake.offered_versions())
        )
    })
    .references(&["RFC 8446 §4.2.1", "RFC 8996"]);
    let finding = match gap.sslv2_hello {
        Some(span) => finding.evidence(span, "the ClientHello is sent in the format of SSL 2.0"),
        None => finding,
    };
    let finding = left_out.iter().fold(finding, with_left_out);
    Some(remedies(finding, handshake, context, &gap, &left_out))
}

/// A version that is enabled at an end and was left out all the same, as none of its cipher suites is enabled.
struct LeftOut {
    version: ProtocolVersion,
    span: Span,
    end: Role,
}

/// Those that would have closed the gap, or might have: the peer has them, or nobody knows what it has.
fn left_out(gap: &Gap, handshake: &Handshake, context: &Context<'_>) -> Vec<LeftOut> {
    let ends = [
        (Role::Client, &gap.client, &gap.server),
        (Role::Server, &gap.server, &gap.client),
    ];
    let both_log_here = context.other_end(handshake).is_some();
    let end_without = |version: &ProtocolVersion| {
        let logs_here = |role: Role| both_log_here || handshake.role == Some(role);
        let (role, ..) = ends.iter().find(|(role, own, others)| {
            let wanted = others.is_empty() || others.contains(version);
            logs_here(*role) && wanted && !own.is_empty() && !own.contains(version)
        })?;
        Some(*role)
    };
    let refused = context.jvm.refused.iter();
    refused
        .filter(|item| item.value.kind == RefusedKind::VersionWithoutSuite)
        .filter_map(|item| {
            let version = ProtocolVersion::from_name(&item.value.name);
            let end = end_without(&version)?;
            let span = item.span;
            Some(LeftOut { version, span, end })
        })
        .collect()
}

fn with_left_out(finding: Finding, left_out: &LeftOut) -> Finding {
    let LeftOut { version, span, end } = left_out;
    finding
        .evidence(
            *span,
            format!("No available cipher suite for {version}: enabled, but left out for want of a suite"),
        )
        .remedy(
            Party::from(*end),
            format!("enable a cipher suite of {version} too: the version is enabled, none of its suites is"),
            suite_of(version),
        )
}

/// How to name one suite of this version.
fn suite_of(version: &ProtocolVersion) -> Option<String> {
    let suite = if version.is_13() {
        "TLS_AES_128_GCM_SHA256"
    } else if *version == ProtocolVersion::Tls12 {
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    } else {
        return None;
    };
    Some(format!(
        "Java: parameters.setCipherSuites(…, \"{suite}\")   Tomcat: ciphers=\"…:{suite}\""
    ))
}

fn headline(gap: &Gap, handshake: &Handshake) -> String {
    if gap.sslv2_hello.is_some() {
        return "this client says hello in the format of SSL 2.0, which current servers do not read"
            .to_owned();
    }
    if gap.confidence <= Confidence::Likely && !gap.client.is_empty() {
        return format!(
            "this client offers only {}, which current servers refuse",
            listed(&gap.client)
        );
    }
    match (gap.client.is_empty(), gap.server.is_empty()) {
        (false, false) => format!(
            "the client has {}, the server {}",
            listed(&gap.client),
            listed(&gap.server)
        ),
        (false, true) if gap.client.len() == 1 => {
            format!(
                "{} does not accept {}",
                other_than_client(handshake),
                listed(&gap.client)
            )
        }
        (false, true) => format!(
            "{} accepts none of the versions {}",
            other_than_client(handshake),
            listed(&gap.client)
        ),
        (true, _) => "client and server have no protocol version in common".to_owned(),
    }
}

/// The end that does not accept the client's offer, seen from here.
fn other_than_client(handshake: &Handshake) -> &'static str {
    if handshake.role == Some(Role::Server) {
        "this server"
    } else {
        "the server"
    }
}

fn explanation(gap: &Gap, handshake: &Handshake, left_out: &[LeftOut]) -> String {
    if !gap.server.is_empty() {
        let only_13 = |versions: &[ProtocolVersion]| versions.iter().all(ProtocolVersion::is_13);
        let sets = if let Some(LeftOut { version, end, .. }) = left_out.first() {
            let end = end.name();
            format!(
                " {version} is enabled on the {end}, too, but none of its cipher suites is, so the {end} left it out."
            )
        } else if only_13(&gap.client) ^ only_13(&gap.server) {
            " TLS 1.3 and TLS 1.2 also have cipher suites of their own, so enabling suites alone does not close the gap.".to_owned()
        } else {
            String::new()
        };
        return format!(
            "The client accepts {}; the server accepts or chose {}. Nothing is in both lists.{sets}",
            listed(&gap.client),
            listed(&gap.server)
        );
    }
    if gap.sslv2_hello.is_some() {
        let nothing_newer = if was_dropped(&gap.client, handshake) {
            format!(
                " It also offers nothing newer than {}.",
                listed(&gap.client)
            )
        } else {
            String::new()
        };
        return format!(
            "The ClientHello went out in the format of SSL 2.0, as it does while SSLv2Hello is enabled (Java 6 enables it by default), and the server turned it away without saying why ({}). Current servers do not read that format, and many hang up on it.{nothing_newer} What else the server may have missed is not in this log: the tests below decide.",
            gap.sentence
        );
    }
    if gap.confidence <= Confidence::Likely && !gap.client.is_empty() {
        return format!(
            "The ClientHello offers {} and nothing newer; the server turned it away without saying why ({}). Servers without the old versions do that, and so do servers that miss something else in the hello: the tests below decide.",
            listed(&gap.client),
            gap.sentence
        );
    }
    if gap.client == [ProtocolVersion::Ssl20Hello] {
        return "The client opened with a hello in the format of SSL 2.0, which this JVM does not accept.".to_owned();
    }
    if gap.sentence.ends_with("inappropriate_fallback") {
        return format!(
            "The client had fallen back to {} and said so; the server supports a newer version and refused the fallback (RFC 7507).",
            listed(&gap.client)
        );
    }
    let peer = capitalised(the_peer(handshake));
    let own_words = handshake.role == Some(Role::Server)
        && handshake
            .break_up
            .as_deref()
            .is_some_and(|break_up| break_up.received_alert().is_none());
    if own_words && !gap.client.is_empty() && handshake.server_hello.is_none() {
        return format!(
            "The ClientHello offers {}. This server takes none of these and gave up. Which versions it does take is not in this log.",
            listed(&gap.client)
        );
    }
    match (handshake.server_hello.is_some(), gap.client.is_empty()) {
        (true, _) => format!(
            "{peer} refused the version that was agreed on before, with the alert that means just that."
        ),
        (false, true) => {
            format!("{peer} refused the version; the log does not show what was offered.")
        }
        (false, false) if gap.sentence.contains("SSL V2") => format!(
            "The ClientHello offers {}. {peer} answered in the format of SSL 2.0: it is a very old one, or not TLS at all.",
            listed(&gap.client)
        ),
        (false, false) => format!(
            "The ClientHello offers {}. {peer} answered with the alert that means none of these. Which versions it does have is not in this log.",
            listed(&gap.client)
        ),
    }
}

/// The side with nothing but obsolete versions is behind; else either can move.
fn at_fault(gap: &Gap, handshake: &Handshake, left_out: &[LeftOut]) -> Party {
    if gap.sslv2_hello.is_some() {
        return Party::Client;
    }
    if let Some(left_out) = left_out.first() {
        return Party::from(left_out.end);
    }
    let behind = |versions: &[ProtocolVersion]| {
        !versions.is_empty() && versions.iter().all(ProtocolVersion::is_obsolete)
    };
    match (behind(&gap.client), behind(&gap.server)) {
        (true, false) => Party::Client,
        (false, true) => Party::Server,
        _ if gap.server.is_empty()
            && gap.client.contains(&ProtocolVersion::Tls12)
            && gap.client.len() > 1 =>
        {
            if handshake.role == Some(Role::Server) {
                own_party(handshake)
            } else {
                peer_party(handshake)
            }
        }
        _ => Party::Either,
    }
}

fn remedies(
    mut finding: Finding,
    handshake: &Handshake,
    context: &Context<'_>,
    gap: &Gap,
    left_out: &[LeftOut],
) -> Finding {
    use ProtocolVersion::{Tls10, Tls11, Tls12, Tls13};
    if gap.sslv2_hello.is_some() {
        return with_hello_of_tls(finding, handshake, context, gap);
    }
    // enabled already, in vain
    let missing = |end| left_out.iter().any(|version| version.end == end);
    let current = gap.client.contains(&Tls12) && gap.client.contains(&Tls13);
    if !current && !missing(Role::Client) {
        finding = finding.remedy(Party::Client, "enable a version that the server has, for every JSSE client of the JVM (HttpsURLConnection alone: https.protocols)", Some("-Djdk.tls.client.protocols=TLSv1.2,TLSv1.3".to_owned()));
    }
    if !missing(Role::Server) {
        finding = finding.remedy(Party::Server, "enable current versions", Some("nginx: ssl_protocols TLSv1.2 TLSv1.3;   Tomcat: <SSLHostConfig protocols=\"TLSv1.2,TLSv1.3\">   JVM: -Djdk.tls.server.protocols=TLSv1.2,TLSv1.3".to_owned()));
    }
    if current
        || gap
            .server
            .iter()
            .chain(&gap.client)
            .any(ProtocolVersion::is_obsolete)
    {
        finding = finding.remedy(
            own_party(handshake),
            "if the peer cannot be upgraded: temporary, and a risk: take TLSv1 and TLSv1.1 out of jdk.tls.disabledAlgorithms for this one process",
            Some("-Djava.security.properties=/path/legacy.security".to_owned()),
        );
    }
    for version in [Tls13, Tls12, Tls11, Tls10]
        .into_iter()
        .filter(|version| !gap.client.contains(version))
        .take(2)
    {
        finding = finding.confirm(
            format!("shows whether the server accepts {version}"),
            Some(openssl_with(&version, handshake, context)),
        );
    }
    finding
}

/// The same offer in the format of TLS is what decides.
fn with_hello_of_tls(
    finding: Finding,
    handshake: &Handshake,
    context: &Context<'_>,
    gap: &Gap,
) -> Finding {
    let version = gap.client.iter().max().unwrap_or(&ProtocolVersion::Tls10);
    finding
        .remedy(Party::Client, "switch SSLv2Hello off, by naming the versions to use: the hello then goes out in the format of TLS; in code: SSLSocket.setEnabledProtocols without SSLv2Hello", Some("-Dhttps.protocols=TLSv1.2   # on Java 6: TLSv1".to_owned()))
        .confirm(
            format!("{version} in the format of TLS: succeeds if the format is the cause"),
            Some(openssl_with(version, handshake, context)),
        )
}

/// A test with this version alone.
fn openssl_with(version: &ProtocolVersion, handshake: &Handshake, context: &Context<'_>) -> String {
    let option = version.openssl_option().unwrap_or_default();
    // OpenSSL 3 refuses the old versions itself at its default security level
    let level = if version.is_obsolete() {
        " -cipher DEFAULT@SECLEVEL=0"
    } else {
        ""
    };
    context.openssl(handshake, &format!("{option}{level}"))
}
