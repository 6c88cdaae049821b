//! A certificate chain as a picture, from the leaf up, with a gap where a link is missing.

use crate::{
    render::{
        moment,
        words::{cut, maybe},
    },
    report::{CertificateView, FindingView, HandshakeView},
};

/// A distinguished name of any length may come.
const NAME: usize = 300;
/// Alternative names that are shown.
const NAMES: usize = 12;
/// Certificates that are shown: JSSE takes ten, logs can have more.
const CERTIFICATES: usize = 12;
/// Clocks of certificates and of logs can differ by their zones.
const ZONES_MILLIS: i64 = 86_400_000;

/// See the module.
#[derive(Debug)]
pub(super) struct Chain {
    /// `client`, `server`
    pub(super) owner: &'static str,
    pub(super) certificates: Vec<Certificate>,
    /// Certificates that are not shown.
    pub(super) more: usize,
    pub(super) end: End,
}

/// One certificate, and how it hangs together with the one above it.
#[derive(Debug)]
pub(super) struct Certificate {
    pub(super) label: String,
    pub(super) subject: String,
    pub(super) validity: String,
    /// What is wrong with its dates at the time of the handshake.
    pub(super) overdue: Option<String>,
    pub(super) names: Option<String>,
    pub(super) key: String,
    pub(super) sha256: Option<String>,
    pub(super) line: u64,
    /// Its issuer, where the next certificate is not his.
    pub(super) stray_issuer: Option<String>,
}

/// What the topmost certificate leads to.
#[derive(Debug)]
pub(super) enum End {
    /// An intermediate was not sent, and that is why it broke.
    Missing { issuer: String, sureness: String },
    /// The path is there, its end is not trusted.
    Untrusted { issuer: String, sureness: String },
    /// The JVM accepted the chain under this anchor.
    Trusted(String),
    /// It is its own issuer.
    Root,
    /// Its issuer was not sent, as roots need not be; the log tells no more.
    Open(String),
}

impl Chain {
    /// The chains of a handshake that are in the log.
    pub(super) fn of(view: &HandshakeView<'_>) -> Vec<Self> {
        let both = [
            ("server", &view.certificates.server),
            ("client", &view.certificates.client),
        ];
        both.into_iter()
            .filter(|(_, chain)| !chain.is_empty())
            .map(|(owner, chain)| Self {
                owner,
                certificates: certificates(chain, view),
                more: chain.len().saturating_sub(CERTIFICATES),
                end: end(owner, chain, view),
            })
            .collect()
    }
}

fn certificates(chain: &[CertificateView<'_>], view: &HandshakeView<'_>) -> Vec<Certificate> {
    let at = maybe(view.started_at.as_ref()).and_then(moment::millis);
    let next = |index: usize| chain.get(index + 1);
    chain
        .iter()
        .enumerate()
        .take(CERTIFICATES)
        .map(|(index, certificate)| Certificate {
            label: label(index, certificate),
            subject: name(&certificate.subject),
            validity: validity(certificate),
            overdue: at.and_then(|at| overdue(certificate, at)),
            names: names(certificate),
            key: [&certificate.public_key, &certificate.signature_algorithm]
                .map(|part| cut(part, NAME))
                .join(" · "),
            sha256: maybe(certificate.sha256.as_ref()).map(|hash| cut(hash, NAME)),
            line: certificate.line,
            stray_issuer: next(index)
                .filter(|next| next.subject != certificate.issuer)
                .map(|_| name(&certificate.issuer)),
        })
        .collect()
}

/// A name from the log; empty ones happen, and lines get lost.
fn name(printed: &str) -> String {
    if printed.is_empty() {
        "(not logged)".to_owned()
    } else {
        cut(printed, NAME)
    }
}

fn label(index: usize, certificate: &CertificateView<'_>) -> String {
    match (index, is_own_issuer(certificate)) {
        (0, true) => "1 · its own issuer".to_owned(),
        (0, false) => "1 · leaf".to_owned(),
        (_, true) => format!("{} · root", index + 1),
        (_, false) => format!("{} · intermediate", index + 1),
    }
}

fn is_own_issuer(certificate: &CertificateView<'_>) -> bool {
    certificate.subject == certificate.issuer && !certificate.subject.is_empty()
}

fn validity(certificate: &CertificateView<'_>) -> String {
    let day = |at: Option<&str>| at.map_or("not logged", moment::date).to_owned();
    format!(
        "{} to {}",
        day(maybe(certificate.not_before.as_ref())),
        day(maybe(certificate.not_after.as_ref()))
    )
}

/// Only what no difference of time zones can explain.
fn overdue(certificate: &CertificateView<'_>, at: i64) -> Option<String> {
    let millis = |time: Option<&str>| time.and_then(moment::millis);
    let late = millis(maybe(certificate.not_after.as_ref())).map(|end| at - end);
    let early = millis(maybe(certificate.not_before.as_ref())).map(|begin| begin - at);
    let days = |millis: i64| match millis / 86_400_000 {
        1 => "a day".to_owned(),
        days => format!("{days} days"),
    };
    match (late, early) {
        (Some(late), _) if late >= ZONES_MILLIS => {
            Some(format!("ended {} before this handshake", days(late)))
        }
        (_, Some(early)) if early >= ZONES_MILLIS => {
            Some(format!("begins {} after this handshake", days(early)))
        }
        _ => None,
    }
}

fn names(certificate: &CertificateView<'_>) -> Option<String> {
    let all = &certificate.subject_alternative_names;
    let shown: Vec<String> = all.iter().take(NAMES).map(|name| cut(name, NAME)).collect();
    let more = match all.len().saturating_sub(NAMES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!shown.is_empty()).then(|| shown.join(", ") + &more)
}

fn end(owner: &'static str, chain: &[CertificateView<'_>], view: &HandshakeView<'_>) -> End {
    let Some(top) = chain.last() else {
        return End::Open(String::new());
    };
    let issuer = name(&top.issuer);
    let cause = view.findings.first();
    let says = |rule: &str| cause.filter(|cause| cause.rule == rule);
    let sureness = |cause: &FindingView<'_>| cause.confidence.to_string();
    if let Some(cause) = says("incomplete-certificate-chain").filter(|c| c.at_fault == owner) {
        return End::Missing {
            issuer,
            sureness: sureness(cause),
        };
    }
    let untrusted = [
        "untrusted-root",
        "self-signed-certificate",
        "tls-interception",
    ];
    let is_judged = maybe(view.role.as_ref()).is_some_and(|own| own != owner);
    if let Some(cause) = untrusted.into_iter().find_map(says).filter(|_| is_judged) {
        return End::Untrusted {
            issuer,
            sureness: sureness(cause),
        };
    }
    let trusted = view
        .timeline
        .iter()
        .find(|step| step.message == "PeerTrusted")
        .and_then(|step| maybe(step.detail.as_ref()))
        .and_then(|words| words.strip_prefix("trusted under "))
        .filter(|_| is_judged);
    match trusted {
        Some(anchor) => End::Trusted(name(anchor)),
        None if is_own_issuer(top) => End::Root,
        None => End::Open(issuer),
    }
}
