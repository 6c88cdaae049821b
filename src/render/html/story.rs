//! One handshake, told in full.

use super::{chain::Chain, page::Context, sequence::Sequence};
use crate::{
    render::{
        moment,
        overview::{Brief, Ending, Group},
        words::{self, cut, maybe},
    },
    report::{FindingView, HandshakeView, NegotiatedView},
};

/// Others of the same kind that are named one by one.
const NAMED: usize = 40;
/// What was offered, in characters a list.
const OFFER: usize = 4_000;

/// See the module.
pub(super) struct Story<'a> {
    pub(super) view: HandshakeView<'a>,
    pub(super) mark: &'static str,
    pub(super) open: bool,
    pub(super) time: String,
    pub(super) who: String,
    pub(super) broke: String,
    pub(super) input: Option<String>,
    pub(super) sequence: Sequence,
    pub(super) chains: Vec<Chain>,
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) offers: Vec<Offer>,
    pub(super) equals: Option<Equals>,
    /// The other end of the connection with the same cause, and the handshake on this page that it is
    /// told under.
    pub(super) told_as: Option<(u32, Option<u32>)>,
}

/// What was offered, and what was chosen of it.
pub(super) struct Offer {
    pub(super) name: &'static str,
    pub(super) offered: String,
    pub(super) selected: Option<String>,
}

/// The others that failed in the same way.
pub(super) struct Equals {
    pub(super) count: usize,
    pub(super) ids: Vec<u32>,
    pub(super) more: usize,
    pub(super) times: String,
}

impl<'a> Story<'a> {
    pub(super) fn of(group: &Group, open: bool, context: &Context<'_, 'a>) -> Self {
        let brief = context.overview.first(group);
        let view = context.report.handshake(brief.input, brief.position);
        let told_as = brief.told_as.and_then(|other| {
            let of = |brief: &&Brief| brief.id == other;
            let other = context.overview.all.iter().find(of)?;
            let under = context.overview.told_under(other);
            Some((other.id, Some(under).filter(|id| context.is_told(*id))))
        });
        Self {
            mark: words::mark(brief.ending.name()),
            open,
            time: maybe(view.started_at.as_ref())
                .map_or("", moment::time_of_day)
                .to_owned(),
            who: cut(&words::who(&view), 200),
            broke: words::broke(&view),
            input: context.input_name(brief.input),
            sequence: Sequence::of(&view),
            chains: Chain::of(&view),
            facts: facts(&view),
            offers: offers(&view),
            equals: equals(group, context),
            told_as,
            view,
        }
    }

    /// The first finding.
    pub(super) fn cause(&self) -> Option<&FindingView<'a>> {
        self.view.findings.first()
    }

    /// Findings that may be the cause instead of the first.
    pub(super) fn competing(&self) -> impl Iterator<Item = &FindingView<'a>> {
        self.others().filter(|finding| finding.symptom_of.is_none())
    }

    /// Findings that the first one explains.
    pub(super) fn symptoms(&self) -> impl Iterator<Item = &FindingView<'a>> {
        self.others().filter(|finding| finding.symptom_of.is_some())
    }

    fn others(&self) -> impl Iterator<Item = &FindingView<'a>> {
        self.view.findings.iter().skip(1)
    }

    /// `failed`, `unfinished`
    pub(super) fn ending(&self) -> &str {
        words::text(&self.view.outcome)
    }
}

fn equals(group: &Group, context: &Context<'_, '_>) -> Option<Equals> {
    let others = group.members.get(1..).filter(|others| !others.is_empty())?;
    let brief = |at: usize| &context.overview.all[at];
    let clock = |at: usize| brief(at).started.map(|millis| moment::clock(millis, true));
    let times = match (clock(others[0]), clock(others[others.len() - 1])) {
        (Some(first), Some(last)) if first != last => format!("{first} – {last}"),
        (Some(only), _) | (None, Some(only)) => only,
        (None, None) => String::new(),
    };
    Some(Equals {
        count: others.len(),
        ids: others.iter().take(NAMED).map(|&at| brief(at).id).collect(),
        more: others.len().saturating_sub(NAMED),
        times,
    })
}

/// What is known of the handshake, in a column beside the picture.
fn facts(view: &HandshakeView<'_>) -> Vec<(&'static str, String)> {
    let text = |text: Option<&str>| text.map(str::to_owned);
    let peer = match (maybe(view.peer.host.as_ref()), view.peer.port) {
        (Some(host), Some(port)) => Some(format!("{host}:{port}")),
        (Some(host), None) => Some(host.to_owned()),
        (None, port) => port.map(|port| format!("port {port}")),
    };
    let client_auth = match (
        view.client_auth.requested,
        view.client_auth.certificate_sent,
    ) {
        (false, _) => None,
        (true, Some(true)) => Some("requested; the client sent a certificate".to_owned()),
        (true, Some(false)) => Some("requested; the client sent none".to_owned()),
        (true, None) => Some("requested".to_owned()),
    };
    let flags = [
        (view.resumed, "resumed"),
        (view.renegotiation, "renegotiation"),
    ];
    let flags: Vec<&str> = flags
        .into_iter()
        .filter(|(is, _)| *is)
        .map(|(_, word)| word)
        .collect();
    let facts = [
        ("role", text(maybe(view.role.as_ref()))),
        ("server name", text(maybe(view.peer.server_name.as_ref()))),
        ("peer", peer),
        ("version", text(maybe(view.versions.negotiated.as_ref()))),
        (
            "cipher suite",
            text(maybe(view.cipher_suites.selected.as_ref())),
        ),
        (
            "named group",
            text(maybe(view.named_groups.selected.as_ref())),
        ),
        (
            "signature",
            text(maybe(view.signature_schemes.selected.as_ref())),
        ),
        ("ALPN", text(maybe(view.alpn.selected.as_ref()))),
        ("client auth", client_auth),
        ("session", (!flags.is_empty()).then(|| flags.join(", "))),
        (
            "thread",
            Some(words::thread(view).to_owned()).filter(|name| !name.is_empty()),
        ),
        ("stream", text(maybe(view.stream.as_ref()))),
        ("began", text(maybe(view.started_at.as_ref()))),
        ("took", view.duration_ms.map(moment::duration)),
        (
            "lines",
            Some(format!("{} – {}", view.first_line, view.last_line)),
        ),
        ("connection", Some(view.connection.to_string())),
        ("other end", view.paired_with.map(|id| format!("#{id}"))),
        (
            "history",
            Some(cut(&view.history, 200)).filter(|history| !history.is_empty()),
        ),
    ];
    facts
        .into_iter()
        .filter_map(|(name, fact)| Some((name, cut(&fact?, 200))))
        .collect()
}

fn offers(view: &HandshakeView<'_>) -> Vec<Offer> {
    let mut offers = vec![Offer {
        name: "versions",
        offered: offered(&view.versions.offered),
        selected: view.versions.negotiated.as_ref().map(ToString::to_string),
    }];
    let mut add = |name, negotiated: &NegotiatedView<'_>| {
        offers.push(Offer {
            name,
            offered: offered(&negotiated.offered),
            selected: maybe(negotiated.selected.as_ref()).map(|chosen| cut(chosen, 200)),
        });
    };
    add("cipher suites", &view.cipher_suites);
    add("named groups", &view.named_groups);
    add("signature schemes", &view.signature_schemes);
    add("ALPN", &view.alpn);
    offers.push(Offer {
        name: "authorities for client certificates",
        offered: offered(&view.client_auth.authorities),
        selected: None,
    });
    offers.retain(|offer| !offer.offered.is_empty());
    offers
}

fn offered(list: &[impl AsRef<str>]) -> String {
    let names: Vec<&str> = list.iter().map(AsRef::as_ref).collect();
    cut(&names.join(" · "), OFFER)
}

/// A row of the table of all handshakes.
pub(super) struct Line {
    pub(super) id: u32,
    /// The handshake that it is told under, unless it was established.
    pub(super) told_under: Option<u32>,
    pub(super) mark: &'static str,
    pub(super) ending: &'static str,
    pub(super) time: String,
    pub(super) who: String,
    pub(super) version: String,
    pub(super) suite: String,
    pub(super) extras: String,
    pub(super) took: String,
    pub(super) begins: u64,
    /// Where that line is to be found, where there are several files.
    pub(super) file: Option<String>,
    pub(super) causes: String,
}

impl Line {
    pub(super) fn of(
        brief: &Brief,
        view: &HandshakeView<'_>,
        told_under: Option<u32>,
        file: Option<String>,
    ) -> Self {
        let short = |text: Option<&str>| text.map_or_else(String::new, |text| cut(text, 60));
        let told = match brief.ending {
            Ending::Established => view.findings.len(),
            _ => 1,
        };
        let causes: Vec<&str> = view
            .findings
            .iter()
            .take(told)
            .map(|f| words::text(&f.rule))
            .collect();
        let extras = [
            (view.resumed, "resumed"),
            (view.renegotiation, "renegotiated"),
            (
                view.client_auth.certificate_sent == Some(true),
                "client certificate",
            ),
        ];
        let extras: Vec<&str> = extras
            .into_iter()
            .filter(|(is, _)| *is)
            .map(|(_, word)| word)
            .collect();
        Self {
            id: brief.id,
            told_under,
            mark: words::mark(brief.ending.name()),
            ending: brief.ending.name(),
            time: maybe(view.started_at.as_ref())
                .map_or("", moment::time_of_day)
                .to_owned(),
            who: cut(&words::who(view), 120),
            version: short(maybe(view.versions.negotiated.as_ref())),
            suite: short(maybe(view.cipher_suites.selected.as_ref())),
            extras: extras.join(", "),
            took: view.duration_ms.map(moment::duration).unwrap_or_default(),
            begins: view.first_line,
            file,
            causes: causes.join(" "),
        }
    }
}
