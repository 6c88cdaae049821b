//! Validity against the log's own clock.

use crate::{
    diagnose::{
        Context,
        rules::trust::{Objection, Refusal},
    },
    event::Certificate,
    handshake::{Chain, Handshake},
    span::Span,
    time::LogTime,
    tls::AlertDescription,
};

/// On which side of its time a certificate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::diagnose) enum Validity {
    /// Its time is over.
    Over,
    /// Its time has not come.
    ToCome,
}

/// A refusal for a certificate's dates: which side, and which certificate.
pub(in crate::diagnose) struct OutOfDate<'a> {
    /// Over, or to come.
    pub(in crate::diagnose) validity: Validity,
    /// The log's clock where the handshake broke up.
    pub(in crate::diagnose) now: Option<LogTime>,
    /// The certificate meant, its position in the chain, and where it is printed.
    pub(in crate::diagnose) culprit: Option<(usize, &'a Certificate, Span)>,
    /// Only that the time is wrong is said: it may as well be the other end of it.
    pub(in crate::diagnose) undecided: bool,
    /// The exception names this very date: no doubt which certificate is meant.
    pub(in crate::diagnose) named: bool,
    /// The log shows the chain that the peer sent.
    pub(in crate::diagnose) chain_logged: bool,
    /// The limit as the exception prints it: `NotAfter: Thu Oct 22 02:55:44 UTC 2026`.
    printed: Option<&'a str>,
}

/// The time at which the handshake broke up.
pub(in crate::diagnose) fn clock(handshake: &Handshake) -> Option<LogTime> {
    let at = handshake.break_up.as_deref().map(|break_up| break_up.span);
    handshake
        .steps
        .iter()
        .rev()
        .find(|step| Some(step.span) == at)
        .and_then(|step| handshake.time_of(step))
        .or_else(|| handshake.ended_at())
}

/// Whether a certificate is out of date at `now`.
pub(in crate::diagnose) fn state(certificate: &Certificate, now: &LogTime) -> Option<Validity> {
    let after = |limit: &Option<LogTime>| limit.as_ref().map(|limit| millis_between(limit, now));
    if after(&certificate.not_after).is_some_and(|millis| millis > 0) {
        Some(Validity::Over)
    } else if after(&certificate.not_before).is_some_and(|millis| millis < 0) {
        Some(Validity::ToCome)
    } else {
        None
    }
}

/// Wall clocks of one JVM compare as printed; where both zones state their offset, exactly.
pub(in crate::diagnose) fn millis_between(from: &LogTime, to: &LogTime) -> i64 {
    match (from.unix_millis(), to.unix_millis()) {
        (Some(from), Some(to)) => to - from,
        _ => to.since(from),
    }
}

impl<'a> OutOfDate<'a> {
    /// What the refusal of the peer's chain says about dates; `None` when it is about something else.
    pub(in crate::diagnose) fn of(
        refusal: &Refusal<'a>,
        handshake: &'a Handshake,
        context: &Context<'_>,
    ) -> Option<Self> {
        let chain = handshake.peer_chain();
        let objection = context.objection(handshake).filter(|objection| {
            matches!(
                objection,
                Objection::Expired | Objection::NotYetValid | Objection::Validity
            )
        })?;
        let now = clock(handshake);
        let told = match objection {
            Objection::Expired => Some(Validity::Over),
            Objection::NotYetValid => Some(Validity::ToCome),
            Objection::Validity => by_alert(refusal)
                .or_else(|| out_of_date(chain?, now.as_ref()?, None).map(|(_, validity)| validity)),
            _ => return None,
        };
        // certificates run out far more often than clocks run behind
        let validity = told.unwrap_or(Validity::Over);
        let printed = refusal.text_with(match validity {
            Validity::Over => "NotAfter:",
            Validity::ToCome => "NotBefore:",
        });
        let by_date = || printed.and_then(|printed| named_by_date(chain?, printed, validity));
        let named = by_date();
        let position = named.or_else(|| {
            out_of_date(chain?, now.as_ref()?, Some(validity)).map(|(position, _)| position)
        });
        let culprit = position.and_then(|position| {
            let chain = chain?;
            Some((
                position,
                &*chain.certificates.get(position)?.certificate,
                chain.span_of(position),
            ))
        });
        Some(Self {
            validity,
            now,
            culprit,
            undecided: told.is_none(),
            named: named.is_some(),
            printed,
            chain_logged: chain
                .is_some_and(|chain| !chain.certificates.is_empty() && !chain.is_torn()),
        })
    }

    /// *the server's own certificate CN=x*, *the intermediate CN=y*
    pub(in crate::diagnose) fn which(&self, owner: &str) -> String {
        match self.culprit {
            Some((0, certificate, _)) => {
                format!("the {owner}'s certificate {}", certificate.subject)
            }
            Some((_, certificate, _)) if certificate.is_self_issued() => {
                format!("the root {} in the {owner}'s chain", certificate.subject)
            }
            Some((_, certificate, _)) => format!(
                "the intermediate {} in the {owner}'s chain",
                certificate.subject
            ),
            None if self.chain_logged => format!(
                "a certificate on the {owner}'s path, none of those it sent by the clock of the log,"
            ),
            None => format!("a certificate on the {owner}'s path (which one is not logged)"),
        }
    }

    /// *not after 2026-10-22 02:55:44 UTC, 30 days before the log's clock (2026-11-21 …)*
    pub(in crate::diagnose) fn compared(&self) -> String {
        let limit = self
            .culprit
            .and_then(|(_, certificate, _)| match self.validity {
                Validity::Over => certificate.not_after.as_ref(),
                Validity::ToCome => certificate.not_before.as_ref(),
            });
        let (Some(limit), Some(now)) = (limit, &self.now) else {
            return match self.printed {
                Some(printed) => format!("The exception gives its limit: {printed}."),
                None => "The log does not show its dates.".to_owned(),
            };
        };
        let millis = millis_between(limit, now);
        let (word, relation) = match self.validity {
            Validity::Over => ("until", if millis > 0 { "before" } else { "after" }),
            Validity::ToCome => ("from", if millis < 0 { "after" } else { "before" }),
        };
        format!(
            "It is valid {word} {limit}, {} {relation} the clock of the log ({now}).",
            span_in_words(millis)
        )
    }

    /// The gap is small, or a whole number of hours: a clock or a time zone may be set wrong.
    pub(in crate::diagnose) fn may_be_clock(&self) -> bool {
        const MINUTE: i64 = 60_000;
        let Some((limit, now)) = self
            .culprit
            .and_then(|(_, certificate, _)| certificate.not_before.as_ref())
            .zip(self.now.as_ref())
        else {
            return false;
        };
        let gap = millis_between(limit, now).abs();
        gap < 6 * 60 * MINUTE || (gap < 15 * 60 * MINUTE && gap % (60 * MINUTE) < MINUTE)
    }
}

/// JDKs that have an alert for it use it.
fn by_alert(refusal: &Refusal<'_>) -> Option<Validity> {
    matches!(refusal.alert, Some(AlertDescription::CertificateExpired)).then_some(Validity::Over)
}

/// The first certificate of the chain that is out of date (in this way).
fn out_of_date(
    chain: &Chain,
    now: &LogTime,
    wanted: Option<Validity>,
) -> Option<(usize, Validity)> {
    chain
        .certificates
        .iter()
        .enumerate()
        .find_map(|(position, presented)| {
            let validity = state(&presented.certificate, now)?;
            wanted
                .is_none_or(|wanted| wanted == validity)
                .then_some((position, validity))
        })
}

/// `NotAfter: Thu Oct 22 02:55:44 UTC 2026` is `Date.toString()` of one certificate's limit.
fn named_by_date(chain: &Chain, printed: &str, validity: Validity) -> Option<usize> {
    chain.certificates.iter().position(|presented| {
        let limit = match validity {
            Validity::Over => &presented.certificate.not_after,
            Validity::ToCome => &presented.certificate.not_before,
        };
        limit
            .as_ref()
            .is_some_and(|limit| is_printed(limit, printed))
    })
}

fn is_printed(limit: &LogTime, printed: &str) -> bool {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let date = limit.date();
    let mut parts = date.rsplitn(3, '-');
    let (Some(day), Some(month), Some(year)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let Some(month) = month
        .parse()
        .ok()
        .and_then(|month: usize| MONTHS.get(month.checked_sub(1)?))
    else {
        return false;
    };
    let time = limit.time_of_day();
    let seconds = time.split('.').next().unwrap_or_default();
    printed.contains(&format!("{month} {day} {seconds} ")) && printed.trim_end().ends_with(year)
}

/// *30 days*, *5 hours*, *40 minutes*
fn span_in_words(millis: i64) -> String {
    let minutes = millis.abs() / 60_000;
    let (count, unit) = match minutes {
        0..=119 => (minutes, "minute"),
        120..=2_879 => (minutes / 60, "hour"),
        _ => (minutes / 1_440, "day"),
    };
    if count == 1 {
        format!("1 {unit}")
    } else {
        format!("{count} {unit}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(millis: i64, zone: &str) -> LogTime {
        LogTime {
            millis,
            zone: zone.into(),
        }
    }

    #[test]
    fn certificates_are_measured_by_the_clock_of_the_log() {
        let certificate = Certificate {
            not_before: Some(time(1_000, "UTC")),
            not_after: Some(time(9_000, "UTC")),
            ..Certificate::default()
        };
        assert_eq!(state(&certificate, &time(5_000, "UTC")), None);
        assert_eq!(
            state(&certificate, &time(9_001, "UTC")),
            Some(Validity::Over)
        );
        assert_eq!(state(&certificate, &time(0, "UTC")), Some(Validity::ToCome));
        assert_eq!(state(&certificate, &time(3_605_000, "GMT+01:00")), None);
    }

    #[test]
    fn a_printed_date_names_its_certificate() {
        let limit = time(1_792_637_744_000, "UTC");
        assert_eq!(limit.date(), "2026-10-22");
        let printed = format!(
            "NotAfter: Thu Oct 22 {} UTC 2026",
            &limit.time_of_day()[..8]
        );
        assert!(is_printed(&limit, &printed));
        assert!(!is_printed(&time(limit.millis + 1_000, "UTC"), &printed));
        assert_eq!(span_in_words(30 * 86_400_000), "30 days");
        assert_eq!(span_in_words(-3 * 3_600_000), "3 hours");
    }
}
