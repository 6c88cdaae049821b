//! What an action says to type, told apart by where it belongs.
//!
//! Rules write it as one text. A shell's command is written as it is typed. What begins with `-` is an
//! option of the JVM; a word with a colon in front names the product, the file (`nginx: …`,
//! `/etc/hosts: …`) or the language (`Java: …`) that the line is for. Alternatives stand three blanks
//! apart, each with its word; so does a remark behind a line, with `#` in front.

use std::fmt;

/// Where a line belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CommandKind {
    /// A shell.
    Shell,
    /// The command line of the JVM, or `JAVA_TOOL_OPTIONS`.
    JvmOption,
    /// The configuration of a product, or a file.
    Configuration,
    /// A program's source.
    Code,
}

impl CommandKind {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Shell,
        Self::JvmOption,
        Self::Configuration,
        Self::Code,
    ];

    /// The word used in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::JvmOption => "jvm_option",
            Self::Configuration => "configuration",
            Self::Code => "code",
        }
    }
}

/// One line to be typed or copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Command<'a> {
    /// Where it belongs.
    pub kind: CommandKind,
    /// The product, file or language, where it is named.
    pub place: Option<&'a str>,
    /// The line itself.
    pub text: &'a str,
    /// What is to be known about it.
    pub remark: Option<&'a str>,
}

impl<'a> Command<'a> {
    /// The lines in the text of an action.
    pub(super) fn of(text: &'a str) -> Vec<Self> {
        if label(text).is_none() && !text.starts_with('-') {
            // quotes and remarks of a shell are its own
            return vec![Self {
                kind: CommandKind::Shell,
                place: None,
                text,
                remark: None,
            }];
        }
        let mut commands: Vec<Self> = Vec::new();
        for piece in pieces(text) {
            match (piece.strip_prefix("# "), commands.last_mut()) {
                (Some(remark), Some(last)) => last.remark = Some(remark),
                _ => commands.push(Self::labelled(piece)),
            }
        }
        commands
    }

    fn labelled(piece: &'a str) -> Self {
        let (place, text) = label(piece).map_or((None, piece), |(label, rest)| (Some(label), rest));
        let kind = match place {
            None | Some("JVM") => CommandKind::JvmOption,
            Some("Java") => CommandKind::Code,
            Some(_) => CommandKind::Configuration,
        };
        Self {
            kind,
            place,
            text,
            remark: None,
        }
    }
}

impl fmt::Display for Command<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(self.text)?;
        self.remark
            .map_or(Ok(()), |remark| write!(f, "   # {remark}"))
    }
}

/// `nginx: ssl_protocols …` → `nginx`, `ssl_protocols …`
fn label(text: &str) -> Option<(&str, &str)> {
    let (label, rest) = text.split_once(": ")?;
    let is_name = label.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && label
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '_' | '-'));
    is_name.then(|| (label, rest.trim_start()))
}

/// Cut where three blanks stand in front of a label or a remark.
fn pieces(text: &str) -> Vec<&str> {
    const GAP: &str = "   ";
    let mut pieces = Vec::new();
    let (mut begin, mut from) = (0, 0);
    while let Some(at) = text[from..].find(GAP).map(|at| from + at) {
        let rest = text[at..].trim_start();
        if rest.starts_with("# ") || label(rest).is_some() {
            pieces.push(text[begin..at].trim());
            begin = text.len() - rest.len();
        }
        from = text.len() - rest.len();
    }
    pieces.push(text[begin..].trim());
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_are_told_apart() {
        let text = "nginx: ssl_protocols TLSv1.2;   Tomcat: <SSLHostConfig protocols=\"TLSv1.2\">   JVM: -Djdk.tls.server.protocols=TLSv1.2";
        let told: Vec<_> = Command::of(text)
            .iter()
            .map(|command| (command.kind.name(), command.place, command.text))
            .collect();
        assert_eq!(
            told,
            [
                ("configuration", Some("nginx"), "ssl_protocols TLSv1.2;"),
                (
                    "configuration",
                    Some("Tomcat"),
                    "<SSLHostConfig protocols=\"TLSv1.2\">"
                ),
                (
                    "jvm_option",
                    Some("JVM"),
                    "-Djdk.tls.server.protocols=TLSv1.2"
                ),
            ]
        );
    }

    #[test]
    fn remarks_stay_behind_their_line() {
        let text = "-Djavax.net.debug=ssl:handshake   # on a Java client";
        let [command] = Command::of(text)[..] else {
            panic!("one line");
        };
        assert_eq!(
            (command.kind, command.remark),
            (CommandKind::JvmOption, Some("on a Java client"))
        );
        assert_eq!(command.to_string(), text);
    }

    #[test]
    fn a_shell_keeps_its_text() {
        for text in [
            "keytool -list -v -keystore 'a   nginx: b.p12' | grep -E 'Alias|chain length'",
            "java -version   # JDK 22+",
            "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc HOST 443",
        ] {
            let [command] = Command::of(text)[..] else {
                panic!("one line");
            };
            assert_eq!((command.kind, command.text), (CommandKind::Shell, text));
        }
        let [hosts] = Command::of("/etc/hosts: 127.0.0.1 api.lab.example")[..] else {
            panic!("one line");
        };
        assert_eq!(
            (hosts.kind, hosts.place),
            (CommandKind::Configuration, Some("/etc/hosts"))
        );
    }
}
