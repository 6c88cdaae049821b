//! The vote: what do most lines of JSSE text have in front of them?

use std::{collections::HashMap, hash::Hash};

use super::{
    Kind, Layer,
    anchor::{self, Anchor},
    ansi, ci, compose,
    folded::Folded,
    glassfish, glued,
    grep::Grep,
    json,
    kubernetes::{Cri, KubectlPrefix, Stern},
    learn,
    lines::{Keys, Output, Wrapping},
    shape::stamp,
    spelled::Spelling,
    suffix::{self, Suffix},
    syslog::Syslog,
    tanuki, weblogic, websphere,
};

/// The outermost envelope of a sample.
pub(super) fn layer(sample: &[u8]) -> Option<Layer> {
    let ends_bare =
        || !ansi::is_likely(sample) && !suffix::is_likely(sample) && !Folded::is_likely(sample);
    if anchor::bare_at_once(sample) && ends_bare() && !Spelling::is_likely(sample) {
        return None;
    }
    let anchors = anchor::find(sample);
    let spelled = || {
        let spelling = Spelling::detect(sample)?;
        Some(plain(spelling.name(), Kind::Spelled(spelling)))
    };
    let glued = || glued::is_glued(sample).then(|| plain("glued", Kind::Glued));
    if anchors.is_empty() {
        return spelled().or_else(glued);
    }
    let coloured = count(&anchors, |anchor| ansi::coloured(anchor.line));
    if coloured * 3 >= anchors.len() {
        return Some(plain("ansi", Kind::Ansi));
    }
    if let Some((name, Kind::Json(json))) = json::candidate(&anchors) {
        let keys = json.keys(sample, &anchors);
        return Some(Layer {
            name,
            kind: Kind::Json(json),
            keys,
        });
    }
    json::Strings::candidate(&anchors)
        .map(|strings| plain("json", Kind::Strings(strings)))
        .or_else(spelled)
        .or_else(|| Suffix::learn(&anchors, sample).map(|it| plain("suffix", Kind::Suffix(it))))
        .or_else(|| Folded::detect(sample).map(|folded| plain("one-line", Kind::Folded(folded))))
        .or_else(glued)
        .or_else(|| per_message(&anchors, sample))
        .or_else(|| per_line(&anchors, sample))
}

/// An envelope that names no streams.
fn plain(name: &'static str, kind: Kind) -> Layer {
    Layer {
        name,
        kind,
        keys: Keys::default(),
    }
}

/// The share that makes a majority: a few lines may be torn, or from elsewhere.
pub(super) fn most(part: usize, of: usize) -> bool {
    part > 0 && part * 5 >= of * 3
}

fn count<'a>(anchors: &[Anchor<'a>], is: impl Fn(&Anchor<'a>) -> bool) -> usize {
    anchors.iter().filter(|anchor| is(anchor)).count()
}

/// The value that comes most often.
pub(super) fn most_common<T: Eq + Hash + Clone>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: HashMap<T, (usize, usize), foldhash::fast::RandomState> = HashMap::default();
    for (index, value) in values.enumerate() {
        counts.entry(value).or_insert((0, index)).0 += 1;
    }
    counts
        .into_iter()
        .max_by_key(|(_, (count, first))| (*count, std::cmp::Reverse(*first)))
        .map(|(value, _)| value)
}

/// Servers that put something in front of the first line of a message only.
fn per_message(anchors: &[Anchor<'_>], sample: &[u8]) -> Option<Layer> {
    let wrapped: Vec<_> = anchors
        .iter()
        .copied()
        .filter(|anchor| anchor.at > 0)
        .collect();
    let heads = count(anchors, |anchor| anchor.head);
    if heads > 0 && !most(count(&wrapped, |anchor| anchor.head), heads) && !odl(sample) {
        return None;
    }
    let fits = |wrapping: &dyn Fn(&[u8]) -> Option<usize>| {
        most(
            count(&wrapped, |anchor| {
                wrapping(anchor.line).is_some_and(|len| len <= anchor.at)
            }),
            wrapped.len(),
        )
    };
    let websphere = websphere::WebSphere::new(&wrapped);
    let (name, kind) = if fits(&|line| websphere.hit(line).map(|hit| hit.len)) {
        ("websphere", Kind::WebSphere(websphere))
    } else if fits(&|line| weblogic::WebLogic.hit(line).map(|hit| hit.len)) {
        ("weblogic", Kind::WebLogic(weblogic::WebLogic))
    } else if fits(&glassfish::message) || odl(sample) {
        ("glassfish", Kind::GlassFish)
    } else {
        return None;
    };
    Some(plain(name, kind))
}

/// The newer records of `GlassFish`, whose text stands on lines of its own: no line of JSSE text has anything in
/// front but two blanks.
fn odl(sample: &[u8]) -> bool {
    let mut lines = sample.split(|&byte| byte == b'\n');
    let mut records = 0;
    while let Some(line) = lines.next() {
        if glassfish::opens(line.strip_suffix(b"\r").unwrap_or(line)) {
            let text = lines.next().unwrap_or_default();
            records +=
                usize::from(text.starts_with(b"  javax.net.ssl|") || text.starts_with(b"  *** "));
        }
    }
    records > 0
}

/// A collector as it would have to be for these lines.
type Candidate = fn(&[Anchor<'_>]) -> Option<(&'static str, Kind)>;

/// Collectors that put something in front of every line.
fn per_line(anchors: &[Anchor<'_>], sample: &[u8]) -> Option<Layer> {
    for head in [true, false] {
        let all = count(anchors, |anchor| anchor.head == head);
        let wrapped = count(anchors, |anchor| anchor.head == head && anchor.at > 0);
        if all > 0 && !most(wrapped, all) {
            return None;
        }
    }
    let known: [Candidate; 10] = [
        |_| Some(("gitlab", Kind::GitLab(ci::GitLab))),
        |_| Some(("cri", Kind::Cri(Cri))),
        |_| Some(("kubectl-prefix", Kind::KubectlPrefix(KubectlPrefix))),
        |anchors| tanuki::candidate(anchors).map(|kind| ("tanuki", kind)),
        |_| Some(("compose", Kind::Compose(compose::Compose))),
        |anchors| Some((syslog_name(anchors), Kind::Syslog(Syslog::new(anchors)))),
        |_| Some(("jenkins", Kind::Jenkins(ci::Jenkins))),
        |_| Some(("github-actions", Kind::GitHubRun(ci::GitHubRun))),
        |anchors| Some((stamped_name(anchors), Kind::Stamped(ci::Stamped))),
        |_| Some(("stern", Kind::Stern(Stern))),
    ];
    for candidate in known {
        if let Some((name, kind)) = candidate(anchors)
            && let Some(keys) = kind.vote(anchors, sample)
        {
            return Some(Layer { name, kind, keys });
        }
    }
    if let Some(strings) = json::Strings::behind_tag(anchors) {
        return Some(plain("json", Kind::Strings(strings)));
    }
    if let Some(grep) = Grep::detect(anchors, sample) {
        return Some(plain("grep", Kind::Grep(grep)));
    }
    let (name, learned) = learn::learn(anchors)?;
    let kind = Kind::Learned(learned);
    let keys = kind.vote(anchors, sample)?;
    Some(Layer { name, kind, keys })
}

impl Kind {
    /// The names of the streams, if most lines of JSSE text are wrapped that way.
    fn vote(&self, anchors: &[Anchor<'_>], sample: &[u8]) -> Option<Keys> {
        match self {
            Self::Cri(kind) => vote(kind, anchors, sample),
            Self::KubectlPrefix(kind) => vote(kind, anchors, sample),
            Self::Stern(kind) => vote(kind, anchors, sample),
            Self::Compose(kind) => vote(kind, anchors, sample),
            Self::Tanuki(kind) => vote(kind, anchors, sample),
            Self::Syslog(kind) => vote(kind, anchors, sample),
            Self::GitLab(kind) => vote(kind, anchors, sample),
            Self::GitHubRun(kind) => vote(kind, anchors, sample),
            Self::Jenkins(kind) => vote(kind, anchors, sample),
            Self::Stamped(kind) => vote(kind, anchors, sample),
            Self::Learned(kind) => vote(kind, anchors, sample),
            Self::Ansi
            | Self::Json(_)
            | Self::Strings(_)
            | Self::Suffix(_)
            | Self::Folded(_)
            | Self::Glued
            | Self::Spelled(_)
            | Self::Grep(_)
            | Self::WebSphere(_)
            | Self::WebLogic(_)
            | Self::GlassFish => None,
        }
    }
}

fn vote<W: Wrapping>(wrapping: &W, anchors: &[Anchor<'_>], sample: &[u8]) -> Option<Keys> {
    let mut outputs = Vec::new();
    for anchor in anchors {
        if let Some(hit) = wrapping.hit(anchor.line)
            && (1..=anchor.at).contains(&hit.len)
        {
            outputs.push(hit.output);
        }
    }
    if !most(outputs.len(), anchors.len()) {
        return None;
    }
    let (mut only, mut several): (Option<&[u8]>, bool) = (None, false);
    for line in sample.split(|&byte| byte == b'\n') {
        if let Some(hit) = wrapping.hit(line) {
            let key = &line[hit.key];
            several |= *only.get_or_insert(key) != key;
        }
    }
    Some(Keys {
        main: only
            .filter(|key| !several && !key.is_empty())
            .map(Box::from),
        output: most_common(outputs.into_iter()).unwrap_or(Output::Unknown),
    })
}

/// `journalctl` prints what syslog writes to files; microseconds, zones without a colon, weekdays and times
/// since the start of the machine are its own.
fn syslog_name(anchors: &[Anchor<'_>]) -> &'static str {
    let journal = |line: &[u8]| {
        let time = stamp(line).map_or_else(|| &line[..line.len().min(24)], |end| &line[..end]);
        match time.first() {
            Some(b'<') => false,
            Some(b'[') => true,
            Some(b'0'..=b'9') => {
                matches!(time, [.., b'+' | b'-', _, _, _, _]) || !time.contains(&b'T')
            }
            _ => time.contains(&b'.') || time.get(4..).is_some_and(|date| date.contains(&b'-')),
        }
    };
    if most(count(anchors, |anchor| journal(anchor.line)), anchors.len()) {
        "journald"
    } else {
        "syslog"
    }
}

/// GitHub's runners write seven digits of a second, container runtimes nine or as many as it takes.
fn stamped_name(anchors: &[Anchor<'_>]) -> &'static str {
    let seven = |line: &[u8]| line.get(19) == Some(&b'.') && line.get(27) == Some(&b'Z');
    if most(count(anchors, |anchor| seven(anchor.line)), anchors.len()) {
        "github-actions"
    } else {
        "kubectl-timestamps"
    }
}
