//! What a peer may have against the chain that this JVM sent.

use super::{described, validity};
use crate::{
    diagnose::{
        ChainEnd, Context, IssuerProof, NameMatch, TrustPath, chain::named_like_a_root,
        context::common_name, match_host,
    },
    event::Certificate,
    handshake::{Chain, Handshake, Role},
    span::Span,
    tls::AlertDescription,
};

/// A weak point of the own chain.
pub(in crate::diagnose) struct Weakness {
    /// In a sentence.
    pub(in crate::diagnose) words: String,
    /// Where the log shows it.
    pub(in crate::diagnose) span: Span,
    /// A fact by the log itself, not a guess about the peer: out of date, a known intermediate left out, not
    /// for the name in the ClientHello.
    pub(in crate::diagnose) plain: bool,
    /// What helps against it, on this side.
    pub(in crate::diagnose) remedy: &'static str,
    /// The alerts that would fit it.
    fits: &'static [AlertDescription],
}

use AlertDescription as A;

/// The weak points of the chain that this JVM sent, those that fit the alert first.
pub(in crate::diagnose) fn weaknesses(
    handshake: &Handshake,
    context: &Context<'_>,
    alert: Option<&AlertDescription>,
) -> Vec<Weakness> {
    let (Some(chain), Some(role)) = (handshake.own_chain(), handshake.role) else {
        return Vec::new();
    };
    let mut found: Vec<Weakness> = [
        dates(chain, handshake),
        shape(chain, context),
        names(chain, handshake, role),
        usage(chain, role),
    ]
    .into_iter()
    .flatten()
    .collect();
    found.sort_by_key(|weakness| !alert.is_some_and(|alert| weakness.fits.contains(alert)));
    found
}

/// Expired or not yet valid by the clock of this log.
fn dates(chain: &Chain, handshake: &Handshake) -> Option<Weakness> {
    let now = validity::clock(handshake)?;
    chain
        .certificates
        .iter()
        .enumerate()
        .find_map(|(position, presented)| {
            let certificate = &presented.certificate;
            let (state, limit) = match validity::state(certificate, &now)? {
                validity::Validity::Over => ("expired", certificate.not_after.as_ref()?),
                validity::Validity::ToCome => ("not valid yet", certificate.not_before.as_ref()?),
            };
            let words = format!(
                "{} is {state} ({limit}; the clock of the log says {now})",
                common_name(&certificate.subject)
            );
            Some(Weakness {
                words,
                span: chain.span_of(position),
                plain: true,
                remedy: if state == "expired" {
                    "renew the certificate that is out of date, and reload what serves it"
                } else {
                    "wait until the certificate is valid, or have it issued anew, and check the clocks"
                },
                fits: &[
                    A::CertificateExpired,
                    A::CertificateUnknown,
                    A::BadCertificate,
                ],
            })
        })
}

/// No intermediate, or signed by itself.
fn shape(chain: &Chain, context: &Context<'_>) -> Option<Weakness> {
    let path = TrustPath::build(chain)?;
    let fits = &[A::UnknownCa, A::CertificateUnknown, A::BadCertificate];
    let (words, plain) = match &path.end {
        ChainEnd::SelfSignedLeaf => (
            format!(
                "{} is signed by itself: the peer trusts it only if it has imported it",
                common_name(&path.leaf().subject)
            ),
            false,
        ),
        ChainEnd::IssuerNotSent(issuer) => match context.issuer_proof(issuer) {
            IssuerProof::Intermediate(_) => (
                format!("the intermediate {} was not sent", common_name(issuer)),
                true,
            ),
            IssuerProof::Unseen if named_like_a_root(issuer) => return None,
            IssuerProof::Unseen if path.path.len() == 1 || path.top().ca_issuers.is_some() => (
                format!(
                    "{} was not sent; if it is an intermediate, the peer cannot build a path",
                    common_name(issuer)
                ),
                false,
            ),
            IssuerProof::Root(_) | IssuerProof::Unseen => return None,
        },
        ChainEnd::Root => return None,
    };
    Some(Weakness {
        words,
        span: path.top_span(),
        plain,
        remedy: "send the intermediate too: put the whole chain onto the key entry",
        fits,
    })
}

/// The name that the client asked for.
fn names(chain: &Chain, handshake: &Handshake, role: Role) -> Option<Weakness> {
    let wanted = handshake.server_name().filter(|_| role == Role::Server)?;
    let leaf = chain.leaf()?;
    if match_host(leaf, wanted) == NameMatch::Matches {
        return None;
    }
    let words = format!(
        "the certificate {} is not for {wanted}, which the client asked for",
        common_name(&leaf.subject)
    );
    Some(Weakness {
        words,
        span: chain.span_of(0),
        plain: true,
        remedy: "have the certificate issued with the name that the client asks for",
        fits: &[A::CertificateUnknown, A::BadCertificate],
    })
}

/// The extended key usage of this role.
fn usage(chain: &Chain, role: Role) -> Option<Weakness> {
    let leaf: &Certificate = chain.leaf()?;
    let (wanted, oid) = match role {
        Role::Client => ("clientAuth", "1.3.6.1.5.5.7.3.2"),
        Role::Server => ("serverAuth", "1.3.6.1.5.5.7.3.1"),
    };
    let usages = leaf.extended_key_usage.as_deref()?;
    if usages.iter().any(|usage| {
        matches!(&**usage, "anyExtendedKeyUsage" | "2.5.29.37.0")
            || &**usage == wanted
            || &**usage == oid
    }) {
        return None;
    }
    let words = format!(
        "the certificate {} is for {} only, not for {wanted}",
        common_name(&leaf.subject),
        usages.join(", ")
    );
    Some(Weakness {
        words,
        span: chain.span_of(0),
        plain: true,
        remedy: "have the certificate issued for the part that this side plays (extended key usage)",
        fits: &[
            A::UnsupportedCertificate,
            A::CertificateUnknown,
            A::BadCertificate,
        ],
    })
}

/// *Weak points, the likeliest first: … If none of them is it: …*
pub(in crate::diagnose) fn in_words(
    weaknesses: &[Weakness],
    handshake: &Handshake,
    alert: Option<&AlertDescription>,
) -> String {
    let sent = match handshake.own_chain().and_then(Chain::leaf) {
        Some(leaf) => format!("What was sent: {}. ", described(leaf)),
        None => String::new(),
    };
    let root = match alert {
        Some(A::InternalError) => "the trouble is the peer's own",
        Some(A::AccessDenied) => "its holder is not on the peer's list",
        Some(A::DecryptError) => "key and certificate may not belong together",
        _ => "the peer does not trust the authority above it, or has a rule of its own",
    };
    if weaknesses.is_empty() && sent.is_empty() {
        return format!(
            "The certificate itself is not in this log. If nothing is wrong with it, {root}."
        );
    }
    if weaknesses.is_empty() {
        return format!("{sent}The log shows nothing wrong with it; so probably {root}.");
    }
    let list: Vec<&str> = weaknesses.iter().map(|weakness| &*weakness.words).collect();
    format!(
        "{sent}Candidates, the likeliest first: {}. If it is none of these, {root}.",
        list.join("; ")
    )
}

/// What an alert about a certificate means to its sender (RFC 8446 §6.2), and what it need not mean.
pub(in crate::diagnose) fn meaning(alert: &AlertDescription, owner: Role) -> &'static str {
    match alert {
        A::BadCertificate => {
            "bad_certificate is said of a certificate that is not valid yet, is wrongly signed, or is signed with SHA-1 or MD5 in TLS 1.3, by some stacks of anything they do not like; it seldom means that bytes were damaged"
        }
        A::UnsupportedCertificate => {
            "unsupported_certificate is said by a JVM of an algorithm or key size that its policy forbids, by others of a wrong type of certificate, too"
        }
        A::CertificateRevoked => {
            "certificate_revoked says that the issuer took the certificate back"
        }
        A::CertificateExpired => {
            "certificate_expired says that its time is over, by the peer's clock"
        }
        A::CertificateUnknown if owner == Role::Client => {
            "certificate_unknown is the JVM's word for almost everything: no path to a root that the server trusts, a certificate that is not for clients, in older updates an expired one too"
        }
        A::CertificateUnknown => {
            "certificate_unknown is the JVM's word for almost everything: no path to a trusted root, a wrong name or usage, in older updates an expired certificate too"
        }
        A::UnknownCa => {
            "unknown_ca says that no path to a trusted root was found: the root is not trusted, or an intermediate is missing"
        }
        A::AccessDenied => {
            "access_denied says that the certificate was valid, but its holder is not let in"
        }
        A::DecryptError => "decrypt_error says that a signature or Finished did not verify",
        A::CertificateRequired => {
            "certificate_required says that a client certificate was wanted and none came"
        }
        A::HandshakeFailure => "handshake_failure gives no reason",
        A::InternalError => {
            "internal_error speaks of the sender's own trouble; a JVM whose trust store is empty sends it when it is to check a certificate"
        }
        _ => "the alert does not speak of certificates as such",
    }
}
