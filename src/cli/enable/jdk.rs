//! Which value of `javax.net.debug` prints what a diagnosis needs, by JDK generation.
//!
//! The rule by which a JDK reads the value changed four times. Naming the parts is right under each
//! of them; a bare `ssl` is not.

use clap::ValueEnum;
use serde::Serialize;

/// Parts that a diagnosis needs, named one by one: right under every rule from JDK 11 on.
pub(super) const VALUE: &str = "ssl:handshake:verbose:trustmanager:keymanager";

/// On Java 8: the same and the record lines, which the old format cannot do without. `sslctx` makes the
/// old rule (8u252 and before) print the parts named, and not the session keys; 8u272 and later take
/// it for everything but application data.
const VALUE_8: &str = "ssl:handshake:verbose:trustmanager:keymanager:session:record:sslctx";

/// What the user says the JVM is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Jdk {
    /// Java 8, of any vendor but IBM.
    #[value(name = "8")]
    V8,
    /// JDK 11 to 16.
    #[value(name = "11")]
    V11,
    /// JDK 17 to 20.
    #[value(name = "17")]
    V17,
    /// JDK 21 and 22.
    #[value(name = "21")]
    V21,
    /// JDK 23.
    #[value(name = "23")]
    V23,
    /// JDK 24.
    #[value(name = "24")]
    V24,
    /// JDK 25.
    #[value(name = "25")]
    V25,
    /// JDK 26 and later.
    #[value(name = "26", alias = "27", alias = "28")]
    V26,
    /// IBM Java 8 (IBMJSSE2; WebSphere).
    #[value(name = "ibm8")]
    Ibm8,
}

/// One generation and what it prints.
#[derive(Debug, Serialize)]
pub(super) struct Generation {
    /// `17`, `ibm8`
    pub(super) jdk: &'static str,
    /// The value to set.
    pub(super) value: &'static str,
    /// `standard error`
    pub(super) stream: &'static str,
    /// Why this value, and what others do there.
    pub(super) why: &'static str,
}

const STDERR: &str = "standard error";
const STDOUT_THEN_STDERR: &str =
    "standard output up to 8u252 (Oracle: 8u251), standard error from 8u272 (Oracle: 8u261) on";

/// From old to new, one for each [`Jdk`].
pub(super) const GENERATIONS: [Generation; 9] = [
    Generation {
        jdk: "8",
        value: VALUE_8,
        stream: STDOUT_THEN_STDERR,
        why: "up to 8u252 any value with `ssl` prints session keys, too, unless `sslctx` is named \
              beside it; from 8u272 on plain `ssl` prints little more than alerts",
    },
    Generation {
        jdk: "11",
        value: VALUE,
        stream: STDERR,
        why: "plain `ssl` prints little more than alerts, `ssl:handshake` no trust anchors",
    },
    Generation {
        jdk: "17",
        value: VALUE,
        stream: STDERR,
        why: "plain `ssl` prints little more than alerts on updates without JDK-8350582 (17.0.15 \
              has it not, 17.0.21 has it), and everything but raw data from there on",
    },
    Generation {
        jdk: "21",
        value: VALUE,
        stream: STDERR,
        why: "plain `ssl` prints little more than alerts on updates without JDK-8350582 (up to \
              21.0.8), and everything but raw data from 21.0.9 on",
    },
    Generation {
        jdk: "23",
        value: VALUE,
        stream: STDERR,
        why: "not tried on 23; naming the parts is right under the rule before it and after it",
    },
    Generation {
        jdk: "24",
        value: VALUE,
        stream: STDERR,
        why: "not tried on 24; naming the parts is right under the rule before it and after it",
    },
    Generation {
        jdk: "25",
        value: VALUE,
        stream: STDERR,
        why: "any value with `ssl` in it prints everything but raw data: plain `ssl` would do",
    },
    Generation {
        jdk: "26",
        value: VALUE,
        stream: STDERR,
        why: "seen on 27: `ssl:handshake` prints handshake messages only, so the managers have to \
              be named; plain `ssl` prints all parts",
    },
    Generation {
        jdk: "ibm8",
        value: VALUE,
        stream: "standard output; standard error where it prints lines with javax.net.ssl|",
        why: "IBM's support asks for `true`, which does what `ssl` does there; session keys are \
              printed with either",
    },
];

impl Jdk {
    /// What is to be known about it.
    pub(super) fn generation(self) -> &'static Generation {
        &GENERATIONS[self as usize]
    }
}

/// The value for a JVM of this generation, or of one that is not told.
pub(super) fn value(jdk: Option<Jdk>) -> &'static str {
    jdk.map_or(VALUE, |jdk| jdk.generation().value)
}

/// `-Djavax.net.debug=…`
pub(super) fn option(jdk: Option<Jdk>) -> String {
    format!("-Djavax.net.debug={}", value(jdk))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_generation_has_its_row() {
        for jdk in Jdk::value_variants() {
            let name = jdk.to_possible_value().unwrap();
            assert_eq!(jdk.generation().jdk, name.get_name());
        }
    }

    #[test]
    fn no_value_prints_keys_or_application_data() {
        for generation in &GENERATIONS {
            for word in ["all", "plaintext", "packet", "keygen", "data"] {
                assert!(
                    !generation.value.contains(word),
                    "{word} in {}",
                    generation.value
                );
            }
        }
    }
}
