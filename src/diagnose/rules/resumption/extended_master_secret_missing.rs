//! R102: the peer lacks the extended master secret that this JVM insists on.

use crate::{
    diagnose::{
        Confidence, Context, Finding,
        catalogue::rule,
        rules::{Refusal, own_party, peer_party, the_peer},
    },
    handshake::Handshake,
};

rule! {
    /// ## When it fires
    /// `Extended Master Secret extension is required`, or `Missing Extended Master Secret extension on session resumption`.
    ///
    /// ## Why handshakes break here
    /// RFC 7627 binds the master secret to the handshake. A JVM told to insist on it (`jdk.tls.allowLegacyMasterSecret=false`),
    /// or resuming a session that had it, refuses a peer without.
    ///
    /// ## Evidence
    /// The sentence; whether the hello has the extension.
    ///
    /// ## Remedies
    /// Patch the peer. `-Djdk.tls.allowLegacyMasterSecret=true` is temporary and a risk, for this
    /// one process.
    ///
    /// ## Not to be confused with
    /// `resumption-rejected`: other reasons not to resume.
    ///
    /// ## References
    /// RFC 7627 §5; `jdk.tls.useExtendedMasterSecret`, `jdk.tls.allowLegacyMasterSecret`.
    ExtendedMasterSecretMissing: "R102", "extended-master-secret-missing", since "0.1.0",
    "the peer lacks the extended master secret that is required here",
    check, of GivenUp
}

const WORDS: [&str; 4] = [
    "Extended Master Secret extension is required",
    "Missing Extended Master Secret extension",
    "extended_master_secret extension improperly",
    "unexpected extended_master_secret extension",
];

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of(handshake)?;
    let sentence = refusal.sentence(&WORDS)?;
    let resuming = sentence.contains("resumption");
    let why = if resuming {
        "The session that was to be resumed had an extended master secret; this hello does not have it, so the session must not be resumed (RFC 7627 §5.3)."
    } else {
        "This JVM insists on the extended master secret (jdk.tls.allowLegacyMasterSecret=false)."
    };
    let peer = the_peer(handshake);
    Some(
        Finding::error(&ExtendedMasterSecretMissing, Confidence::Certain, format!("{peer} does not have the extended master secret"))
            .explain(format!("{why} JSSE says: {sentence}."))
            .fault_of(peer_party(handshake))
            .evidence(refusal.span, sentence)
            .evidence_if(handshake.client_hello.as_deref(), |hello| {
                let has = if hello.extensions.extended_master_secret { "with" } else { "without" };
                format!("ClientHello {has} extended_master_secret")
            })
            .remedy(peer_party(handshake), "upgrade to a TLS stack with RFC 7627, and look for boxes between that drop the extension", None)
            .remedy(own_party(handshake), "temporary, and a risk, for this one process", Some("-Djdk.tls.allowLegacyMasterSecret=true".to_owned()))
            .confirm("prints 'Extended master secret: yes' when the server has it", Some(context.openssl(handshake, "-tls1_2")))
            .references(&["RFC 7627 §5"]),
    )
}
