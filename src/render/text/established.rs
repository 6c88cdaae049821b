//! Established handshakes: a line each, or a line a group when there are many.

use std::{
    collections::{BTreeMap, HashMap},
    io::{self, Write},
};

use foldhash::quality::RandomState;

use super::{DIM, GOOD, Options, began_at, finding, picture, plural, who};
use crate::{
    handshake::Outcome,
    render::safe::safe,
    report::{Brief, HandshakeView, Report},
    tls::ProtocolVersion,
};

/// More than this many are folded into groups.
const LINE_EACH: usize = 8;
/// Peers named in a group's line.
const PEERS: usize = 3;

/// What handshakes of one group have in common: version, suite, role.
type Key<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>);

#[derive(Default)]
struct Group<'a> {
    count: usize,
    resumed: usize,
    peers: HashMap<&'a str, usize, RandomState>,
    remarks: BTreeMap<&'a str, usize>,
}

pub(super) fn write(
    report: &Report<'_>,
    input: usize,
    options: Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let is_established =
        |&position: &usize| report.brief(input, position).outcome() == Outcome::Established;
    let established: Vec<usize> = report.told(input).filter(is_established).collect();
    if established.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    lines(report, input, &established, options, out)
}

/// Those at these positions.
pub(super) fn lines(
    report: &Report<'_>,
    input: usize,
    established: &[usize],
    options: Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    if established.len() <= LINE_EACH || options.verbose {
        return established
            .iter()
            .try_for_each(|&position| line(&report.handshake(input, position), options, out));
    }
    let mut groups: HashMap<Key<'_>, Group<'_>, RandomState> = HashMap::default();
    for &position in established {
        let handshake = report.brief(input, position);
        let key = (
            handshake.version(),
            handshake.cipher_suite(),
            handshake.role(),
        );
        groups.entry(key).or_default().add(handshake);
    }
    // from old to new
    let version = |key: &Key<'_>| key.0.map(ProtocolVersion::from_name);
    let mut groups: Vec<(Key<'_>, Group<'_>)> = groups.into_iter().collect();
    groups.sort_by(|(key, group), (other_key, other)| {
        other
            .count
            .cmp(&group.count)
            .then_with(|| version(key).cmp(&version(other_key)))
            .then_with(|| key.cmp(other_key))
    });
    groups
        .iter()
        .try_for_each(|(key, group)| group_line(report, key, group, out))
}

impl<'a> Group<'a> {
    fn add(&mut self, handshake: Brief<'a>) {
        self.count += 1;
        self.resumed += usize::from(handshake.resumed());
        if let Some(name) = handshake.server_name() {
            *self.peers.entry(name).or_default() += 1;
        }
        for finding in handshake.findings() {
            *self.remarks.entry(finding.rule).or_default() += 1;
        }
    }
}

/// `✓ #3  12:33:44.581  main → api.example   TLSv1.3 TLS_AES_128_GCM_SHA256 x25519 · resumed · 12 ms`
fn line(handshake: &HandshakeView<'_>, options: Options, out: &mut dyn Write) -> io::Result<()> {
    let at = began_at(handshake);
    let parts = [
        &handshake.versions.negotiated,
        &handshake.cipher_suites.selected,
        &handshake.named_groups.selected,
        &handshake.alpn.selected,
    ];
    let parameters: Vec<&str> = parts.into_iter().flatten().map(|part| &**part).collect();
    let mut remarks = Vec::new();
    if handshake.resumed {
        remarks.push("resumed".to_owned());
    }
    if handshake.renegotiation {
        remarks.push("renegotiated".to_owned());
    }
    if handshake.client_auth.certificate_sent == Some(true) {
        remarks.push("client certificate".to_owned());
    }
    if let Some(millis) = handshake.duration_ms {
        remarks.push(picture::duration(millis));
    }
    writeln!(
        out,
        "{GOOD}✓ #{}{GOOD:#}  {at}  {}   {} {DIM}{}{DIM:#}{}",
        handshake.id,
        who(handshake),
        safe(&parameters.join(" ")),
        remarks.join(" · "),
        finding::remarks(&handshake.findings)
    )?;
    if options.verbose {
        picture::write(handshake, options, out)?;
        writeln!(out)?;
    }
    Ok(())
}

/// `✓ 39 as client   TLSv1.3 TLS_AES_256_GCM_SHA384 · 12 resumed · api.example (30), b.example (9)`
fn group_line(
    report: &Report<'_>,
    (version, suite, role): &Key<'_>,
    group: &Group<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut parts = Vec::new();
    if group.resumed > 0 {
        parts.push(format!("{} resumed", group.resumed));
    }
    let mut peers: Vec<(&str, usize)> = group
        .peers
        .iter()
        .map(|(&name, &count)| (name, count))
        .collect();
    peers.sort_by(|(name, count), (other_name, other)| {
        other.cmp(count).then_with(|| name.cmp(other_name))
    });
    if !peers.is_empty() {
        let named: Vec<String> = peers
            .iter()
            .take(PEERS)
            .map(|(name, count)| format!("{} ({count})", safe(&report.redactor().host(name))))
            .collect();
        let more = peers.len().saturating_sub(PEERS);
        let more = if more > 0 {
            format!(" and {more} more peer{}", plural(more))
        } else {
            String::new()
        };
        parts.push(format!("{}{more}", named.join(", ")));
    }
    parts.extend(
        group
            .remarks
            .iter()
            .map(|(rule, count)| format!("{} ({count})", safe(rule))),
    );
    let parts = parts
        .iter()
        .fold(String::new(), |all, part| all + " · " + part);
    let role = role.map_or(String::new(), |role| format!(" as {}", safe(role)));
    writeln!(
        out,
        "{GOOD}✓ {}{role}{GOOD:#}   {} {}{DIM}{parts}{DIM:#}",
        group.count,
        safe(version.unwrap_or_default()),
        safe(suite.unwrap_or("suite not logged"))
    )
}
