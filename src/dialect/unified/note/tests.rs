//! What entries say that are no message.

use super::*;

fn fact(message: &str, body: &str) -> Option<Fact> {
    let parts = Parts {
        body: body.as_bytes(),
        tail: b"",
        closed: true,
    };
    read(&mut Unified::default(), message.as_bytes(), &parts)
}

#[test]
fn records_are_read_with_their_alert() {
    let expected = Record {
        direction: Direction::Sent,
        content_type: ContentType::Alert,
        alert: Some(AlertDescription::CertificateUnknown),
        length: Some(2),
    };
    assert_eq!(
        fact("WRITE: TLSv1.2 alert(certificate_unknown), length = 2", ""),
        Some(Fact::Record(expected))
    );
    assert_eq!(
        fact("READ: TLSv1.2 application_data, length = 1,418", ""),
        None
    );
}

#[test]
fn alerts_and_fatal_errors() {
    let body =
        "\"Alert\": {\n  \"level\"      : \"warning\",\n  \"description\": \"user_canceled\"\n}";
    let alert = Alert {
        level: AlertLevel::Warning,
        description: AlertDescription::UserCanceled,
    };
    assert_eq!(
        fact("Received alert message", body),
        Some(Fact::AlertReceived(alert))
    );
    let Some(Fact::Fatal(fatal)) =
        fact("Fatal (HANDSHAKE_FAILURE): no cipher suites in common", "")
    else {
        panic!("a fatal")
    };
    assert_eq!(
        (&fatal.alert, &*fatal.reason),
        (
            &AlertDescription::HandshakeFailure,
            "no cipher suites in common"
        )
    );
}

#[test]
fn keys_of_no_use_are_read_behind_any_alias() {
    for (message, alias, reason) in [
        (
            "default is not a private key entry",
            "default",
            "is not a private key entry",
        ),
        (
            "KeyLess is not a certificate entry",
            "KeyLess",
            "is not a certificate entry",
        ),
        (
            "my server private or public key is not of RSA algorithm",
            "my server",
            "private or public key is not of RSA algorithm",
        ),
        (
            "Unsupported named group (secp256k1) used in the shop certificate",
            "shop",
            "is on the unsupported named group secp256k1",
        ),
    ] {
        let expected = Fact::KeyUnfit {
            alias: alias.into(),
            reason: reason.into(),
        };
        assert_eq!(fact(message, ""), Some(expected), "{message}");
    }
    assert_eq!(fact("the store is not a private one", ""), None);
}

#[test]
fn what_policy_refuses_is_reported_once() {
    let mut dialect = Unified::default();
    let parts = Parts {
        body: b"",
        tail: b"",
        closed: true,
    };
    let message = b"Ignore disabled cipher suite: TLS_RSA_WITH_AES_128_CBC_SHA";
    let first = read(&mut dialect, message, &parts);
    assert!(matches!(
        first,
        Some(Fact::Jvm(JvmFact::Refused(RefusedItem {
            disabled: true,
            ..
        })))
    ));
    assert_eq!(read(&mut dialect, message, &parts), None);
    let unsupported = read(
        &mut dialect,
        b"Ignore unsupported cipher suite: TLS_AES_128_GCM_SHA256 for TLSv1.2",
        &parts,
    );
    let Some(Fact::Jvm(JvmFact::Refused(item))) = unsupported else {
        panic!("an item")
    };
    assert_eq!(
        (&*item.name, item.disabled, item.version),
        (
            "TLS_AES_128_GCM_SHA256",
            false,
            Some(ProtocolVersion::Tls12)
        )
    );
}

#[test]
fn noise_says_nothing() {
    for noise in [
        "Ignore unavailable extension: cookie",
        "Consumed extension: key_share",
        "Populated with extension: x",
        "trigger seeding of SecureRandom",
        "No session to resume.",
    ] {
        assert_eq!(fact(noise, ""), None, "{noise}");
    }
}
