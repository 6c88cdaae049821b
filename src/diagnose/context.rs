//! What a rule may know beyond its handshake: the JVM, the other handshakes, every certificate seen.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, OnceLock},
};

use foldhash::quality::RandomState;

use super::rules::{Refusal, trust::Objection};
use crate::{
    assemble::Assembly,
    event::{Certificate, PresentedCertificate, Survey},
    handshake::{Chain, Handshake, Jvm, KeyEntry, Outcome, Role},
    search::find,
    span::Span,
    time::LogTime,
};

/// A certificate and where the log shows it.
type Seen<'a> = (&'a Arc<Certificate>, Span);

/// Positions of handshakes, by the canonical name of the issuer.
type Below = HashMap<String, Vec<usize>, RandomState>;

/// What the log proves about the issuer of a certificate that was not sent with it.
#[derive(Debug, Clone)]
pub enum IssuerProof<'a> {
    /// A certificate of that name is in the log, and another authority issued it: an intermediate.
    Intermediate(Seen<'a>),
    /// A certificate of that name is in the log, and it is self-issued: a root.
    Root(Seen<'a>),
    /// Nothing with that name is in the log.
    Unseen,
}

/// The read-only surroundings of a handshake.
#[derive(Debug)]
pub struct Context<'a> {
    /// All handshakes of the input.
    pub handshakes: &'a [Box<Handshake>],
    /// The JVM as the log describes it.
    pub jvm: &'a Jvm,
    /// What kinds of entries the log has.
    pub survey: &'a Survey,
    /// The time of the last event of the log.
    pub last_at: Option<&'a LogTime>,
    /// By name; several trust stores (or a renewed root) give several certificates of one name.
    anchors: HashMap<String, Vec<Seen<'a>>, RandomState>,
    presented: HashMap<String, Seen<'a>, RandomState>,
    anchor_count: usize,
    /// Lines of a listing are missing.
    anchors_torn: bool,
    /// Key entries whose certificate no server of this log presents.
    pub(crate) client_keys: Vec<&'a KeyEntry>,
    /// One established handshake for each set of parameters: what this JVM can agree on.
    pub(crate) representatives: Vec<&'a Handshake>,
    /// Connections that the transport ended before the first message.
    pub(crate) ended_unspoken: usize,
    /// The role of all handshakes that have one, when it is the same.
    pub(crate) only_role: Option<Role>,
    /// The first handshake in which a client of this log showed a certificate: it has a key.
    pub(crate) shows_key: Option<&'a Handshake>,
    /// What the log cannot show at all; found out when a rule first asks.
    pub(crate) gap: OnceLock<Option<&'static str>>,
    /// Clients' handshakes by the issuer of what the server showed; made when a rule first asks.
    below: OnceLock<Below>,
    /// The first listed anchor of each organisation (`O=`).
    organisations: HashMap<&'a str, Seen<'a>, RandomState>,
    /// What a JVM objects to in its peer's certificate, by what it said: many rules ask, of many handshakes that ended
    /// in the same words.
    objections: HashMap<Said, Option<Objection>, RandomState>,
}

/// Where the words are kept with which a JVM ended a handshake: equal for handshakes that share them.
type Said = [usize; 2];

impl<'a> Context<'a> {
    /// Indexes what was assembled.
    pub fn new(assembly: &'a Assembly) -> Self {
        let mut context = Self {
            handshakes: &assembly.handshakes,
            jvm: &assembly.jvm,
            survey: &assembly.survey,
            last_at: assembly.last_at.as_ref(),
            anchors: HashMap::default(),
            presented: HashMap::default(),
            anchor_count: 0,
            anchors_torn: false,
            client_keys: client_keys(assembly),
            representatives: representatives(&assembly.handshakes),
            ended_unspoken: assembly
                .handshakes
                .iter()
                .filter(|handshake| ended_unspoken(handshake))
                .count(),
            only_role: only_role(&assembly.handshakes),
            shows_key: assembly.handshakes.iter().map(AsRef::as_ref).find(
                |handshake: &&Handshake| {
                    handshake.role == Some(Role::Client)
                        && handshake
                            .client_chain
                            .as_deref()
                            .is_some_and(|chain| !chain.certificates.is_empty())
                },
            ),
            gap: OnceLock::new(),
            below: OnceLock::new(),
            organisations: HashMap::default(),
            objections: objections(&assembly.handshakes),
        };
        for set in &assembly.jvm.anchor_sets {
            context.anchor_count = context.anchor_count.max(set.certificates.len());
            context.anchors_torn |= set.certificates.iter().any(|presented| presented.torn);
            for presented in set.certificates.iter() {
                let named = context
                    .anchors
                    .entry(canonical(&presented.certificate.subject))
                    .or_default();
                if named.len() < MAX_ANCHORS_OF_A_NAME
                    && !named
                        .iter()
                        .any(|(known, _)| Arc::ptr_eq(known, &presented.certificate))
                {
                    named.push((
                        &presented.certificate,
                        set.span.down(presented.line_in_entry),
                    ));
                }
            }
        }
        context.organisations = first_of_organisations(context.anchors.values().flatten());
        for key in &assembly.jvm.key_entries {
            index(&mut context.presented, &key.chain, key.span);
        }
        // ten thousand handshakes with one server show one chain
        let mut seen = HashSet::<*const PresentedCertificate, RandomState>::default();
        for chain in assembly
            .handshakes
            .iter()
            .flat_map(|handshake| [&handshake.server_chain, &handshake.client_chain])
            .flatten()
        {
            if !seen.insert(chain.certificates.as_ptr()) {
                continue;
            }
            index(&mut context.presented, &chain.certificates, chain.span);
        }
        context
    }

    /// Whether the log lists all trust anchors. `false` means "not logged", never "none".
    pub fn anchors_listed(&self) -> bool {
        self.anchor_count > 0 && !self.anchors_torn
    }

    /// The size of the largest trust store listed.
    pub fn anchor_count(&self) -> usize {
        self.anchor_count
    }

    /// What this JVM objected to in its peer's certificate, if it did.
    pub(in crate::diagnose) fn objection(&self, handshake: &Handshake) -> Option<Objection> {
        let refusal = Refusal::of(handshake)?;
        let known = self.objections.get(&said(handshake)).copied();
        known.unwrap_or_else(|| refusal.objection())
    }

    /// Handshakes of this JVM as a client in which the server showed a certificate of this issuer: one for
    /// each certificate, a few of them.
    pub(crate) fn clients_below(&self, issuer: &str) -> impl Iterator<Item = &'a Handshake> {
        let all = self.handshakes;
        self.below
            .get_or_init(|| clients_by_issuer(all))
            .get(&canonical(issuer))
            .into_iter()
            .flatten()
            .filter_map(|&position| Some(all.get(position)?.as_ref()))
    }

    /// A listed trust anchor of this name.
    pub fn anchor(&self, subject: &str) -> Option<Seen<'a>> {
        self.anchors.get(&canonical(subject))?.first().copied()
    }

    /// The listed trust anchor that may have issued `certificate`: by name, and best by key too.
    pub fn anchor_above(&self, certificate: &Certificate) -> Option<Seen<'a>> {
        let named = self.anchors.get(&canonical(&certificate.issuer))?;
        named
            .iter()
            .find(|(anchor, _)| !certificate.key_differs_from(anchor))
            .or_else(|| named.first())
            .copied()
    }

    /// The listed trust anchor that is this very certificate, or else one of its name.
    pub fn anchor_like(&self, certificate: &Certificate) -> Option<Seen<'a>> {
        let named = self.anchors.get(&canonical(&certificate.subject))?;
        named
            .iter()
            .find(|(anchor, _)| is_same_certificate(anchor, certificate))
            .or_else(|| named.first())
            .copied()
    }

    /// A listed trust anchor whose organisation (`O=`) is that of `name`, but not its name.
    pub fn anchor_of_same_organisation(&self, name: &str) -> Option<Seen<'a>> {
        let organisation = attribute(name, "O")?;
        self.organisations.get(organisation).copied()
    }

    /// What the log proves about an issuer: presented by anyone, or in a key store, or an anchor.
    pub fn issuer_proof(&self, issuer: &str) -> IssuerProof<'a> {
        let name = canonical(issuer);
        let presented = self.presented.get(&name).copied();
        match presented.or_else(|| self.anchors.get(&name)?.first().copied()) {
            Some(seen) if seen.0.is_self_issued() => IssuerProof::Root(seen),
            Some(seen) => IssuerProof::Intermediate(seen),
            None => IssuerProof::Unseen,
        }
    }

    /// The other end's view of the same handshake, when it is in the same input.
    pub fn other_end(&self, handshake: &Handshake) -> Option<&'a Handshake> {
        Some(
            self.handshakes
                .get(handshake.paired_with? as usize - 1)?
                .as_ref(),
        )
    }

    /// The host to put into a command: SNI, or a placeholder.
    pub fn host_for_command(&self, handshake: &Handshake) -> String {
        let peer = || {
            let client = handshake.role == Some(Role::Client);
            let peer = handshake.peer().filter(|_| client)?;
            peer.host.as_ref()
        };
        handshake
            .server_name()
            .or_else(peer)
            .map_or_else(|| "HOST".to_owned(), |name| shell_word(name))
    }

    /// The port to put into a command: as the log names it, or else that of HTTPS (few logs name any).
    pub fn port_for_command(&self, handshake: &Handshake) -> u16 {
        known_port(handshake).unwrap_or(USUAL_PORT)
    }

    /// `openssl s_client -connect HOST:443 -servername HOST …`: reproduces the offer of this handshake.
    pub fn openssl(&self, handshake: &Handshake, options: &str) -> String {
        let host = self.host_for_command(handshake);
        let port = self.port_for_command(handshake).to_string();
        let mut words = vec!["openssl s_client -connect ", &host, ":", &port];
        if handshake.server_name().is_some() {
            words.extend([" -servername ", &host]);
        }
        if !options.is_empty() {
            words.extend([" ", options]);
        }
        words.push(" </dev/null");
        words.concat()
    }

    /// Whether this JVM is the client of the handshake.
    pub fn is_client(handshake: &Handshake) -> bool {
        handshake.role == Some(Role::Client)
    }
}

/// The port of HTTPS, where the log names none.
const USUAL_PORT: u16 = 443;

/// The server's port, where the log of a client names it.
fn known_port(handshake: &Handshake) -> Option<u16> {
    let client = handshake.role == Some(Role::Client);
    handshake.peer().filter(|_| client)?.port
}

/// A command with a port that the log does not name.
pub(super) fn has_guessed_port(handshake: &Handshake, command: &str) -> bool {
    known_port(handshake).is_none() && has_word(command, "443")
}

/// Whether `word` stands in `text` with no letter and no digit at either end.
fn has_word(text: &str, word: &str) -> bool {
    let mut from = 0;
    while let Some(at) = find(&text.as_bytes()[from..], word.as_bytes()) {
        let (begin, end) = (from + at, from + at + word.len());
        let joins = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        let before = begin.checked_sub(1).and_then(|at| text.as_bytes().get(at));
        if !joins(before) && !joins(text.as_bytes().get(end)) {
            return true;
        }
        from = end;
    }
    false
}

/// A hostile log must not make every look-up long.
const MAX_ANCHORS_OF_A_NAME: usize = 16;

/// Serial, issuer and dates agree.
pub(crate) fn is_same_certificate(left: &Certificate, right: &Certificate) -> bool {
    left.serial == right.serial && left.issuer == right.issuer && left.not_after == right.not_after
}

fn index<'a>(
    into: &mut HashMap<String, Seen<'a>, RandomState>,
    certificates: &'a [PresentedCertificate],
    span: Span,
) {
    for presented in certificates {
        into.entry(canonical(&presented.certificate.subject))
            .or_insert((&presented.certificate, span.down(presented.line_in_entry)));
    }
}

/// The first handshakes with each certificate, by its issuer.
fn clients_by_issuer(handshakes: &[Box<Handshake>]) -> Below {
    /// So many certificates of one issuer tell what there is to tell.
    const ENOUGH: usize = 32;
    let mut below = Below::default();
    let mut seen = HashSet::<*const Certificate, RandomState>::default();
    for (position, handshake) in handshakes.iter().enumerate() {
        let chain = handshake.server_chain.as_deref();
        let Some(leaf) = chain
            .filter(|_| handshake.role == Some(Role::Client))
            .and_then(Chain::leaf)
        else {
            continue;
        };
        if !seen.insert(Arc::as_ptr(leaf)) {
            continue; // shared: the same certificate printed again
        }
        let named = below.entry(canonical(&leaf.issuer)).or_default();
        if named.len() < ENOUGH {
            named.push(position);
        }
    }
    below
}

/// Key entries that no server of the log presents: those a client may have meant to use.
fn client_keys(assembly: &Assembly) -> Vec<&KeyEntry> {
    if assembly.jvm.key_entries.is_empty() {
        return Vec::new();
    }
    let identity = |certificate: &'_ Certificate| {
        (
            Arc::clone(&certificate.subject),
            Arc::clone(&certificate.serial),
        )
    };
    let servers = assembly
        .handshakes
        .iter()
        .filter(|handshake| handshake.role == Some(Role::Server));
    let mut seen = HashSet::<*const Certificate, RandomState>::default();
    let presented: HashSet<(Arc<str>, Arc<str>), RandomState> = servers
        .filter_map(|handshake| handshake.server_chain.as_deref()?.leaf())
        .filter(|leaf| seen.insert(Arc::as_ptr(leaf)))
        .map(|leaf| identity(leaf))
        .collect();
    let of_server = |entry: &KeyEntry| {
        entry
            .chain
            .first()
            .is_some_and(|first| presented.contains(&identity(&first.certificate)))
    };
    assembly
        .jvm
        .key_entries
        .iter()
        .filter(|entry| !of_server(entry))
        .collect()
}

/// What JVMs object to, of all words that they ended handshakes with.
fn objections(handshakes: &[Box<Handshake>]) -> HashMap<Said, Option<Objection>, RandomState> {
    let mut known = HashMap::default();
    for handshake in handshakes {
        if let Some(refusal) = Refusal::of(handshake) {
            let said = known.entry(said(handshake));
            said.or_insert_with(|| refusal.objection());
        }
    }
    known
}

fn said(handshake: &Handshake) -> Said {
    let fatal = handshake.fatal.as_deref();
    let thrown = handshake.exception();
    [
        fatal.map_or(0, |fatal| Arc::as_ptr(&fatal.value).addr()),
        thrown.map_or(0, |thrown| Arc::as_ptr(&thrown.value).addr()),
    ]
}

/// Established handshakes that differ in what was agreed on.
fn representatives(handshakes: &[Box<Handshake>]) -> Vec<&Handshake> {
    let mut seen = HashSet::<_, RandomState>::default();
    handshakes
        .iter()
        .map(AsRef::as_ref)
        .filter(|handshake: &&Handshake| handshake.outcome == Outcome::Established)
        .filter(|handshake| {
            seen.insert((
                handshake.role,
                handshake.version.as_ref(),
                handshake.cipher_suite.as_ref(),
                handshake.named_group.as_deref(),
                handshake.signature_scheme.as_deref(),
                handshake.application_protocol(),
            ))
        })
        .collect()
}

fn ended_unspoken(handshake: &Handshake) -> bool {
    let by_transport = handshake
        .break_up
        .as_deref()
        .is_some_and(|break_up| break_up.how.is_transport());
    by_transport && handshake.role != Some(Role::Client) && handshake.last_message().is_none()
}

fn only_role(handshakes: &[Box<Handshake>]) -> Option<Role> {
    let mut roles = handshakes.iter().filter_map(|handshake| handshake.role);
    roles
        .next()
        .filter(|first| roles.all(|role| role == *first))
}

/// A name without blanks and case: equal for names that are the same (RFC 5280 §7.1, simplified).
fn canonical(name: &str) -> String {
    if name.is_ascii() {
        let letters = name.chars().filter(|c| !c.is_whitespace());
        return letters.map(|c| c.to_ascii_lowercase()).collect();
    }
    name.chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The first value of an attribute of a distinguished name: `attribute("CN=a, O=b", "O")` is `b`.
pub(crate) fn attribute<'n>(name: &'n str, wanted: &str) -> Option<&'n str> {
    let mut rest = name;
    loop {
        let (key, value) = rest.split_once('=')?;
        let (value, next) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => value.split_once(',').unwrap_or((value, "")),
        };
        if key
            .trim_start_matches([',', ' '])
            .eq_ignore_ascii_case(wanted)
        {
            return Some(value.trim());
        }
        rest = next;
    }
}

/// The first anchor of each organisation, in the order of the log.
fn first_of_organisations<'c, 'a: 'c>(
    anchors: impl Iterator<Item = &'c Seen<'a>>,
) -> HashMap<&'a str, Seen<'a>, RandomState> {
    let mut first = HashMap::<_, Seen<'a>, _>::default();
    for &(anchor, span) in anchors {
        let Some(organisation) = attribute(&anchor.subject, "O") else {
            continue;
        };
        let known = first.entry(organisation).or_insert((anchor, span));
        if span < known.1 {
            *known = (anchor, span);
        }
    }
    first
}

/// The most telling part of a distinguished name: `CN`, else the whole.
pub(crate) fn common_name(name: &str) -> &str {
    attribute(name, "CN").unwrap_or(name)
}

/// Text from a log in a command line: quoted unless it is harmless.
pub(crate) fn shell_word(text: &str) -> String {
    let harmless = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '/' | '@' | '+' | '=')
    };
    if !text.is_empty() && text.chars().all(harmless) && !text.starts_with('-') {
        return text.to_owned();
    }
    let plain: String = text.chars().filter(|c| !c.is_control()).collect();
    format!("'{}'", plain.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_of_names() {
        let name = "CN=api.lab.example, O=\"Lab, Inc.\", C=XX";
        assert_eq!(attribute(name, "O"), Some("Lab, Inc."));
        assert_eq!(attribute(name, "C"), Some("XX"));
        assert_eq!(attribute(name, "OU"), None);
        assert_eq!(common_name(name), "api.lab.example");
    }

    #[test]
    fn a_port_is_a_word_of_its_own() {
        for command in [
            "openssl s_client -connect a:443 x",
            "443",
            "nmap -p 443 a",
            "4430:443",
        ] {
            assert!(has_word(command, "443"), "{command}");
        }
        for command in ["a:8443 b", "a:4431", "x443", "443443", "", "44"] {
            assert!(!has_word(command, "443"), "{command}");
        }
    }

    #[test]
    fn words_from_a_log_cannot_leave_their_quotes() {
        assert_eq!(shell_word("api.lab.example"), "api.lab.example");
        assert_eq!(shell_word("a'; rm -rf /"), "'a'\\''; rm -rf /'");
        assert_eq!(shell_word("-oops"), "'-oops'");
    }
}
