//! Why a server refuses its client's certificate, from the server's own words.

use crate::{
    diagnose::{
        ChainEnd, Context, PathFault, TrustPath,
        context::common_name,
        rules::trust::{Objection, Refusal, not_an_anchor, validity::OutOfDate},
    },
    handshake::{Chain, Handshake, Party},
};

/// A reason, short for the headline and at length, with whom it rests with and what helps.
pub(super) struct Reason {
    pub(super) short: String,
    pub(super) long: String,
    pub(super) party: Party,
    pub(super) remedy: &'static str,
    pub(super) command: Option<String>,
}

impl Reason {
    fn of_client(short: impl Into<String>, long: impl Into<String>, remedy: &'static str) -> Self {
        Self {
            short: short.into(),
            long: long.into(),
            party: Party::Client,
            remedy,
            command: None,
        }
    }

    fn command(mut self, command: impl Into<String>) -> Self {
        self.command = Some(command.into());
        self
    }

    fn of_party(mut self, party: Party) -> Self {
        self.party = party;
        self
    }
}

/// What this server has against the client's certificate.
pub(super) fn of_refusal(
    refusal: &Refusal<'_>,
    handshake: &Handshake,
    context: &Context<'_>,
) -> Option<Reason> {
    if let Some(out) = OutOfDate::of(refusal, handshake, context).filter(|out| !out.undecided) {
        let short = format!("{} is out of date", out.which("client"));
        return Some(Reason::of_client(
            short,
            out.compared(),
            "renew the certificate, import it onto the key entry, and make sure that both clocks are right",
        ));
    }
    Some(match context.objection(handshake)? {
        Objection::NoPath => no_path(handshake, context),
        Objection::KeyUsage => Reason::of_client("it is not for TLS clients", "Its usages do not allow it to be a client's certificate, or one above it to be an authority's.", "have the certificate issued for clients")
            .command("keytool -certreq -alias ALIAS -ext eku=clientAuth -keystore client.p12"),
        Objection::Algorithm => Reason::of_client("its algorithm is forbidden here", "The policy of the server's JDK (jdk.certpath.disabledAlgorithms) forbids an algorithm or a key size in it.", "have the certificate issued anew: RSA with 2048 bits or more, or EC, and SHA-256"),
        Objection::Revoked => Reason::of_client("it was revoked", "Its issuer took it back.", "use another certificate, with a new key if the old one may have leaked"),
        Objection::StatusUnknown => Reason::of_client("its revocation status could not be learned", "Nobody could tell this server whether it is revoked; nothing says that it is.", "let the server reach the OCSP responder or the CRL of the client's authority").of_party(Party::Network),
        Objection::Distrusted => Reason::of_client("its authority is distrusted by the JDK", "The JDK of this server does not trust the authority any more, whatever its trust store holds.", "use a certificate of another authority"),
        Objection::Signature => Reason::of_client("a signature in its chain does not verify", "The chain holds, or the trust store has, an issuer of the right name with another key.", "put the issuer that signed the certificate into the chain of the key entry"),
        Objection::PathConstraint => Reason::of_client("its path breaks a limit of its authority", "Path length, name constraints or policies of the chain do not allow it.", "have the certificate issued by an authority that may issue it"),
        Objection::Malformed => Reason::of_client("it could not be read", "The JDK of this server cannot read it.", "have the certificate issued anew"),
        Objection::NoAnchors => Reason::of_client("this server has no trust anchor", "The trust store of this server is empty, so that it must refuse every client.", "set the server's trust store right").of_party(Party::Server)
            .command("-Djavax.net.ssl.trustStore=/path/trust.p12 -Djavax.net.ssl.trustStoreType=PKCS12"),
        Objection::HostName | Objection::Address => Reason::of_client("it is not for the client's host", "This server checks the host name of its clients, and the certificate does not have it.", "have the certificate issued with the name of the client"),
        // with dates that cannot be compared
        Objection::Expired | Objection::NotYetValid | Objection::Validity => Reason::of_client("it is out of date", "The log does not show which certificate.", "renew the certificate"),
    })
}

/// No path to an anchor of this server: the chain tells why.
fn no_path(handshake: &Handshake, context: &Context<'_>) -> Reason {
    let import = "import the client's authority, after checking its fingerprint, into the server's trust store";
    let command = "keytool -importcert -alias client-ca -file client-ca.pem -keystore trust.p12 -storetype PKCS12";
    let chain = handshake.peer_chain();
    let Some(path) = chain.and_then(TrustPath::build) else {
        return Reason::of_client(
            "no path to a trust anchor",
            "The log does not show its chain.",
            import,
        )
        .of_party(Party::Either)
        .command(command);
    };
    let issuer = &path.top().issuer;
    let fault = path.fault(context);
    let for_want_of_more = matches!(path.end, ChainEnd::IssuerNotSent(_))
        && matches!(
            fault,
            PathFault::IssuerMissing { .. } | PathFault::RootUnknown { proven: false }
        );
    if for_want_of_more && chain.is_some_and(Chain::is_torn) {
        let long = format!(
            "The certificates are not whole in the log, so what they lack proves nothing. As far as they are printed, the chain ends below {issuer}, which is {}: possibly an intermediate that was not sent, possibly an authority that this server does not trust.",
            not_an_anchor(context)
        );
        return Reason::of_client("no path to a trust anchor", long, import)
            .of_party(Party::Either)
            .command(command);
    }
    match fault {
        PathFault::IssuerMissing { .. } => Reason::of_client(
            format!("the intermediate {} was not sent with it", common_name(issuer)),
            format!("The chain stops below {issuer}, which is {}; it seems to be an intermediate that belongs into the chain.", not_an_anchor(context)),
            "put the whole chain, leaf and intermediates, onto the key entry of the client's key store",
        )
        .command("keytool -importcert -alias ALIAS -file fullchain.pem -keystore client.p12"),
        PathFault::SelfSigned => Reason::of_client("it is signed by itself", format!("No authority stands behind it, and it is {}.", not_an_anchor(context)), import).of_party(Party::Either).command(command),
        PathFault::RootUnknown { .. } => Reason::of_client(
            format!("{} is not trusted by this server", common_name(issuer)),
            format!("Its chain leads to {issuer}, which is {}.", not_an_anchor(context)),
            import,
        )
        .of_party(Party::Either)
        .command(command),
        PathFault::AnchorDoesNotFit(anchor, _) => Reason::of_client(
            format!("the trust anchor {} does not fit it", common_name(&anchor.subject)),
            "An anchor of the right name is listed, but it has another key, or it belongs to another trust manager of this JVM.",
            import,
        )
        .of_party(Party::Either)
        .command(command),
    }
}
