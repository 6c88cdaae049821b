//! What IBMJSSE2 (IBM JDK 6 to 8, WebSphere) prints that `sun.security.ssl` does not.
//!
//! ```text
//! IBMJSSEProvider2 Build-Level: -20220909
//! JsseJCE:  Using cipher AES/GCM/NoPadding from provider from init IBMJCE version 1.8
//! IBMJSSE2 will not enable CBC protection
//! ```
//!
//! The rest is the classic dialect, often without a line break in front of it. Suites are named `SSL_…` whatever
//! their age, and a certificate path that fails prints its causes on the lines below the exception's.

use super::Title;

/// A line that no other JSSE prints, by its first words.
pub(super) fn title(line: &[u8]) -> Option<Title<'_>> {
    const WORDS: [&[u8]; 9] = [
        b"IBMJSSE2 will ",
        b"IBMJSSEProvider2 Build-Level:",
        b"JsseJCE:  ",
        b"JsseJce:  ",
        b"CipherBox:  Using ",
        b"SSLContextImpl:  Using ",
        b"KeyManagerFactoryImpl:  ",
        b"TrustManagerFactoryImpl:  ",
        b"SSLv3 protocol was requested but was not enabled",
    ];
    // most lines of anything begin with another letter
    if !matches!(line.first(), Some(b'C' | b'I' | b'J' | b'K' | b'S' | b'T')) {
        return None;
    }
    let known = WORDS.iter().any(|words| line.starts_with(words));
    let providers = || line.trim_ascii_end() == b"Installed Providers =";
    (known || providers()).then_some(Title::Ibm(line))
}

/// `… from init IBMJCE version 1.7`: the feature release.
pub(super) fn release(line: &[u8]) -> Option<u8> {
    let at = memchr::memmem::find(line, b"IBMJCE version 1.")?;
    let digit = line.get(at + 17).filter(|byte| byte.is_ascii_digit())?;
    Some(digit - b'0')
}

/// Suites of AES are named `TLS_…` by everybody else.
pub(super) fn names_suites(list: &[u8]) -> bool {
    memchr::memmem::find_iter(list, b"_WITH_AES_").any(|at| {
        let name = list[..at]
            .iter()
            .rposition(|&b| !(b.is_ascii_alphanumeric() || b == b'_'))
            .map_or(&list[..at], |before| &list[before + 1..at]);
        name.starts_with(b"SSL_")
    })
}

/// Whether a stack trace went through it.
pub(super) fn threw(trace: &[u8]) -> bool {
    memchr::memmem::find(trace, b"at com.ibm.jsse2.").is_some()
}

/// An exception with the causes that stand on the lines below: `…; internal cause is:` is no end, nor is a sentence that
/// a page has wrapped in front of an alert's name.
pub(super) fn with_causes(text: &[u8], rest: &[u8]) -> Vec<u8> {
    const MAX_LINES: usize = 8;
    let mut whole = text.trim_ascii_end().to_vec();
    for line in rest.split(|&b| b == b'\n').take(MAX_LINES) {
        let goes_on = [&b"internal cause is:"[..], b"Received fatal alert:"];
        if !goes_on.iter().any(|words| whole.ends_with(words)) {
            break;
        }
        whole.push(b' ');
        whole.extend_from_slice(line.trim_ascii());
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_lines_and_suites_are_known() {
        for line in [
            "IBMJSSE2 will not enable CBC protection",
            "Installed Providers = ",
            "JsseJce:  EC is available",
        ] {
            assert_eq!(title(line.as_bytes()), Some(Title::Ibm(line.as_bytes())));
        }
        assert_eq!(title(b"Installed Providers = none of ours"), None);
        assert_eq!(
            release(b"CipherBox:  Using cipher X from provider from init IBMJCE version 1.7"),
            Some(7)
        );
        assert!(names_suites(
            b"[TLS_EMPTY_RENEGOTIATION_INFO_SCSV, SSL_RSA_WITH_AES_128_CBC_SHA]"
        ));
        assert!(!names_suites(
            b"[SSL_RSA_WITH_RC4_128_MD5, TLS_RSA_WITH_AES_128_CBC_SHA]"
        ));
    }

    #[test]
    fn causes_go_on_below() {
        let whole = with_causes(
            b"a.B: x; internal cause is: ",
            b"\tc.D: y; internal cause is: \n\te.F: z\nmain, called close()\n",
        );
        assert_eq!(
            whole,
            b"a.B: x; internal cause is: c.D: y; internal cause is: e.F: z"
        );
        assert_eq!(with_causes(b"a.B: x", b"next\n"), b"a.B: x");
    }
}
