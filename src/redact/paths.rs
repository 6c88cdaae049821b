//! Paths in a text, of any system, and what stands behind the host in a URL.
//!
//! A path begins where a word can, with `/`, `./`, a drive, `\\`; it ends where a path can, and blanks belong to it
//! where the system has them (`C:\Program Files`), where quotes say so, or where the exception is one about files.
//! Directories that every system has stay.

use std::{borrow::Cow, net::IpAddr};

use super::{host, names::is_language, tokens::Tokens};

/// Exceptions that begin with the path, and put the reason behind it in brackets.
const ABOUT_FILES: [&str; 3] = [
    "FileNotFoundException: ",
    "NoSuchFileException: ",
    "AccessDeniedException: ",
];
/// What announces a store, up to the end of the line.
const ABOUT_STORES: [&str; 4] = ["Store is: ", "Store is : ", "trust store: ", "key store: "];

/// The text with other paths.
pub(super) fn replace<'t>(text: &'t str, tokens: &Tokens) -> Cow<'t, str> {
    let bytes = text.as_bytes();
    if memchr::memchr2(b'/', b'\\', bytes).is_none() {
        return Cow::Borrowed(text);
    }
    let (mut out, mut copied) = (String::new(), 0);
    for at in memchr::memchr2_iter(b'/', b'\\', bytes) {
        if at < copied {
            continue;
        }
        let found = match url(text, at, tokens) {
            Some(found) => Some(found),
            None => start(text, at)
                .filter(|start| *start >= copied)
                .map(|start| {
                    let end = end(text, start);
                    (start, end, path_stand_in(&text[start..end], tokens))
                }),
        };
        let Some((start, end, stand_in)) = found else {
            continue;
        };
        if start < copied {
            continue;
        }
        out.push_str(&text[copied..start]);
        out.push_str(&stand_in);
        copied = end.max(start);
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// Path and query of the URL whose `//` begins at `at`.
fn url(text: &str, at: usize, tokens: &Tokens) -> Option<(usize, usize, String)> {
    let rest = &text[at..];
    let scheme = text[..at].strip_suffix(':')?;
    if !rest.starts_with("//") || scheme.ends_with("file") {
        return None;
    }
    let behind = &rest[2..];
    let length = behind.find(ends_url).unwrap_or(behind.len());
    let whole = &behind[..length];
    let authority = whole.find(['/', '?', '#']).unwrap_or(length);
    let name = whole[..authority].rsplit('@').next().unwrap_or_default();
    let name = name.split(':').next().unwrap_or_default();
    let start = at + 2 + authority;
    let tail = whole[authority..].trim_end_matches(['.', ':']);
    let front = tail.split('?').next().unwrap_or_default();
    // ldap://host/dc=acme,dc=com is a name; what belongs to everybody says nothing
    let stays = front.contains('=') || host::is_public(name) || name.is_empty();
    let stand_in = if stays {
        tail.to_owned()
    } else {
        request(tail, tokens)
    };
    Some((start, start + tail.len(), stand_in))
}

fn ends_url(c: char) -> bool {
    c.is_whitespace() || "\"'<>()[]{}|`\\,;*".contains(c)
}

/// `/customers/4711?iban=…`: keys stay, values go.
fn request(tail: &str, tokens: &Tokens) -> String {
    let (path, query) = match tail.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (tail, None),
    };
    let segment = |segment: &str| {
        let is_number = segment.len() > 2 && segment.bytes().all(|byte| byte.is_ascii_digit());
        if is_number {
            tokens.word("dir", segment).to_string()
        } else {
            path_stand_in(segment, tokens)
        }
    };
    let mut out = path.split('/').map(segment).collect::<Vec<_>>().join("/");
    for (index, pair) in query
        .into_iter()
        .flat_map(|query| query.split('&'))
        .enumerate()
    {
        out.push(if index == 0 { '?' } else { '&' });
        match pair.split_once('=') {
            Some((key, value)) => {
                out.push_str(key);
                out.push('=');
                let says_nothing = value.is_empty()
                    || value.starts_with('*')
                    || value.bytes().all(|byte| byte.is_ascii_alphabetic()) && is_language(value);
                if says_nothing {
                    out.push_str(value);
                } else {
                    out += &*tokens.word("value", value);
                }
            }
            None => out.push_str(pair),
        }
    }
    out
}

/// Where the path begins whose first separator is at `at`.
fn start(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let next = bytes.get(at + 1).copied()?;
    let behind = |index: usize| index.checked_sub(1).map(|before| bytes[before]);
    // C:\ C:/
    if behind(at) == Some(b':') && at >= 2 && bytes[at - 2].is_ascii_alphabetic() {
        let drive = at - 2;
        if can_begin(text, drive) && (is_name(next) || next == b'\\') {
            return Some(drive);
        }
    }
    if bytes[at] == b'\\' {
        // \\server\share
        let is_server = next == b'\\'
            && {
                let rest = text[at + 2..].trim_start_matches('\\');
                let server = rest.find('\\').unwrap_or(0);
                let share = rest[server..].trim_start_matches('\\');
                server > 1
                && rest[..server].bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
                && share.starts_with(|c: char| c.is_ascii_alphanumeric())
                // \\n\\tat: line feeds in JSON in JSON
                && !["n", "r", "t"].iter().any(|escape| share.starts_with(&format!("{escape}at ")))
            };
        return (is_server && behind(at) != Some(b'\\') && can_begin(text, at)).then_some(at);
    }
    // ./x ../x ~/x
    let dots = text[..at]
        .bytes()
        .rev()
        .take_while(|byte| *byte == b'.')
        .count();
    let tilde = usize::from(behind(at) == Some(b'~'));
    let start = if dots < 3 { at - dots.max(tilde) } else { at };
    if !is_name(next) || !can_begin(text, start) {
        return None;
    }
    (start < at || is_path(text, at)).then_some(start)
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_.-~$@".contains(&byte) || byte >= 0x80
}

fn can_begin(text: &str, at: usize) -> bool {
    let before = &text[..at];
    match before.bytes().next_back() {
        None => true,
        Some(b':') => !["jrt:", "jdk:", "http:", "https:"]
            .iter()
            .any(|scheme| before.ends_with(scheme)),
        // file:///app
        Some(b'/') => before.ends_with("file://"),
        Some(b'n' | b'r' | b't') => before[..at - 1].ends_with('\\'),
        Some(last) => b" \t\"'`([{=,;|>\n\r!".contains(&last),
    }
}

/// Whether what begins with `/` at `at` is a path: no address, no Base64, no name as OpenSSL prints it.
fn is_path(text: &str, at: usize) -> bool {
    const LONGEST: usize = 48;
    let rest = &text[at + 1..];
    let length = rest
        .find(|c: char| c.is_whitespace() || "\"'<>()[]{}|`,;".contains(c))
        .unwrap_or(rest.len());
    let run = &rest[..length];
    let first = run.split('/').next().unwrap_or_default();
    let host = run.split('%').next().unwrap_or_default();
    let address = host.rsplit_once(':').map_or(host, |(front, _)| front);
    let is_address = host.parse::<IpAddr>().is_ok() || address.parse::<IpAddr>().is_ok();
    let encoded = run
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
        && (run.len() >= LONGEST
            || run.contains('+')
            || run.ends_with('=')
            || text[..at].is_empty() && !USUAL.contains(&first));
    !is_address && !encoded && !first.contains('=') && !first.is_empty()
}

/// Where the path ends that begins at `start`.
fn end(text: &str, start: usize) -> usize {
    let (before, rest) = (&text[..start], &text[start..]);
    let line = rest.find(['\n', '\r', '"']).unwrap_or(rest.len());
    let line = rest[..line]
        .find("\\n")
        .map_or(line, |end| if is_windows(rest) { line } else { end });
    // a quoted path can hold anything but the quote
    if before.ends_with('\'')
        && let Some(quote) = rest[..line].find('\'')
    {
        return start + quote;
    }
    if ABOUT_FILES.iter().any(|words| before.ends_with(words)) {
        let end = rest[..line]
            .rfind(" (")
            .filter(|end| rest[..line].ends_with(')') && *end > 0);
        if let Some(end) = end {
            return start + end;
        }
    }
    if ABOUT_STORES.iter().any(|words| before.ends_with(words)) {
        let end = rest[..line].find([',', ';']).unwrap_or(line);
        let end = rest[..end].find(": ").unwrap_or(end);
        return start + rest[..end].trim_end().len();
    }
    let mut end = word_end(rest, 0);
    if is_windows(rest) {
        while let Some(next) = goes_on(rest, end) {
            end = next;
        }
    }
    start + rest[..end].trim_end_matches(['.', ':', '!']).len()
}

fn is_windows(rest: &str) -> bool {
    rest.starts_with('\\') || rest.as_bytes().get(1) == Some(&b':')
}

/// Where a path ends that has no blanks.
fn word_end(rest: &str, from: usize) -> usize {
    let drive = if from == 0 && rest.as_bytes().get(1) == Some(&b':') {
        2
    } else {
        0
    };
    let from = from + drive;
    rest[from..]
        .find(|c: char| c.is_whitespace() || "\"'`<>|,;:()[]{}?*".contains(c))
        .map_or(rest.len(), |end| from + end)
}

/// `Program Files (x86)\Java`: behind the blank, the path goes on up to another separator.
fn goes_on(rest: &str, end: usize) -> Option<usize> {
    let behind = rest[end..].strip_prefix(' ')?;
    if let Some(behind) = behind.strip_prefix("(x86)") {
        return behind
            .starts_with(['/', '\\'])
            .then(|| word_end(rest, end + " (x86)".len()));
    }
    let next = word_end(rest, end + 1);
    let word = &rest[end + 1..next];
    let has_separator = word.find(['/', '\\']).is_some_and(|at| at > 0);
    (has_separator && next > end + 1).then_some(next)
}

/// Directories that every system has, and the stores of a JDK.
const USUAL: [&str; 52] = [
    "usr",
    "opt",
    "etc",
    "var",
    "lib",
    "lib64",
    "bin",
    "sbin",
    "jvm",
    "java",
    "jre",
    "home",
    "Users",
    "srv",
    "app",
    "apps",
    "conf",
    "config",
    "certs",
    "cert",
    "keys",
    "security",
    "cacerts",
    "jssecacerts",
    "blacklisted.certs",
    "tmp",
    "ssl",
    "tls",
    "pki",
    "local",
    "share",
    "data",
    "root",
    "run",
    "dev",
    "proc",
    "mnt",
    "logs",
    "log",
    "C:",
    "D:",
    "Program Files",
    "Program Files (x86)",
    "ProgramData",
    "Windows",
    "System32",
    "nonexist",
    "nonexistent",
    "path",
    "to",
    "..",
    ".",
];

/// Other names for the parts of a path: directories that every system has stay, and so do the stores of a JDK.
pub(super) fn path_stand_in(path: &str, tokens: &Tokens) -> String {
    let separator = if path.contains('/') { '/' } else { '\\' };
    let parts: Vec<&str> = path.split(separator).collect();
    // \\server\share
    let server = path
        .starts_with("\\\\")
        .then(|| parts.iter().position(|part| !part.is_empty()))
        .flatten();
    let stand_in = |(index, part): (usize, &&str)| {
        let is_home = index > 0 && ["home", "Users"].contains(&parts[index - 1]);
        if server == Some(index) {
            return host::stand_in(part, tokens);
        }
        if part.is_empty() || part.starts_with('.') && part.len() < 3 || stays(part, tokens) {
            (*part).to_owned()
        } else if is_home {
            tokens.word("user", part).to_string()
        } else if index + 1 == parts.len() {
            file(part, tokens)
        } else if is_language(part) {
            (*part).to_owned()
        } else {
            tokens.word("dir", part).to_string()
        }
    };
    let separator = separator.to_string();
    parts
        .iter()
        .enumerate()
        .map(stand_in)
        .collect::<Vec<_>>()
        .join(&separator)
}

fn stays(part: &str, tokens: &Tokens) -> bool {
    const OF_JDK: [&str; 7] = [
        "jdk", "java-", "temurin", "zulu", "openjdk", "graalvm", "jre",
    ];
    let is_drive = part.len() == 2 && part.ends_with(':');
    let is_jdk = OF_JDK.iter().any(|name| {
        part.strip_prefix(name).is_some_and(|rest| {
            !rest.starts_with(|c: char| c.is_ascii_alphabetic()) || is_language(rest)
        })
    });
    is_drive || is_jdk || USUAL.contains(&part) || tokens.is_given(part)
}

/// Another name for a file: what its endings say of it stays.
pub(super) fn file(name: &str, tokens: &Tokens) -> String {
    let mut stem = name;
    while let Some((front, ending)) = stem.rsplit_once('.') {
        let is_ending = host::is_file(stem)
            || !ending.is_empty()
                && ending.bytes().all(|byte| byte.is_ascii_digit())
                && host::is_file(front);
        if !is_ending || front.is_empty() {
            break;
        }
        stem = front;
    }
    let endings = &name[stem.len()..];
    // an ending that nobody knows is kept where only one is there
    let (stem, endings) = match stem.split_once('.') {
        Some((front, ending))
            if endings.is_empty() && !ending.contains('.') && ending.len() < 5 =>
        {
            (front, &name[front.len()..])
        }
        _ => (stem, endings),
    };
    if stem.is_empty() || is_language(stem) || tokens.is_given(stem) {
        return name.to_owned();
    }
    format!("{}{endings}", tokens.word("file", stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> Tokens {
        Tokens::random().unwrap()
    }

    #[test]
    fn paths_of_any_system() {
        let tokens = tokens();
        for text in [
            "java.io.FileNotFoundException: /opt/acmebank/pay/acme.jks (No such file or directory)",
            "java.io.FileNotFoundException: /opt/my acme/acme store.jks (No such file or directory)",
            "open /u01/acme/x",
            r"open C:\acme\acme.jks: no",
            r"open E:\apps\acme dir\acme.jks now",
            r"open \\acme01\acmebank$\x.jks now",
            r#"{"m":"C:\\acme\\acme.jks"}"#,
            "file:/app/acme/x file:///data/acme/y",
            "./acme/x ../acme/y ~/acme/z",
            "https://h/acme/4711?iban=acme&x=1",
            "GET /acme/4711?x=1",
            "Inaccessible trust store: C:/Program Files/acme dir/cacerts",
            "ls -lL 'C:/Program Files/acme dir/my acme'; keytool",
            "-Dx=/srv/acme/x.jks -v",
        ] {
            let clean = replace(text, &tokens);
            assert!(!clean.contains("acme"), "{text} became {clean}");
            assert!(!clean.contains("4711") || clean.contains("GET"), "{clean}");
            assert_eq!(replace(&clean, &tokens), clean, "twice is once");
            assert_eq!(clean.matches('\'').count(), text.matches('\'').count());
        }
        let one = replace("trust store: C:/Program Files/acme dir/cacerts", &tokens).into_owned();
        let other = replace("ls 'C:/Program Files/acme dir/cacerts'", &tokens).into_owned();
        assert!(
            other.contains(one.rsplit(": ").next().unwrap()),
            "{one} {other}"
        );
    }

    #[test]
    fn what_only_has_slashes() {
        let tokens = tokens();
        for text in [
            "AES/GCM/NoPadding and/or text/plain 11/21/2026 TLS 1.2 / 1.3",
            "gw/10.0.0.1:443 /10.0.0.1:443 /2001:db8::1 localhost/127.0.0.1",
            "https://docs.oracle.com/en/java/x?y=zzz",
            "see https://bugs.openjdk.org/browse/JDK-8211806",
            "/etc/ssl/certs /usr/lib/jvm/java-17-openjdk/lib/security/cacerts",
            "</tag> <a/> // comment",
            r#""a\nb\tc\"d""#,
            r"\\n\\tat com.x.Y",
            "at java.base/sun.security.ssl.Alert.fatal(Alert.java:131)",
            "/9j4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkS",
        ] {
            assert_eq!(replace(text, &tokens), text);
        }
    }

    #[test]
    fn files_keep_their_endings() {
        let tokens = tokens();
        let of = |name: &str| file(name, &tokens);
        let ending = |name: &str| name.split_once('.').map(|(_, ending)| ending.to_owned());
        for (name, kept) in [
            ("pay01.acmebank.com.log", Some("log")),
            ("pay01.acme.log.1.gz", Some("log.1.gz")),
            ("acme.abc", Some("abc")),
            ("acme", None),
        ] {
            let other = of(name);
            assert!(
                other.starts_with("file-") && !other.contains("acme"),
                "{other}"
            );
            assert_eq!(ending(&other).as_deref(), kept, "{name}");
            assert_eq!(of(&other), other);
        }
        assert_eq!(of("server.log"), "server.log");
    }
}
