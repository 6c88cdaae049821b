//! Envelopes: what a collector put round each physical line of a log.
//!
//! A wrapper, a container runtime or a logger writes the JVM's text line by line with something in
//! front (or in JSON), tells several streams apart, cuts long lines in two. [`Envelope::detect`]
//! votes over the lines of a sample that hold JSSE text, since only what stands in front of *those*
//! is of interest; [`Envelope::unwrap_block`] gives the bare text back, a stream at a time, with a
//! table that says which physical line each piece came from.
//!
//! A line that does not carry the envelope is passed through as it is. Nothing here knows what the
//! text means: `anchor` knows how JSSE lines begin, and no more.

mod anchor;
mod ansi;
mod ci;
mod compose;
mod detect;
mod folded;
mod glassfish;
mod glued;
mod grep;
mod json;
mod kubernetes;
mod learn;
mod lines;
mod nest;
mod shape;
mod spelled;
mod suffix;
mod syslog;
mod tanuki;
mod unwrapped;
mod weblogic;
mod websphere;

use std::{borrow::Cow, sync::Arc};

pub use self::unwrapped::{LineStart, StreamText, Unwrapped};
use self::{
    folded::Folded,
    grep::Grep,
    json::{Json, Strings},
    learn::Learned,
    lines::Keys,
    spelled::Spelling,
    suffix::Suffix,
    syslog::Syslog,
    tanuki::Tanuki,
};

/// Envelopes inside each other that are looked for: a coloured Docker log of a wrapper.
const DEEPEST: usize = 4;

/// The collector's way of wrapping lines, chosen by a vote over a sample, with per-line fallback.
///
/// Cheap to clone; one value serves all threads.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// The outermost first; never empty.
    layers: Arc<[Layer]>,
}

/// One collector.
#[derive(Debug)]
struct Layer {
    name: &'static str,
    kind: Kind,
    keys: Keys,
}

/// How a collector wraps.
#[derive(Debug)]
enum Kind {
    Ansi,
    Json(Json),
    Strings(Strings),
    Suffix(Suffix),
    Folded(Folded),
    Spelled(Spelling),
    Cri(kubernetes::Cri),
    KubectlPrefix(kubernetes::KubectlPrefix),
    Stern(kubernetes::Stern),
    Compose(compose::Compose),
    Tanuki(Tanuki),
    Syslog(Syslog),
    GitLab(ci::GitLab),
    GitHubRun(ci::GitHubRun),
    Jenkins(ci::Jenkins),
    Stamped(ci::Stamped),
    WebSphere(websphere::WebSphere),
    WebLogic(weblogic::WebLogic),
    GlassFish,
    Glued,
    Grep(Grep),
    Learned(Learned),
}

impl Envelope {
    /// Looks at a sample of whole lines (a last line that is cut is left out). `None`: lines are bare,
    /// or the sample has no JSSE text to judge by.
    pub fn detect(sample: &[u8]) -> Option<Self> {
        let whole = memchr::memrchr(b'\n', sample).map_or(sample.len(), |feed| feed + 1);
        let mut text = Cow::Borrowed(&sample[..whole]);
        let mut layers = Vec::new();
        while layers.len() < DEEPEST
            && let Some(layer) = detect::layer(&text)
        {
            let mut out = Unwrapped::default();
            layer.unwrap(&text, &mut out);
            text = Cow::Owned(out.streams.into_iter().flat_map(|s| s.text).collect());
            layers.push(layer);
        }
        (!layers.is_empty()).then(|| Self {
            layers: layers.into(),
        })
    }

    /// Its name in reports, for example `tanuki`; of several, the outermost first: `cri+tanuki`.
    pub fn name(&self) -> Cow<'static, str> {
        match &*self.layers {
            [only] => Cow::Borrowed(only.name),
            several => Cow::Owned(
                several
                    .iter()
                    .map(|layer| layer.name)
                    .collect::<Vec<_>>()
                    .join("+"),
            ),
        }
    }

    /// Takes the envelope off a block of whole physical lines; the last line of the input may lack
    /// its line feed. What was in `out` is replaced.
    ///
    /// Stateless: blocks can be unwrapped in any order on any thread, and the texts of one stream over
    /// consecutive blocks, one behind the other, are the stream. A line that a collector cut in two
    /// ends without a line feed, so that what follows joins it.
    pub fn unwrap_block(&self, block: &[u8], out: &mut Unwrapped) {
        out.clear();
        if let Some((first, inner)) = self.layers.split_first() {
            first.unwrap(block, out);
            for layer in inner {
                nest::unwrap_again(out, |text, into| layer.unwrap(text, into));
            }
        }
    }
}

impl Layer {
    fn unwrap(&self, block: &[u8], out: &mut Unwrapped) {
        let keys = &self.keys;
        match &self.kind {
            Kind::Ansi => ansi::unwrap(block, out),
            Kind::Json(json) => json.unwrap(keys, block, out),
            Kind::Strings(strings) => strings.unwrap(block, out),
            Kind::Suffix(suffix) => suffix.unwrap(block, out),
            Kind::Folded(folded) => folded.unwrap(block, out),
            Kind::Spelled(spelling) => spelling.unwrap(block, out),
            Kind::GlassFish => glassfish::unwrap(block, out),
            Kind::Glued => glued::unwrap(block, out),
            Kind::Cri(kind) => lines::unwrap(kind, keys, block, out),
            Kind::KubectlPrefix(kind) => lines::unwrap(kind, keys, block, out),
            Kind::Stern(kind) => lines::unwrap(kind, keys, block, out),
            Kind::Compose(kind) => lines::unwrap(kind, keys, block, out),
            Kind::Tanuki(kind) => lines::unwrap(kind, keys, block, out),
            Kind::Syslog(kind) => lines::unwrap(kind, keys, block, out),
            Kind::GitLab(kind) => lines::unwrap(kind, keys, block, out),
            Kind::GitHubRun(kind) => lines::unwrap(kind, keys, block, out),
            Kind::Jenkins(kind) => lines::unwrap(kind, keys, block, out),
            Kind::Stamped(kind) => lines::unwrap(kind, keys, block, out),
            Kind::WebSphere(kind) => lines::unwrap(kind, keys, block, out),
            Kind::WebLogic(kind) => lines::unwrap(kind, keys, block, out),
            Kind::Grep(kind) => lines::unwrap(kind, keys, block, out),
            Kind::Learned(kind) => lines::unwrap(kind, keys, block, out),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
