//! J101: a defect that a JDK release is known for.

use crate::{
    diagnose::{Confidence, Context, Finding, catalogue::rule, rules::own_party},
    handshake::{Handshake, Noted},
    span::Span,
    tls::AlertDescription,
};

rule! {
    /// ## When it fires
    /// The log names the exact release of the JDK (in the path of its trust store), and the handshake broke in
    /// the way that a defect of this release is known for.
    ///
    /// ## Why handshakes break here
    /// TLS 1.3 was new in JDK 11: 11.0.0 to 11.0.2 fail with `internal_error` when sessions are resumed by several
    /// threads (JDK-8213202).
    ///
    /// ## Evidence
    /// The release, the session offered, the alert. *Likely* at most: other causes give the same alert.
    ///
    /// ## Remedies
    /// Upgrade the JDK; as a makeshift switch off what triggers the defect.
    ///
    /// ## Not to be confused with
    /// `refused-without-reason`: the same alert without a release that is known for it. `resumption-rejected`.
    ///
    /// ## References
    /// JDK-8213202 (fixed in 11.0.3); elastic/elasticsearch#41808; palantir/dialogue#1629.
    KnownJdkDefect: "J101", "known-jdk-defect", since "0.1.0",
    "this JDK release has a known defect that looks like this",
    check, of BrokenUp
}

/// A release and the defect it is known for.
struct Defect {
    /// Whether a release (feature, interim, update) has it.
    affects: fn((u32, u32, u32)) -> bool,
    /// Whether the handshake shows it.
    shows: fn(&Handshake) -> bool,
    id: &'static str,
    what: &'static str,
    upgrade: &'static str,
    makeshift: &'static str,
}

const DEFECTS: [Defect; 1] = [Defect {
    affects: |(feature, interim, update)| feature == 11 && interim == 0 && update <= 2,
    shows: resumes_and_fails_internally,
    id: "JDK-8213202",
    what: "in TLS 1.3, sessions resumed by several threads fail with internal_error",
    upgrade: "upgrade to 11.0.3 or later",
    makeshift: "-Djdk.tls.client.protocols=TLSv1.2",
}];

fn resumes_and_fails_internally(handshake: &Handshake) -> bool {
    let offers_session = handshake
        .client_hello
        .as_deref()
        .is_some_and(|hello| hello.value.extensions.pre_shared_key);
    let alert = handshake
        .break_up
        .as_deref()
        .and_then(|break_up| break_up.alert.as_ref());
    offers_session
        && alert.is_some_and(|alert| alert.description == AlertDescription::InternalError)
}

/// `…/jdk-11.0.2/lib/security/cacerts` → (11, 0, 2), and where it stands.
fn release(context: &Context<'_>) -> Option<((u32, u32, u32), Span)> {
    let Noted { value: path, span } = context.jvm.trust_store.as_ref()?;
    let folder = path.split(['/', '\\']).find_map(|folder| {
        folder
            .strip_prefix("jdk-")
            .or_else(|| folder.strip_prefix("java-"))
    })?;
    let digits: String = folder
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == '.')
        .collect();
    let numbers: Vec<u32> = digits
        .split('.')
        .map_while(|number| number.parse().ok())
        .collect();
    match numbers[..] {
        [feature, interim, update, ..] => Some(((feature, interim, update), *span)),
        _ => None,
    }
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    // that it shows is rare, and found out at a glance; which release it is takes a look at a path
    let mut shown = DEFECTS
        .iter()
        .filter(|defect| (defect.shows)(handshake))
        .peekable();
    shown.peek()?;
    let (numbers, span) = release(context)?;
    let defect = shown.find(|defect| (defect.affects)(numbers))?;
    let (feature, interim, update) = numbers;
    let own = own_party(handshake);
    Some(
        Finding::error(&KnownJdkDefect, Confidence::Likely, format!("JDK {feature}.{interim}.{update} has a defect that looks like this: {}", defect.id))
            .explain(format!("The log names JDK {feature}.{interim}.{update}. It is known for this: {} ({}). The handshake offers a session and broke with that alert.", defect.what, defect.id))
            .fault_of(own)
            .evidence_of_break_up(handshake.break_up.as_deref())
            .evidence(span, format!("the trust store's path names JDK {feature}.{interim}.{update}"))
            .remedy(own, defect.upgrade, None)
            .remedy(own, "until then avoid what triggers it, in this one process (temporary, and a risk: no peer gets TLS 1.3)", Some(defect.makeshift.to_owned()))
            .confirm("tells the exact release", Some("java -version".to_owned()))
            .references(&["JDK-8213202", "elastic/elasticsearch#41808"]),
    )
}
