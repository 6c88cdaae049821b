//! H105: an error behind an established handshake.

use super::closed_without_close_notify;
use crate::{
    diagnose::{Confidence, Context, Finding, Severity, catalogue::rule},
    handshake::{Handshake, Outcome, Party},
};

rule! {
    /// ## When it fires
    /// A handshake was established, and an error stands behind it in the log: a broken pipe, a reset, a socket that was
    /// closed, a fatal alert in the data phase.
    ///
    /// ## Why handshakes break here
    /// They do not, which is why it is said: both `Finished` are there. Applications, pools and balancers close
    /// connections while the other side still writes, and JSSE prints `Fatal (…)` for it just as for a failed
    /// handshake. Whoever searches the log for `Fatal` finds these lines first.
    ///
    /// ## Evidence
    /// Both `Finished` (or what stands for them), and the error behind them. *Certain* that it is not the handshake's;
    /// who closed, and why, this log does not tell.
    ///
    /// ## Remedies
    /// Look at what the application does with the connection: idle time-outs of pools shorter than the server's,
    /// requests that are given up.
    ///
    /// ## Not to be confused with
    /// `client-certificate-rejected`, `client-certificate-missing`: a TLS 1.3 server's refusal of the client comes behind
    /// the client's `Finished`, too, and is a failure of the handshake. `closed-without-close-notify`. An ordinary close
    /// (`user_canceled`, then `close_notify`) is not worth a word.
    ///
    /// ## References
    /// RFC 8446 §6.1; `sun.security.ssl.SSLSocketImpl`, `TransportContext.fatal`.
    ClosedByApplication: "H105", "closed-by-application", since "0.1.0",
    "an error behind an established handshake, which is not the handshake's",
    check, of Established
}

fn check(handshake: &Handshake, _context: &Context<'_>) -> Option<Finding> {
    let words = handshake
        .aftermath()
        .filter(|_| handshake.outcome == Outcome::Established)
        .filter(|words| !closed_without_close_notify::is_said(&words.value))?;
    Some(
        Finding::new(&ClosedByApplication, Severity::Info, Confidence::Certain, "an error stands behind the handshake, which was done by then")
            .explain(format!("The handshake was done when this came: {}. It belongs to the data phase: an application, a pool or a balancer let go of the connection, or the network did.", words.value))
            .fault_of(Party::Unknown)
            .evidence(words.span, words.value.to_string())
            .remedy(Party::Either, "if it troubles anybody, look at the application: which side closes first, and after how long (idle time-outs of pools and balancers)", None)
            .confirm("the other end's log of this moment shows who closed", None)
            .references(&["RFC 8446 §6.1"]),
    )
}
