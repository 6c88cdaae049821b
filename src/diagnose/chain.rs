//! Chain arithmetic: the path that a chain yields, and where it ends.

use std::sync::Arc;

use super::{
    Context, IssuerProof,
    context::{attribute, common_name},
};
use crate::{event::Certificate, handshake::Chain, span::Span};

/// The path from the leaf upwards, as far as the chain goes.
#[derive(Debug)]
pub struct TrustPath<'a> {
    chain: &'a Chain,
    /// Positions in the chain, leaf first.
    pub path: Vec<usize>,
    /// Positions that are not on the path.
    pub unrelated: Vec<usize>,
    /// Where the path ends.
    pub end: ChainEnd,
}

/// Where a path ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChainEnd {
    /// The leaf is its own issuer.
    SelfSignedLeaf,
    /// A self-issued certificate above the leaf: the root was sent along.
    Root,
    /// The last certificate's issuer was not sent.
    IssuerNotSent(Arc<str>),
}

/// Why a path cannot be built to an anchor of this JVM.
#[derive(Debug, Clone)]
pub enum PathFault<'a> {
    /// The issuer is an intermediate that the peer should have sent.
    IssuerMissing {
        /// What proves (or suggests) that it is an intermediate.
        proof: IntermediateProof<'a>,
    },
    /// The chain ends at (or below) a root that is not among the anchors.
    RootUnknown {
        /// The root was sent, or is known as self-issued: no doubt about it.
        proven: bool,
    },
    /// The leaf is self-signed.
    SelfSigned,
    /// An anchor of that name is listed, yet the path was refused: another key, or another trust store.
    AnchorDoesNotFit(&'a Arc<Certificate>, Span),
}

/// Reasons to take an issuer for an intermediate.
#[derive(Debug, Clone)]
pub enum IntermediateProof<'a> {
    /// Its certificate is in the log, issued by somebody else.
    SeenInLog(&'a Arc<Certificate>, Span),
    /// The certificate says where its issuer can be fetched (AIA caIssuers).
    FetchAddress(Arc<str>),
    /// An anchor has the same organisation.
    SameOrganisation(&'a Arc<Certificate>, Span),
    /// Its name has the words of an intermediate.
    NamedLikeOne,
    /// A leaf alone, and nothing else.
    LeafAlone,
}

impl<'a> TrustPath<'a> {
    /// Follows the issuers through the chain; `None` for an empty chain, and where a name that it needs is not logged.
    pub fn build(chain: &'a Chain) -> Option<Self> {
        let certificates = &chain.certificates;
        certificates.first()?;
        let mut path = vec![0];
        loop {
            let last = &certificates[*path.last()?].certificate;
            if last.is_self_issued() {
                break;
            }
            let issuer = (0..certificates.len()).find(|index| {
                !path.contains(index) && last.can_be_issued_by(&certificates[*index].certificate)
            });
            match issuer {
                Some(index) => path.push(index),
                None => break,
            }
        }
        let unrelated = (0..certificates.len())
            .filter(|index| !path.contains(index))
            .collect();
        let top = &certificates[*path.last()?].certificate;
        let leaf = &certificates.first()?.certificate;
        if leaf.subject.is_empty() || top.subject.is_empty() || top.issuer.is_empty() {
            return None;
        }
        let end = match (top.is_self_issued(), path.len()) {
            (true, 1) => ChainEnd::SelfSignedLeaf,
            (true, _) => ChainEnd::Root,
            (false, _) => ChainEnd::IssuerNotSent(Arc::clone(&top.issuer)),
        };
        Some(Self {
            chain,
            path,
            unrelated,
            end,
        })
    }

    /// The end-entity certificate.
    pub fn leaf(&self) -> &'a Arc<Certificate> {
        &self.chain.certificates[self.path[0]].certificate
    }

    /// The last certificate of the path.
    pub fn top(&self) -> &'a Arc<Certificate> {
        &self.chain.certificates[self.top_position()].certificate
    }

    /// Where the last certificate of the path stands in the log.
    pub fn top_span(&self) -> Span {
        self.chain.span_of(self.top_position())
    }

    /// Where the issuer of the last certificate is printed.
    pub fn issuer_span(&self) -> Span {
        self.top_span().down(self.top().issuer_line)
    }

    fn top_position(&self) -> usize {
        self.path.last().copied().unwrap_or_default()
    }

    /// The certificates are on the path, but not in the order of RFC 5246 §7.4.2.
    pub fn is_misordered(&self) -> bool {
        self.path.windows(2).any(|pair| pair[1] != pair[0] + 1)
    }

    /// Why this path does not lead to an anchor. To be asked only where the JVM said so.
    pub fn fault(&self, context: &Context<'a>) -> PathFault<'a> {
        let issuer = match &self.end {
            ChainEnd::SelfSignedLeaf => return PathFault::SelfSigned,
            ChainEnd::Root => return self.fault_of_root(context),
            ChainEnd::IssuerNotSent(issuer) => issuer,
        };
        if let Some((anchor, span)) = context.anchor_above(self.top()) {
            // the words may still be another trust manager's: one JVM can hold several
            return PathFault::AnchorDoesNotFit(anchor, span);
        }
        match context.issuer_proof(issuer) {
            // a certificate of that name with another key proves nothing about this issuer
            IssuerProof::Intermediate((certificate, _))
                if self.top().key_differs_from(certificate) =>
            {
                self.fault_by_shape(context, issuer)
            }
            IssuerProof::Intermediate((certificate, span)) => PathFault::IssuerMissing {
                proof: IntermediateProof::SeenInLog(certificate, span),
            },
            IssuerProof::Root(_) => PathFault::RootUnknown { proven: true },
            IssuerProof::Unseen => self.fault_by_shape(context, issuer),
        }
    }

    fn fault_of_root(&self, context: &Context<'a>) -> PathFault<'a> {
        match context.anchor_like(self.top()) {
            Some((anchor, span)) => PathFault::AnchorDoesNotFit(anchor, span),
            None => PathFault::RootUnknown { proven: true },
        }
    }

    /// Nothing in the log shows the issuer: the chain's shape and the names have to tell.
    fn fault_by_shape(&self, context: &Context<'a>, issuer: &str) -> PathFault<'a> {
        if named_like_a_root(issuer) {
            return PathFault::RootUnknown { proven: false };
        }
        let suggestion = if let Some(address) = &self.top().ca_issuers {
            Some(IntermediateProof::FetchAddress(Arc::clone(address)))
        } else if let Some((anchor, span)) = context.anchor_of_same_organisation(issuer) {
            Some(IntermediateProof::SameOrganisation(anchor, span))
        } else if named_like_an_intermediate(issuer) {
            Some(IntermediateProof::NamedLikeOne)
        } else if self.path.len() == 1 {
            Some(IntermediateProof::LeafAlone)
        } else {
            None
        };
        match suggestion {
            Some(proof) => PathFault::IssuerMissing { proof },
            None => PathFault::RootUnknown { proven: false },
        }
    }
}

/// Whether CN or OU call it a root.
pub(super) fn named_like_a_root(name: &str) -> bool {
    words(name).any(|word| word == "root")
}

fn named_like_an_intermediate(name: &str) -> bool {
    words(name).any(|word| {
        matches!(
            &*word,
            "intermediate" | "issuing" | "sub" | "subca" | "subordinate"
        )
    })
}

/// The words of CN and OU in lower case.
fn words(name: &str) -> impl Iterator<Item = String> {
    let text = format!(
        "{} {}",
        common_name(name),
        attribute(name, "OU").unwrap_or_default()
    );
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .map(str::to_lowercase)
        .collect();
    words.into_iter()
}
