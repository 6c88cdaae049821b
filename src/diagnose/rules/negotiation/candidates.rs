//! What a peer may have refused, read off the offer, with the test that decides.

use super::{offered_groups, offered_schemes, offered_suites};
use crate::{
    diagnose::{Context, rules::listed},
    handshake::{Handshake, Role},
    tls::{CipherSuite, KeyExchange, ProtocolVersion},
};

/// Something that this side offered (or did not) that a peer may refuse.
pub(super) struct Candidate {
    /// A clause: *only TLSv1.3 is offered*.
    pub(super) why: String,
    /// What the command shows.
    pub(super) test: &'static str,
    /// Options of `openssl s_client`; `None` for a listing of suites.
    options: Option<String>,
}

impl Candidate {
    fn new(why: impl Into<String>, test: &'static str, options: &str) -> Self {
        Self {
            why: why.into(),
            test,
            options: Some(options.to_owned()),
        }
    }

    fn suites(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            test: "lists the suites that the server accepts",
            options: None,
        }
    }

    /// The command of the test.
    pub(super) fn command(&self, handshake: &Handshake, context: &Context<'_>) -> String {
        match &self.options {
            Some(options) => context.openssl(handshake, options),
            None => format!(
                "nmap --script ssl-enum-ciphers -p {} {}",
                context.port_for_command(handshake),
                context.host_for_command(handshake)
            ),
        }
    }
}

/// Ranked: what is odd about the offer first, what fits always last. None on a server.
pub(super) fn candidates(handshake: &Handshake) -> Vec<Candidate> {
    let mut found = Vec::new();
    if handshake.role != Some(Role::Server) {
        found.extend(versions(handshake));
        found.extend(suites(handshake));
        found.extend(groups_and_schemes(handshake));
        found.extend(server_name(handshake));
        found.extend(always(handshake));
    }
    found
}

fn versions(handshake: &Handshake) -> Option<Candidate> {
    let versions = handshake.offered_versions();
    if handshake.server_hello.is_some() || versions.is_empty() {
        return None;
    }
    let test = "must succeed if the version is the cause";
    if versions.iter().all(ProtocolVersion::is_obsolete) {
        let offer = listed(&versions);
        let why = format!(
            "only {offer} is offered, which current servers refuse (old ones say handshake_failure)"
        );
        return Some(Candidate::new(why, test, "-tls1_2"));
    }
    let only_13 = versions.iter().all(ProtocolVersion::is_13);
    only_13.then(|| Candidate::new("only TLS 1.3 is offered", test, "-tls1_2"))
}

fn suites(handshake: &Handshake) -> Vec<Candidate> {
    let suites: Vec<&CipherSuite> = offered_suites(handshake).collect();
    let mut found = Vec::new();
    let hello = handshake.client_hello.as_deref();
    let cut = hello.is_some_and(|hello| hello.value.suites_cut);
    if handshake.server_hello.is_some() || suites.is_empty() || cut {
        return found;
    }
    // TLS 1.3 has three suites in common use
    let few = if suites.iter().all(|suite| suite.is_tls13()) {
        2
    } else {
        4
    };
    if suites.len() <= few {
        found.push(Candidate::suites(format!(
            "few cipher suites are offered ({})",
            listed(&suites)
        )));
    }
    let needs_group = |suite: &&CipherSuite| {
        matches!(
            suite.key_exchange(),
            KeyExchange::Ecdhe | KeyExchange::Tls13
        )
    };
    if !suites.iter().any(needs_group) {
        let test = "must succeed if that is the cause";
        found.push(Candidate::new(
            "no ECDHE suite is offered",
            test,
            "-tls1_2 -cipher ECDHE",
        ));
    }
    found
}

/// So short a list is odd.
const FEW: std::ops::RangeInclusive<usize> = 1..=2;

/// A short list of named groups.
pub(super) fn few_groups(handshake: &Handshake) -> Option<Candidate> {
    let groups = offered_groups(handshake);
    FEW.contains(&groups.len()).then(|| {
        Candidate::new(
            format!("few named groups are offered ({})", listed(groups)),
            "must succeed if the groups are the cause",
            "-groups X25519:P-256:P-384:P-521",
        )
    })
}

fn groups_and_schemes(handshake: &Handshake) -> Vec<Candidate> {
    let schemes = offered_schemes(handshake);
    let mut found: Vec<Candidate> = few_groups(handshake).into_iter().collect();
    if FEW.contains(&schemes.len()) {
        let why = format!("few signature schemes are offered ({})", listed(schemes));
        found.push(Candidate::new(
            why,
            "must succeed if the signature schemes are the cause",
            "",
        ));
    }
    found
}

/// No server name, in a ClientHello that is all there.
pub(super) fn server_name(handshake: &Handshake) -> Option<Candidate> {
    handshake.sends_no_server_name().then(|| {
        let why = "no server name (SNI) is sent, which servers with many names require";
        Candidate::new(
            why,
            "must succeed with the right name if that is the cause",
            "-servername NAME",
        )
    })
}

fn always(handshake: &Handshake) -> Vec<Candidate> {
    if handshake.server_hello.is_some() {
        let option = handshake
            .version
            .as_ref()
            .and_then(ProtocolVersion::openssl_option)
            .unwrap_or_default();
        let why = "version and suite were agreed on already, so it is the key exchange, the signature scheme or the server's own key";
        return vec![Candidate::new(
            why,
            "shows whether the same version works with another client",
            option,
        )];
    }
    let why = "the server has no usable key, or none for this name";
    vec![
        Candidate::suites("no suite, group or signature scheme in common"),
        Candidate::new(why, "fails in the same way if the server is the cause", ""),
    ]
}
