//! T114: a trust store that is empty or cannot be read.

use super::{Objection, Refusal};
use crate::{
    assemble::Assembly,
    diagnose::{
        Confidence, Context, Finding, catalogue::rule, context::shell_word, rules::end_of_thrower,
    },
    event::Throwable,
    handshake::{Handshake, Party},
};

rule! {
    /// ## When it fires
    /// This JVM has no trust anchor at all (`the trustAnchors parameter must be non-empty`), or no trust manager
    /// (`No X509TrustManager implementation available`). Or it
    /// found no path to an anchor, and the log says that a trust store could not be read
    /// (`Inaccessible trust store`, `Not available key store`). Also in a log without a handshake, where the
    /// application says that its SSLContext could not be made: `problem accessing trust store`.
    ///
    /// ## Why handshakes break here
    /// The file in `javax.net.ssl.trustStore` is not there, is empty, or is of another type than the
    /// reader takes it for. In the first case the JVM goes on without a word with its own `cacerts`.
    /// In containers `cacerts` itself can be a dangling link.
    ///
    /// ## Evidence
    /// The exception, or the line that names the store. *Certain* with the exception; *strong* when the
    /// store that the JVM was told to use was inaccessible and no path was found afterwards; *likely*
    /// when the log does not tell whether that store was the one that was meant.
    ///
    /// ## Remedies
    /// Correct path, type or password; put the roots back.
    ///
    /// ## Not to be confused with
    /// `untrusted-root`: the store was read, the root is not in it.
    ///
    /// ## References
    /// JSSE Reference Guide, "Customizing the Default Key Stores and Trust Stores";
    /// `java.security.cert.PKIXParameters`; `sun.security.ssl.TrustStoreManager`.
    TruststoreUnusable: "T114", "truststore-unusable", since "0.1.0",
    "the trust store of this JVM is empty or could not be read",
    check, of Objected, log check_log
}

/// Making the JVM's default SSLContext failed.
pub(in crate::diagnose) const DEFAULT_CONTEXT: &str =
    "Error constructing implementation (algorithm: Default";

/// Whether an exception on the way to an SSLContext speaks of the trust store.
pub(in crate::diagnose) fn is_about_trust_store(thrown: &Throwable) -> bool {
    thrown.saying("problem accessing trust store").is_some()
        || thrown
            .saying("trustAnchors parameter must be non-empty")
            .is_some()
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of(handshake)?;
    let finding = match context.objection(handshake)? {
        Objection::NoAnchors => no_anchors(&refusal, handshake, context),
        Objection::NoPath => unreadable(&refusal, context)?,
        _ => return None,
    };
    let at = handshake.role.map_or(Party::Client, Party::from);
    let store = context
        .jvm
        .unusable_stores
        .first()
        .or(context.jvm.trust_store.as_ref())
        .filter(|store| is_file(&store.value));
    let path = store.map_or_else(|| "trust.p12".to_owned(), |store| shell_word(&store.value));
    Some(
        finding
            .fault_of(at)
            .remedy(at, "set path, type and password of the trust store right", Some("-Djavax.net.ssl.trustStore=/path/trust.p12 -Djavax.net.ssl.trustStoreType=PKCS12 -Djavax.net.ssl.trustStorePassword=…".to_owned()))
            .remedy(at, "if it has no entries: import the roots, each after checking its fingerprint", Some(super::import_here("root", "root.pem", context)))
            .remedy(at, "in a container: put the system's authorities back", Some("update-ca-certificates -f; ls -lL $JAVA_HOME/lib/security/cacerts".to_owned()))
            .confirm("the store must open and list at least one trustedCertEntry", Some(format!("ls -lL {path}; keytool -list -keystore {path} | grep -c trustedCertEntry")))
            .references(&["JSSE Reference Guide: trust stores"]),
    )
}

/// Where the JVM finds no store it prints words in place of a path.
pub(super) fn is_file(store: &str) -> bool {
    !store.starts_with("No File Available")
}

/// What stands in for a trust manager says so of every peer.
const NO_MANAGER: &str = "No X509TrustManager implementation available";

fn no_anchors(refusal: &Refusal<'_>, handshake: &Handshake, context: &Context<'_>) -> Finding {
    let who = handshake.role.map_or("JVM", |role| role.name());
    let store = match (
        context.jvm.unusable_stores.first(),
        &context.jvm.trust_store,
    ) {
        (Some(store), _) => format!(
            " The log says that the store {} could not be read.",
            store.value
        ),
        (None, Some(store)) if is_file(&store.value) => {
            format!(" Its trust store is {}.", store.value)
        }
        (None, Some(_)) => " It found no trust store at all.".to_owned(),
        (None, None) => " The log does not name its trust store.".to_owned(),
    };
    let finding = if refusal.says(NO_MANAGER) {
        Finding::error(&TruststoreUnusable, Confidence::Strong, format!("this {who} has no trust manager"))
            .explain(format!("The SSLContext was made without a trust manager, so every peer is refused. Two things lead here. The application left the choice to the JDK (SSLContext.init with null), and the JDK could not read its trust store: a wrong password, a wrong type, a damaged file; that exception it swallows. Or the application passed a list without an X509TrustManager.{store}"))
    } else {
        Finding::error(&TruststoreUnusable, Confidence::Certain, format!("this {who} has no trust anchor at all"))
        .explain(format!("The check of the peer's certificate could not begin: the list of trust anchors is empty.{store} Every peer is refused like this one, with a bare internal_error. A trust store without a trustedCertEntry, or one that could not be read, leads here; a file that is not there does not, as the JVM then takes its own cacerts without a word."))
    };
    refusal
        .proves(finding)
        .evidence_if(context.jvm.unusable_stores.first(), |store| {
            format!("could not be read: {store}")
        })
        .evidence_if(context.jvm.trust_store.as_ref(), |store| {
            format!("trustStore is: {store}")
        })
}

/// No path, after a store could not be read.
fn unreadable(refusal: &Refusal<'_>, context: &Context<'_>) -> Option<Finding> {
    let store = context
        .jvm
        .unusable_stores
        .iter()
        .rev()
        .find(|store| store.span.order() <= refusal.span.order())?;
    let configured = context.jvm.system_property("javax.net.ssl.trustStore");
    let other = context
        .jvm
        .trust_store
        .as_ref()
        .filter(|used| used.value != store.value);
    // only a configured store is looked for under a name that is not the JDK's own
    let meant =
        configured.is_some_and(|property| property.value.1 == store.value) || other.is_some();
    let confidence = if meant {
        Confidence::Strong
    } else {
        Confidence::Likely
    };
    let instead = other.map_or_else(String::new, |used| {
        format!(
            " It went on with {} instead, without another word.",
            used.value
        )
    });
    let finding = Finding::error(&TruststoreUnusable, confidence, format!("the trust store {} could not be read", store.value))
        .explain(format!("This JVM was to use {}, which is not there or cannot be read.{instead} Then it found no path from the peer's certificate to a trust anchor: the root that was meant to be trusted is probably in the store that is missing.", store.value))
        .evidence(store.span, format!("Inaccessible trust store: {}", store.value))
        .evidence_if(other, |used| format!("trustStore is: {used}"));
    Some(refusal.proves(finding))
}

/// No handshake began: the default SSLContext could not be made for want of its trust store.
fn check_log(assembly: &Assembly, context: &Context<'_>) -> Option<Finding> {
    if !assembly.handshakes.is_empty() {
        return None;
    }
    let thrown = assembly
        .heard_alone
        .iter()
        .find(|thrown| is_about_trust_store(&thrown.value))?;
    let cause = [
        "problem accessing trust store",
        "trustAnchors parameter must be non-empty",
    ]
    .iter()
    .find_map(|words| thrown.value.saying(words))?;
    let root = thrown.value.root().filter(|root| *root != cause);
    let why = root.map_or_else(String::new, |root| {
        format!(
            " The innermost reason is {}: {}.",
            root.simple_class(),
            root.message
        )
    });
    let path = context.jvm.trust_store.as_ref().map_or_else(
        || "/path/trust.p12".to_owned(),
        |store| shell_word(&store.value),
    );
    let at = end_of_thrower(&thrown.value);
    Some(
        Finding::error(&TruststoreUnusable, Confidence::Certain, "no SSLContext could be made, as the trust store cannot be read")
            .explain(format!("TLS was never started: making the SSLContext failed with \"{}\".{why} The file that javax.net.ssl.trustStore names is there, but has another password or another type than the JVM is told: a PEM file is none, JKS and PKCS12 are. No peer has a part in it.", cause.plain_message()))
            .fault_of(at)
            .evidence_of_cause(thrown.span, Some(cause))
            .evidence_of_cause(thrown.span, root)
            .evidence_if(context.jvm.trust_store.as_ref(), |store| format!("trustStore is: {store}"))
            .remedy(at, "set type and password of the trust store right, in this JVM", Some("-Djavax.net.ssl.trustStore=/path/trust.p12 -Djavax.net.ssl.trustStoreType=PKCS12 -Djavax.net.ssl.trustStorePassword=…".to_owned()))
            .remedy(at, "if it is a PEM file: make a store of it", Some(super::import_command("root", "root.pem")))
            .confirm("must open with this password, and say the type", Some(format!("head -c 30 {path} | od -c | head -2; keytool -list -keystore {path}")))
            .references(&["JSSE Reference Guide: trust stores"]),
    )
}
