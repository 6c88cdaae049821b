//! What is told about a target: where the option goes, and where the output comes out.

use serde::Serialize;

/// A kind of runtime and all that is to be known to get a log out of it. In the texts `{option}`
/// stands for `-Djavax.net.debug=…` and `{value}` for what is behind the `=`.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Target {
    pub(super) name: &'static str,
    /// Other names that it goes by.
    pub(super) aliases: &'static [&'static str],
    /// One line for the list.
    pub(super) summary: &'static str,
    /// How to switch it on; where there are several ways, the usual one first.
    pub(super) on: &'static [Place],
    /// What has to be started again.
    pub(super) restart: &'static str,
    /// Where the output comes out.
    pub(super) output: &'static [Place],
    pub(super) off: &'static str,
    /// What else can go wrong.
    pub(super) notes: &'static [&'static str],
    /// How to hand it over: commands.
    pub(super) read: &'static [&'static str],
}

/// Some words, and lines to be copied as they are.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Place {
    pub(super) what: &'static str,
    pub(super) lines: &'static [&'static str],
}

/// Words only.
pub(super) const fn told(what: &'static str) -> Place {
    Place { what, lines: &[] }
}

/// Words, and lines under them.
pub(super) const fn shown(what: &'static str, lines: &'static [&'static str]) -> Place {
    Place { what, lines }
}

/// Holds for every target: which values print secrets.
pub(super) const SECRETS: [&str; 3] = [
    "`all` and `plaintext` print decrypted application data: passwords, tokens, cookies. On JDK 11 \
     and later, and 8u272 and later, no value prints session keys; `packet` prints records as they \
     are on the wire, `keygen` nothing.",
    "On Java 6, 7, 8 up to 8u252, 9, 10 and IBM's Java 8, `keygen` prints session keys, and so does \
     any value with `ssl` in it (but see --jdk 8).",
    "Every value prints host names, certificates, and paths of key and trust stores. The values above \
     print no keys and no application data on JDK 11 and later. Look before you hand the log on.",
];

/// Holds for every target: how fast the file grows.
pub(super) const GROWTH: &str = "Reckon with 20 to 50 KB for each end of a handshake and 200 KB \
    each time a trust store as large as the JDK's own is loaded; on JDK 25, and where the \
    record lines are on, a line or two for every record of the traffic, too. Watch the disk, and \
    switch it off when the failure was caught.";
