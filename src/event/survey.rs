//! What a log holds at all: counts by kind of entry, and hints at the JDK that wrote it.
//!
//! The kinds of entries that are present tell what could have been seen, whatever the option was.

/// Counts over one input. Adding surveys of its parts gives the survey of the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Survey {
    /// Entries of any kind.
    pub entries: u64,
    /// Those of the classic dialect among them.
    pub classic: u64,
    /// Those that only IBMJSSE2 prints.
    pub ibm: u64,
    /// Those of Bouncy Castle's JSSE provider.
    pub bc: u64,
    /// Those printed as brace blocks (`expand`).
    pub expanded: u64,
    /// Those that came through a logging framework.
    pub jul: u64,
    /// Entries that carry a handshake message (`Produced …`, `Consuming …`).
    pub messages: u64,
    /// Handshake messages whose body is printed.
    pub bodies: u64,
    /// `READ:` and `WRITE:` lines.
    pub records: u64,
    /// Those of handshakes among them.
    pub handshake_records: u64,
    /// Records that were encrypted: application data, and alerts of more than two bytes. A handshake was before them.
    pub protected_records: u64,
    /// Hex dumps of records (`Raw read`, `Raw write`).
    pub packets: u64,
    /// Dumps of plaintext (`Plaintext before ENCRYPTION`).
    pub plaintexts: u64,
    /// Dumps of key material (`SESSION KEYGEN:`, `CONNECTION KEYGEN:`; classic).
    pub secrets: u64,
    /// Entries of the trust manager.
    pub trust: u64,
    /// Entries of the key manager.
    pub keys: u64,
    /// Entries about sessions.
    pub sessions: u64,
    /// Entries about the `SSLContext` (suites ignored, seeding, properties).
    pub contexts: u64,
    /// `KeyLimit` lines: keys were installed.
    pub key_limits: u64,
    /// Entries with something in front of each line, which was taken off.
    pub prefixed: u64,
    /// Places that speak as an entry begins and begin none, for their head is damaged.
    pub unread: u64,
    /// Lines of entries in text without heads, near the beginning of the input.
    pub pieces: u64,
    /// Heads of a fork of JSSE there, which are not read.
    pub forked: u64,
    /// An entry is there that is printed in the course of a handshake only, and is none of its messages: what became
    /// of an extension, a record of a handshake.
    pub under_way: bool,
    /// A key was looked for that a handshake wants: the peer's first message had come.
    pub keys_wanted: bool,
    /// Hints at the JDK.
    pub clues: Clues,
}

/// Hints at the release that wrote the log; each is seen or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Clues {
    /// Levels of `java.util.logging` (`FINE`): the 8u backport.
    pub jul_levels: bool,
    /// Level `ALL`, which `System.Logger` lost to `TRACE` in JDK 26 (JDK-8340312).
    pub level_all: bool,
    /// Level `TRACE`.
    pub level_trace: bool,
    /// Byte strings as `AA BB`: 8u and 11.
    pub spaced_hex: bool,
    /// Byte strings as `AABB`: 17 and later.
    pub joined_hex: bool,
    /// `supported_groups` under the key `"versions"`: up to 17.
    pub groups_as_versions: bool,
    /// `supported_groups` under the key `"named groups"`: 21 and later.
    pub groups_as_named_groups: bool,
    /// Thread `main` has the printed id `30`: JDK 24 and later (`10` up to 23).
    pub main_is_thread_3: bool,
    /// A feature release named in a path (`…/java-17-openjdk/lib/security/cacerts`).
    pub release_in_path: Option<u8>,
    /// The caller is always `Thread.java`: IBMJSSE2 of a late IBM 8.
    pub ibm: bool,
    /// Hints in entries of the classic dialect.
    pub classic: ClassicClues,
}

/// Hints at the release of JDK 6 to 10 that wrote classic entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClassicClues {
    /// `random_bytes = {HEX}`: 9 and 10.
    pub random_bytes: bool,
    /// `GMT: n bytes = {…}`: up to 8.
    pub gmt_in_random: bool,
    /// `group names: {…}` where older releases print `curve names`: 9 and 10.
    pub groups_by_name: bool,
    /// `update handshake state`: late updates of 8, and 9 and 10.
    pub states: bool,
    /// `Extension extended_master_secret`: 8u161 and later.
    pub master_secret_extended: bool,
    /// `[host_name: …]` without a type: up to 7.
    pub host_name_without_type: bool,
    /// `closeSocket(selfInitiated)`: up to 7.
    pub self_initiated: bool,
    /// A feature release named in a path.
    pub release_in_path: Option<u8>,
    /// `SSL_…_AES_…`, frames of `com.ibm.jsse2`: IBMJSSE2.
    pub ibm: bool,
    /// The feature release of IBM's providers (`IBMJCE version 1.7`).
    pub ibm_release: Option<u8>,
}

impl Survey {
    /// Messages of handshakes went over the wire, and none of them is printed.
    pub fn hides_messages(&self) -> bool {
        self.messages == 0 && (self.handshake_records > 0 || self.keys_wanted)
    }

    /// No entry can be read, but lines of entries are there.
    pub fn is_in_pieces(&self) -> bool {
        self.entries == 0 && self.pieces + self.forked > 0
    }

    /// Adds the survey of the next part of the same input.
    pub fn add(&mut self, next: &Self) {
        self.add_times(next, 1);
    }

    /// Adds the survey of something that occurred so many times.
    pub(crate) fn add_times(&mut self, next: &Self, times: u64) {
        self.entries += next.entries * times;
        self.classic += next.classic * times;
        self.ibm += next.ibm * times;
        self.bc += next.bc * times;
        self.expanded += next.expanded * times;
        self.jul += next.jul * times;
        self.messages += next.messages * times;
        self.bodies += next.bodies * times;
        self.records += next.records * times;
        self.handshake_records += next.handshake_records * times;
        self.protected_records += next.protected_records * times;
        self.packets += next.packets * times;
        self.plaintexts += next.plaintexts * times;
        self.secrets += next.secrets * times;
        self.trust += next.trust * times;
        self.keys += next.keys * times;
        self.sessions += next.sessions * times;
        self.contexts += next.contexts * times;
        self.key_limits += next.key_limits * times;
        self.prefixed += next.prefixed * times;
        self.unread += next.unread * times;
        self.pieces += next.pieces * times;
        self.forked += next.forked * times;
        self.under_way |= next.under_way;
        self.keys_wanted |= next.keys_wanted;
        self.clues.add(&next.clues);
    }

    /// The feature release, as far as the log tells, and the reason in words.
    pub fn jdk(&self) -> Option<(&'static str, &'static str)> {
        if self.is_ibm() {
            return Some(self.clues.ibm_guess());
        }
        let classic = || (self.classic > 0).then(|| self.clues.classic.guess());
        self.clues.guess().or_else(classic)
    }

    /// IBMJSSE2 wrote the classic or unified entries, as far as the log tells.
    pub fn is_ibm(&self) -> bool {
        self.ibm > 0 || self.clues.ibm || self.clues.classic.ibm
    }

    /// Nothing but Bouncy Castle's provider speaks.
    pub fn is_bc_alone(&self) -> bool {
        self.bc > 0 && self.bc == self.entries
    }
}

impl Clues {
    fn add(&mut self, next: &Self) {
        self.jul_levels |= next.jul_levels;
        self.level_all |= next.level_all;
        self.level_trace |= next.level_trace;
        self.spaced_hex |= next.spaced_hex;
        self.joined_hex |= next.joined_hex;
        self.groups_as_versions |= next.groups_as_versions;
        self.groups_as_named_groups |= next.groups_as_named_groups;
        self.main_is_thread_3 |= next.main_is_thread_3;
        self.release_in_path = self.release_in_path.or(next.release_in_path);
        self.ibm |= next.ibm;
        self.classic.add(&next.classic);
    }

    /// The release of an IBM JDK, and the reason in words.
    fn ibm_guess(&self) -> (&'static str, &'static str) {
        let named = self.classic.ibm_release;
        let named = named
            .or(self.release_in_path)
            .or(self.classic.release_in_path);
        match named {
            Some(6) => ("IBM 6", "IBM's providers or a path in the log name it"),
            Some(7) => ("IBM 7", "IBM's providers or a path in the log name it"),
            Some(8) => ("IBM 8", "IBM's providers or a path in the log name it"),
            _ if self.jul_levels || self.ibm => (
                "IBM 8",
                "IBMJSSE2 prints the unified dialect, as late updates of IBM 8 do",
            ),
            _ => (
                "IBM 6-8",
                "lines, names or frames of IBMJSSE2 are in the log",
            ),
        }
    }

    /// The feature release, as far as the hints tell, and the reason in words.
    pub fn guess(&self) -> Option<(&'static str, &'static str)> {
        match self.release_in_path {
            Some(8) => return Some(("8", "a path in the log names it")),
            Some(11) => return Some(("11", "a path in the log names it")),
            Some(17) => return Some(("17", "a path in the log names it")),
            Some(21) => return Some(("21", "a path in the log names it")),
            Some(25) => return Some(("25", "a path in the log names it")),
            _ => {}
        }
        if self.jul_levels {
            Some((
                "8",
                "levels are those of java.util.logging (FINE), as in the 8u backport",
            ))
        } else if self.level_trace {
            Some((
                "26+",
                "the level TRACE is printed where older releases print ALL",
            ))
        } else if self.spaced_hex {
            Some(("11", "byte strings are printed with blanks"))
        } else if self.groups_as_versions {
            Some((
                "17",
                "supported_groups is printed under the key \"versions\"",
            ))
        } else if self.groups_as_named_groups && self.main_is_thread_3 {
            Some((
                "25+",
                "supported_groups is printed under the key \"named groups\", and main has the thread id 3",
            ))
        } else if self.groups_as_named_groups {
            Some((
                "21+",
                "supported_groups is printed under the key \"named groups\"",
            ))
        } else if self.main_is_thread_3 {
            Some(("24+", "main has the thread id 3"))
        } else {
            None
        }
    }
}

impl ClassicClues {
    fn add(&mut self, next: &Self) {
        self.random_bytes |= next.random_bytes;
        self.gmt_in_random |= next.gmt_in_random;
        self.groups_by_name |= next.groups_by_name;
        self.states |= next.states;
        self.master_secret_extended |= next.master_secret_extended;
        self.host_name_without_type |= next.host_name_without_type;
        self.self_initiated |= next.self_initiated;
        self.release_in_path = self.release_in_path.or(next.release_in_path);
        self.ibm |= next.ibm;
        self.ibm_release = self.ibm_release.or(next.ibm_release);
    }

    /// The feature release, as far as classic entries tell, and the reason in words.
    pub fn guess(&self) -> (&'static str, &'static str) {
        if self.random_bytes || self.groups_by_name {
            return (
                "9, 10",
                "the classic dialect, with random bytes in hexadecimal and named groups",
            );
        }
        if self.self_initiated || self.host_name_without_type {
            return ("6, 7", "the classic dialect, in the words of JDK 6 and 7");
        }
        match self.release_in_path {
            Some(6) => return ("6", "a path in the log names it"),
            Some(7) => return ("7", "a path in the log names it"),
            Some(8) => {
                return (
                    "8 (up to 8u252)",
                    "a path in the log names it; the dialect is the classic one",
                );
            }
            _ => {}
        }
        if self.states || self.master_secret_extended {
            let because = "the classic dialect, with what late updates of 8 print";
            let guess = if self.gmt_in_random {
                "8 (up to 8u252)"
            } else {
                "8 (up to 8u252), 9, 10"
            };
            (guess, because)
        } else if self.gmt_in_random {
            (
                "6-8u252",
                "the classic dialect, with the time in the random",
            )
        } else {
            ("6-8u252, 9, 10", "the dialect is the classic one")
        }
    }
}
