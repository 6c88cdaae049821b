//! What a word is by the words in front of it: Java, HTTP clients, LDAP and Oracle say where a host, a user or an
//! alias comes.

use std::sync::LazyLock;

/// What a word is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Called {
    Host,
    User,
    Alias,
    Database,
}

/// What comes behind these words, in whatever case.
const CUES: [(&str, Called); 67] = [
    ("name matching ", Called::Host),
    ("ip address matching ", Called::Host),
    ("unknownhostexception: ", Called::Host),
    ("host_name (0), value=", Called::Host),
    ("host_name: ", Called::Host),
    ("server_name: ", Called::Host),
    ("servername=", Called::Host),
    ("servername: ", Called::Host),
    ("server name: ", Called::Host),
    ("dnsname: ", Called::Host),
    ("hostname ", Called::Host),
    ("hostname=", Called::Host),
    ("hostname: ", Called::Host),
    ("hostname is ", Called::Host),
    ("host=", Called::Host),
    ("host = ", Called::Host),
    ("host: ", Called::Host),
    ("host:", Called::Host),
    ("to host ", Called::Host),
    ("for host ", Called::Host),
    ("from host ", Called::Host),
    ("of host ", Called::Host),
    ("peer host ", Called::Host),
    ("connect to ", Called::Host),
    ("connecting to ", Called::Host),
    ("connected to ", Called::Host),
    ("connection to ", Called::Host),
    ("certificate for ", Called::Host),
    ("resolve ", Called::Host),
    ("resolving ", Called::Host),
    ("service not known: ", Called::Host),
    ("no route to ", Called::Host),
    ("sni=", Called::Host),
    ("sni: ", Called::Host),
    ("user=", Called::User),
    ("user: ", Called::User),
    ("user = ", Called::User),
    ("username=", Called::User),
    ("username: ", Called::User),
    ("username = ", Called::User),
    ("user.name=", Called::User),
    ("user.name: ", Called::User),
    ("user_name=", Called::User),
    ("user name: ", Called::User),
    ("userid=", Called::User),
    ("userid: ", Called::User),
    ("user id: ", Called::User),
    ("login of user ", Called::User),
    ("login for user ", Called::User),
    ("logged in as ", Called::User),
    ("for user ", Called::User),
    ("of user ", Called::User),
    ("principal=", Called::User),
    ("principal: ", Called::User),
    ("principal is ", Called::User),
    ("principal name: ", Called::User),
    ("benutzer: ", Called::User),
    ("benutzername: ", Called::User),
    ("matching alias: ", Called::Alias),
    ("choosing key: ", Called::Alias),
    ("alias: ", Called::Alias),
    ("alias=", Called::Alias),
    ("key for : ", Called::Alias),
    ("alias name: ", Called::Alias),
    ("service_name=", Called::Database),
    ("(sid=", Called::Database),
    (" sid=", Called::Database),
];

/// What the word behind a text is, quotes and brackets in front of it left out.
pub(super) fn called(before: &str) -> Option<Called> {
    let bytes = before.as_bytes();
    // how all of them end: the rest of the log is not looked at
    let ends = |bytes: &[u8]| {
        matches!(
            bytes,
            [.., b'=' | b':']
                | [
                    ..,
                    b'g' | b'e' | b':' | b'o' | b't' | b'r' | b's' | b'=',
                    b' '
                ]
        )
    };
    let plain = match bytes {
        [front @ .., b'\\', b'"' | b'\''] | [front @ .., b'"' | b'\'' | b'<' | b'['] => {
            // "user": "bob"
            front
        }
        _ => bytes,
    };
    if !ends(plain) {
        return None;
    }
    let is_behind = |cue: &str| {
        let Some(start) = plain.len().checked_sub(cue.len()) else {
            return false;
        };
        plain[start..]
            .iter()
            .rev()
            .zip(cue.bytes().rev())
            .all(|(one, other)| one.to_ascii_lowercase() == other)
    };
    let last = sign(plain)?;
    BY_SIGN[usize::from(last)]
        .iter()
        .find(|(cue, _)| is_behind(cue))
        .map(|(_, called)| *called)
}

/// The last byte of a cue that is no blank.
fn sign(text: &[u8]) -> Option<u8> {
    text.strip_suffix(b" ").unwrap_or(text).last().copied()
}

/// The cues by their last sign: most words have to be compared with few.
static BY_SIGN: LazyLock<Vec<Vec<(&'static str, Called)>>> = LazyLock::new(|| {
    let of = |byte: u8| {
        let cues = CUES.iter().copied();
        cues.filter(|(cue, _)| sign(cue.as_bytes()) == Some(byte))
            .collect()
    };
    (0..=u8::MAX).map(of).collect()
});

/// Ports on which TLS and what it protects are spoken: what stands in front of one is a host.
const PORTS: [&str; 48] = [
    "80", "389", "443", "444", "465", "563", "587", "636", "853", "989", "990", "992", "993",
    "995", "1414", "1433", "1521", "1522", "2181", "2376", "2484", "3268", "3269", "3306", "3389",
    "5061", "5432", "5601", "5671", "5986", "6379", "6443", "6514", "7001", "7002", "8080", "8081",
    "8088", "8200", "8443", "8883", "9042", "9092", "9093", "9200", "9443", "10443", "27017",
];

/// `web1:8443`: a name, and a port on which hosts listen.
pub(super) fn listens(name: &str, port: &str) -> bool {
    let port = port.trim_start_matches(':');
    let numbered = name.bytes().any(|byte| byte.is_ascii_digit()) && port.len() >= 4;
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && (PORTS.contains(&port) || numbered && port.len() <= 5)
}

/// Whether a list of subject alternative names is open, as HTTP clients print them: `names: [web1, web2]`.
pub(super) fn is_in_list(before: &str) -> bool {
    before
        .rsplit_once('[')
        .is_some_and(|(front, list)| front.ends_with("names: ") && !list.contains(']'))
}

/// `/10.0.0.1:443`, `/2001:db8::1`, as Java prints a socket's address behind the name.
pub(super) fn is_followed_by_address(behind: &str) -> bool {
    behind.strip_prefix('/').is_some_and(|rest| {
        let rest = rest.strip_prefix('[').unwrap_or(rest);
        let end = rest
            .find(|c: char| !c.is_ascii_hexdigit() && c != '.' && c != ':')
            .unwrap_or(rest.len());
        let address = rest[..end].trim_end_matches(':');
        let without_port = address.rsplit_once(':').map_or(address, |(front, _)| front);
        address.parse::<std::net::IpAddr>().is_ok()
            || without_port.parse::<std::net::Ipv4Addr>().is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_stands_in_front_of_them() {
        for (before, what) in [
            ("SSLSocket[hostname=", Some(Called::Host)),
            ("Certificate for <", Some(Called::Host)),
            ("-Dhttps.proxyHost=", Some(Called::Host)),
            ("(ADDRESS=(HOST=", Some(Called::Host)),
            ("Login of user '", Some(Called::User)),
            ("matching alias: ", Some(Called::Alias)),
            ("(CONNECT_DATA=(SERVICE_NAME=", Some(Called::Database)),
            ("the certificate ", None),
            ("", None),
        ] {
            assert_eq!(called(before), what, "{before}");
        }
        assert!(is_in_list("any of the subject alternative names: [web1, "));
        assert!(!is_in_list("names: [a] "));
        assert!(
            is_followed_by_address("/10.0.0.1:443 x") && is_followed_by_address("/2001:db8::1")
        );
        assert!(!is_followed_by_address("/x") && !is_followed_by_address("10.0.0.1"));
        assert!(listens("web1", ":8443") && listens("tomcat", ":443"));
        assert!(!listens("Foo", ":1234") && !listens("12", ":443"));
    }
}
