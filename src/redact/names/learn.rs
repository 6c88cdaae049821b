//! What in an analysis, or in a saved report, is somebody's name.

use super::{Dictionary, Kinds, Named, Tokens};
use crate::{
    assemble::Assembly,
    event::{Certificate, Names},
};

impl Dictionary {
    /// Learns the names of a log.
    pub(in crate::redact) fn learn(&mut self, assembly: &Assembly, kinds: Kinds, tokens: &Tokens) {
        let before = self.seen.len();
        self.hosts_of(assembly);
        for handshake in &assembly.handshakes {
            for host in handshake
                .server_name()
                .into_iter()
                .chain(handshake.peer().and_then(|peer| peer.host.as_ref()))
            {
                self.host(host);
            }
            if let Some(thread) = &handshake.thread {
                self.thread(&thread.name, kinds, tokens);
                if let Some(stream) = &thread.stream {
                    self.stream(stream, kinds, tokens);
                }
            }
            let chains = [&handshake.server_chain, &handshake.client_chain];
            for leaf in chains
                .iter()
                .filter_map(|chain| chain.as_ref()?.certificates.first())
            {
                self.owner(&leaf.certificate.subject);
            }
            for presented in chains
                .into_iter()
                .flatten()
                .flat_map(|chain| chain.certificates.iter())
            {
                self.certificate(&presented.certificate, kinds, tokens);
            }
            if let Some(anchor) = handshake.peer_trusted() {
                self.certificate(&anchor.value, kinds, tokens);
            }
            let request = handshake.certificate_request.as_deref();
            if let Some(authorities) =
                request.and_then(|request| request.value.authorities.as_ref())
            {
                self.names(authorities, kinds, tokens);
            }
        }
        let jvm = &assembly.jvm;
        let stores = [&jvm.trust_store, &jvm.key_store];
        for path in stores.into_iter().flatten().chain(&jvm.unusable_stores) {
            self.path(&path.value, kinds, tokens);
        }
        for anchors in &jvm.anchor_sets {
            for presented in anchors.certificates.iter() {
                self.certificate(&presented.certificate, kinds, tokens);
            }
        }
        for key in &jvm.key_entries {
            self.alias(&key.alias, kinds, tokens);
            if let Some(leaf) = key.chain.iter().next() {
                self.owner(&leaf.certificate.subject);
            }
            for presented in key.chain.iter() {
                self.certificate(&presented.certificate, kinds, tokens);
            }
        }
        for key in &jvm.keys_ignored {
            self.alias(&key.value.0, kinds, tokens);
        }
        for seen in assembly.certificates.iter() {
            let certificate = &seen.certificate;
            self.name(&certificate.subject, kinds, tokens);
            self.name(&certificate.issuer, kinds, tokens);
            self.number(&certificate.serial, kinds, tokens);
            self.number(&certificate.sha256, kinds, tokens);
            for name in certificate.subject_alternative_names.iter().flatten() {
                self.alternative(name, kinds, tokens);
            }
        }
        self.finish(before);
    }

    /// The hosts of all certificates: what is one in an alternative name is one as a common name, too.
    fn hosts_of(&mut self, assembly: &Assembly) {
        let chains = assembly.handshakes.iter().flat_map(|handshake| {
            let chains = [&handshake.server_chain, &handshake.client_chain];
            chains.into_iter().flatten()
        });
        let presented = chains
            .flat_map(|chain| chain.certificates.iter())
            .filter_map(|presented| presented.certificate.subject_alternative_names.as_ref());
        for name in presented.flat_map(|names| names.iter()) {
            if let Some(host) = name.strip_prefix("DNS:") {
                self.host(host);
            }
        }
        let kept = assembly.certificates.iter();
        for name in
            kept.flat_map(|seen| seen.certificate.subject_alternative_names.iter().flatten())
        {
            if let Some(host) = name.strip_prefix("DNS:") {
                self.host(host);
            }
        }
    }

    /// Learns names that are told one by one.
    pub(in crate::redact) fn learn_names(
        &mut self,
        told: &[Named<'_>],
        kinds: Kinds,
        tokens: &Tokens,
    ) {
        let before = self.seen.len();
        for name in told {
            if let Named::Alternative(name) = name
                && let Some(host) = name.strip_prefix("DNS:")
            {
                self.host(host);
            }
        }
        for name in told {
            match name {
                Named::Host(name) => self.host(name),
                Named::Distinguished(name) => {
                    self.owner(name);
                    self.name(name, kinds, tokens);
                }
                Named::Alternative(name) => self.alternative(name, kinds, tokens),
                Named::Number(number) => self.number(number, kinds, tokens),
                Named::KeyIdentifier(id) => self.key(id, kinds, tokens),
                Named::Thread(name) => self.thread(name, kinds, tokens),
                Named::Stream(name) => self.stream(name, kinds, tokens),
            }
        }
        self.finish(before);
    }

    fn certificate(&mut self, certificate: &Certificate, kinds: Kinds, tokens: &Tokens) {
        self.name(&certificate.subject, kinds, tokens);
        self.name(&certificate.issuer, kinds, tokens);
        self.number(&certificate.serial, kinds, tokens);
        for id in [&certificate.subject_key_id, &certificate.authority_key_id]
            .into_iter()
            .flatten()
        {
            self.key(id, kinds, tokens);
        }
        for name in certificate
            .subject_alternative_names
            .iter()
            .flat_map(|names| names.iter())
        {
            self.alternative(name, kinds, tokens);
        }
    }

    fn alternative(&mut self, name: &str, kinds: Kinds, tokens: &Tokens) {
        match name.split_once(':') {
            Some(("DNS", host)) => self.host(host),
            Some(("directory", name)) => self.name(name, kinds, tokens),
            _ => {} // addresses, e-mail and URIs are known by their looks
        }
    }

    fn names(&mut self, names: &Names, kinds: Kinds, tokens: &Tokens) {
        for name in names.iter() {
            self.name(name, kinds, tokens);
        }
    }
}
