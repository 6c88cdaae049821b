//! Family L: the log itself: what it lacks, and what it should not hold.

pub(in crate::diagnose) mod debug_option_too_narrow;
pub(in crate::diagnose) mod entry_bodies_lost;
pub(in crate::diagnose) mod log_begins_mid_handshake;
pub(in crate::diagnose) mod log_ends_mid_handshake;
pub(in crate::diagnose) mod log_newest_first;
pub(in crate::diagnose) mod no_handshake_in_log;
pub(in crate::diagnose) mod secrets_in_log;
pub(in crate::diagnose) mod undetermined;

use crate::{
    diagnose::Context,
    diagnose::rules::Refusal,
    event::Survey,
    handshake::{BreakUp, Handshake, How, What},
    tls::AlertDescription,
};

/// The option that prints what a diagnosis needs, on every update level.
///
/// Plain `ssl` prints nothing but alerts on 8u and on older updates of 11 to 21; from JDK 27 on the
/// categories filter again, so the managers have to be named.
const OPTION: &str = "-Djavax.net.debug=ssl:handshake:verbose:trustmanager:keymanager";

/// Up to 25 this is enough, and prints less.
const SHORT_OPTION: &str = "-Djavax.net.debug=ssl:handshake";

/// What the log cannot show, in words; `None` when it has handshake messages with their bodies, or
/// when nothing shows that there were any to print (a probe of the port leaves no more than its end).
pub(super) fn gap(context: &Context<'_>) -> Option<&'static str> {
    *context
        .gap
        .get_or_init(|| find_gap(context.survey, context.handshakes))
}

fn find_gap(survey: &Survey, handshakes: &[Box<Handshake>]) -> Option<&'static str> {
    if entry_bodies_lost::are_lost(survey) || survey.is_bc_alone() {
        None // not the option's fault
    } else if survey.messages == 0 {
        let exchanged = || {
            let mut handshakes = handshakes.iter();
            handshakes.any(|handshake| messages_were_exchanged(handshake))
        };
        // what prints records of the classic dialect prints messages, too, unless they cannot be read
        let hidden = survey.hides_messages() && survey.classic == 0;
        (hidden || exchanged()).then_some("handshake messages")
    } else if survey.bodies == 0 {
        Some("the bodies of handshake messages")
    } else {
        None
    }
}

/// Keys, an alert of the peer, or a judgement about it: things that come only behind messages.
fn messages_were_exchanged(handshake: &Handshake) -> bool {
    let keys = || {
        handshake
            .steps
            .iter()
            .any(|step| matches!(step.what, What::KeysInstalled | What::PeerTrusted(_)))
    };
    let spoken = || {
        handshake.break_up.as_deref().is_some_and(|break_up| {
            let judged = matches!(
                break_up.how,
                How::AlertReceived | How::AlertSent | How::LocalException
            );
            judged && !is_unexpected_message(handshake) && !says_that_nobody_spoke(handshake)
        })
    };
    keys() || (spoken() && !is_of_openssl(handshake))
}

/// An engine that the debug option does not reach.
fn is_of_openssl(handshake: &Handshake) -> bool {
    let thrown = handshake.exception();
    thrown.is_some_and(|thrown| thrown.value.is_of_openssl())
}

/// `unexpected_message` also answers bytes that are no TLS at all.
fn is_unexpected_message(handshake: &Handshake) -> bool {
    let sent = handshake.fatal.as_deref().map(|fatal| &fatal.value.alert);
    let received = handshake
        .break_up
        .as_deref()
        .and_then(BreakUp::received_alert);
    sent.or(received) == Some(&AlertDescription::UnexpectedMessage)
}

/// Failures before the first message: local policy, and bytes that are no TLS.
fn says_that_nobody_spoke(handshake: &Handshake) -> bool {
    const BEFORE: [&str; 4] = [
        "No appropriate",
        "No active",
        "unrecognized SSL message",
        "plaintext connection?",
    ];
    // a client that failed inside `startHandshake` before its first flight had written nothing
    let wrapped = handshake
        .fatal
        .as_deref()
        .is_some_and(|fatal| fatal.value.is_wrapper())
        && handshake
            .break_up
            .as_deref()
            .is_some_and(|break_up| break_up.how == How::LocalException);
    wrapped || Refusal::of(handshake).is_some_and(|refusal| refusal.sentence(&BEFORE).is_some())
}
