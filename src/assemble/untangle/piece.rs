//! Messages that another thread's print tore apart, put together again.

use std::sync::Arc;

use crate::{
    event::{Body, Certificate, Extensions, Message, PresentedCertificate},
    tls::MessageKind,
};

/// Whether a piece can be of this message.
pub(super) fn fits(message: &Message, piece: &Body) -> bool {
    match piece {
        Body::ClientHello(_) => matches!(
            message.kind,
            MessageKind::ClientHello | MessageKind::ServerHello
        ),
        Body::Certificates(_) => message.kind == MessageKind::Certificate,
        _ => false,
    }
}

/// Whether suites are in it that this JDK does not know, so that it came from the peer.
pub(super) fn is_foreign(piece: &Body) -> bool {
    let Body::ClientHello(hello) = piece else {
        return false;
    };
    let mut suites = hello.cipher_suites.iter();
    suites.any(|suite| suite.name().starts_with("Unknown 0x"))
}

/// Adds a piece to its message; `below` is the number of lines between the two.
pub(super) fn join(message: &mut Message, piece: Body, below: u32) {
    match (&mut message.body, piece) {
        (Body::ClientHello(hello), Body::ClientHello(piece)) => {
            let piece = *piece;
            hello.random = hello.random.or(piece.random);
            if hello.session_id.is_empty() {
                hello.session_id = piece.session_id;
            }
            if hello.cipher_suites.is_empty() {
                hello.cipher_suites = piece.cipher_suites;
            }
            extend(Arc::make_mut(&mut hello.extensions), &piece.extensions);
        }
        (Body::ServerHello(hello), Body::ClientHello(piece)) => {
            let piece = *piece;
            hello.random = hello.random.or(piece.random);
            if hello.session_id.is_empty() {
                hello.session_id = piece.session_id;
            }
            if hello.cipher_suite.is_none() {
                hello.cipher_suite = piece.cipher_suites.first().cloned();
            }
            extend(Arc::make_mut(&mut hello.extensions), &piece.extensions);
        }
        (Body::Certificates(chain), Body::Certificates(piece)) => {
            let joined = join_chains(chain, &piece, below);
            *chain = joined;
        }
        (body @ (Body::Unread | Body::None), Body::Certificates(piece)) => {
            *body = Body::Certificates(join_chains(&[], &piece, below));
        }
        (body @ (Body::Unread | Body::None), piece) => *body = piece,
        _ => {}
    }
}

fn extend(all: &mut Extensions, more: &Extensions) {
    fn fill<T: Clone>(field: &mut Option<T>, more: Option<&T>) {
        if field.is_none() {
            *field = more.cloned();
        }
    }
    all.present.extend_from_slice(&more.present);
    fill(&mut all.server_name, more.server_name.as_ref());
    fill(&mut all.supported_groups, more.supported_groups.as_ref());
    fill(&mut all.signature_schemes, more.signature_schemes.as_ref());
    fill(
        &mut all.application_protocols,
        more.application_protocols.as_ref(),
    );
    fill(&mut all.versions, more.versions.as_ref());
    all.renegotiates |= more.renegotiates;
    all.extended_master_secret |= more.extended_master_secret;
}

/// Both parts of a list; the second may begin inside a certificate.
fn join_chains(
    chain: &[PresentedCertificate],
    piece: &[PresentedCertificate],
    below: u32,
) -> Arc<[PresentedCertificate]> {
    let mut all = chain.to_vec();
    let mut piece = piece.iter();
    if let Some(last) = all.last_mut()
        && let Some(first) = piece.as_slice().first()
        && first.certificate.subject.is_empty()
    {
        piece.next();
        last.certificate = Arc::new(join_certificates(&last.certificate, &first.certificate));
    }
    all.extend(piece.map(|presented| PresentedCertificate {
        certificate: Arc::clone(&presented.certificate),
        line_in_entry: presented.line_in_entry.saturating_add(below),
        torn: presented.torn,
    }));
    all.into()
}

/// Each field from the part that has it.
fn join_certificates(head: &Certificate, tail: &Certificate) -> Certificate {
    let text =
        |head: &Arc<str>, tail: &Arc<str>| Arc::clone(if head.is_empty() { tail } else { head });
    let mut key_usage = head.key_usage.clone();
    key_usage.extend(tail.key_usage.iter().cloned());
    Certificate {
        subject: text(&head.subject, &tail.subject),
        issuer: text(&head.issuer, &tail.issuer),
        serial: text(&head.serial, &tail.serial),
        not_before: head.not_before.clone().or_else(|| tail.not_before.clone()),
        not_after: head.not_after.clone().or_else(|| tail.not_after.clone()),
        signature_algorithm: text(&head.signature_algorithm, &tail.signature_algorithm),
        public_key: text(&head.public_key, &tail.public_key),
        subject_alternative_names: head
            .subject_alternative_names
            .clone()
            .or_else(|| tail.subject_alternative_names.clone()),
        ca: head.ca.or(tail.ca),
        names_status_source: match (head.names_status_source, tail.names_status_source) {
            (Some(head), Some(tail)) => Some(head || tail),
            (head, tail) => head.filter(|named| *named).or(tail.filter(|named| *named)),
        },
        path_length: head.path_length.or(tail.path_length),
        key_usage,
        extended_key_usage: head
            .extended_key_usage
            .clone()
            .or_else(|| tail.extended_key_usage.clone()),
        subject_key_id: head
            .subject_key_id
            .clone()
            .or_else(|| tail.subject_key_id.clone()),
        authority_key_id: head
            .authority_key_id
            .clone()
            .or_else(|| tail.authority_key_id.clone()),
        ca_issuers: head.ca_issuers.clone().or_else(|| tail.ca_issuers.clone()),
        issuer_line: head.issuer_line,
    }
}
