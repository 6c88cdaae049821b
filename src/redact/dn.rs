//! Distinguished names: found in a text, taken apart, rebuilt with other values.
//!
//! Each value has its own token, so that issuer and subject still fit, and two names of one organisation still show
//! it. Names of public authorities and of boxes that intercept TLS stay: they are nobody's secret, and the diagnosis
//! is about them.

use std::ops::Range;

use super::{host, tokens::Tokens};
use crate::diagnose;

/// Kinds of attributes, and what a value of them is called.
const KINDS: [(&str, &str); 26] = [
    ("CN", "subject"),
    ("OU", "unit"),
    ("O", "org"),
    ("L", "place"),
    ("ST", "place"),
    ("S", "place"),
    ("STREET", "place"),
    ("C", ""),
    ("DC", "dc"),
    ("E", "mail"),
    ("EMAIL", "mail"),
    ("EMAILADDRESS", "mail"),
    ("SERIALNUMBER", "number"),
    ("UID", "user"),
    ("T", "title"),
    ("SN", "person"),
    ("SURNAME", "person"),
    ("GN", "person"),
    ("GIVENNAME", "person"),
    ("DNQ", "number"),
    ("DNQUALIFIER", "number"),
    ("POSTALCODE", "number"),
    ("POSTALADDRESS", "place"),
    ("BUSINESSCATEGORY", ""),
    ("NAME", "person"),
    ("PHONE", "number"),
];

/// One `CN=…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribute {
    /// With its value.
    pub(super) whole: Range<usize>,
    /// The value, quotes left out.
    pub(super) value: Range<usize>,
    /// What values of this kind are called; empty where they stay.
    pub(super) label: &'static str,
}

/// The distinguished name that begins at `start`, if one does.
pub(super) fn at(text: &str, start: usize) -> Option<Vec<Attribute>> {
    let mut attributes = vec![attribute(text, start, false)?];
    loop {
        let end = attributes.last()?.whole.end;
        let rest = &text[end..];
        let blanks = |rest: &str| rest.len() - rest.trim_start_matches(' ').len();
        let before = blanks(rest);
        let Some(behind) = rest[before..].strip_prefix([',', '+', ';']) else {
            break;
        };
        let next = end + before + 1 + blanks(behind);
        match attribute(text, next, true) {
            Some(attribute) => attributes.push(attribute),
            None => break,
        }
    }
    let kind = |attribute: &Attribute| {
        text[attribute.whole.clone()]
            .split('=')
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase()
    };
    let says_so = |attribute: &Attribute| {
        ["CN", "OU", "DC", "EMAILADDRESS"].contains(&kind(attribute).as_str())
    };
    (attributes.len() > 1 || says_so(&attributes[0]) || kind(&attributes[0]) == "O")
        .then_some(attributes)
}

/// `CN=value` at `start`; behind another attribute, `o=value` is one, too.
fn attribute(text: &str, start: usize, behind: bool) -> Option<Attribute> {
    const LONGEST: usize = 64;
    let rest = text.get(start..)?;
    let equals = rest.bytes().take(LONGEST).position(|byte| byte == b'=')?;
    let kind = &rest[..equals];
    let known = KINDS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(kind));
    let label = match known {
        // `c=`, `t=` and the like are anything
        Some((name, label))
            if name.len() > 1 || behind || kind.bytes().all(|byte| byte.is_ascii_uppercase()) =>
        {
            *label
        }
        None if is_oid(kind) => "value",
        _ => return None,
    };
    let at = start + equals + 1;
    let value = value(text, at)?;
    let quoted = value.end < text.len() && value.start > at;
    let end = value.end
        + if quoted {
            closing(&text[value.end..])
        } else {
            0
        };
    Some(Attribute {
        whole: start..end,
        value,
        label,
    })
}

fn is_oid(kind: &str) -> bool {
    let number = kind.strip_prefix("OID.").unwrap_or(kind);
    number.contains('.')
        && number
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Where the value lies: inside quotes, or up to what ends a name.
fn value(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = text.get(at..)?;
    for quote in ["\\\"", "\""] {
        if let Some(inside) = rest.strip_prefix(quote) {
            let end = inside.find(quote).or_else(|| inside.find('"'));
            // an empty value, and the quote is that of the whole name
            if let Some(end) = end.filter(|end| *end > 0) {
                let start = at + quote.len();
                return Some(start..start + end);
            }
            return Some(at..at);
        }
    }
    let mut end = rest.len();
    let mut before = ' ';
    for (index, character) in rest.char_indices() {
        let ends = match character {
            '"' | '>' | '<' | ']' | ';' | '\n' | '\r' | '|' | '`' | '·' | '}' => true,
            // `Let's Encrypt`
            '\'' => !rest[index + 1..].starts_with(char::is_alphanumeric),
            ',' | '+' => before != '\\',
            '\\' => rest[index + 1..].starts_with(['"', 'n', 'r']),
            // `O=Acme (Europe)` has its own
            ')' => rest[..index].matches('(').count() <= rest[..index].matches(')').count(),
            ' ' => before == ':' || rest[index..].starts_with(" - "),
            _ => false,
        };
        if ends {
            end = if before == ':' && character == ' ' {
                index - 1
            } else {
                index
            };
            break;
        }
        before = character;
    }
    let value = rest[..end].trim_end();
    Some(at..at + value.len())
}

fn closing(rest: &str) -> usize {
    if rest.starts_with("\\\"") {
        2
    } else {
        usize::from(rest.starts_with('"'))
    }
}

/// Words of a common name that the diagnosis reads, or that tell what it is for.
const MEANING: [&str; 10] = [
    "root",
    "ca",
    "intermediate",
    "issuing",
    "sub",
    "subordinate",
    "authority",
    "default",
    "fake",
    "self",
];
/// Beginnings of words by which the diagnosis knows authorities that inspect.
const INSPECTS: [&str; 6] = [
    "inspect",
    "intercept",
    "decrypt",
    "mitm",
    "proxy",
    "firewall",
];

/// Words in the organisations of public authorities.
const AUTHORITIES: [&str; 44] = [
    "digicert",
    "let's encrypt",
    "internet security research",
    "isrg",
    "globalsign",
    "sectigo",
    "comodo",
    "usertrust",
    "entrust",
    "godaddy",
    "starfield",
    "amazon",
    "google trust services",
    "microsoft corporation",
    "baltimore",
    "cybertrust",
    "verisign",
    "symantec",
    "geotrust",
    "thawte",
    "rapidssl",
    "quovadis",
    "identrust",
    "digital signature trust",
    "actalis",
    "buypass",
    "certum",
    "unizeto",
    "asseco",
    "d-trust",
    "t-systems",
    "telekom security",
    "swisssign",
    "ssl corporation",
    "ssl.com",
    "certigna",
    "dhimyotis",
    "harica",
    "hellenic academic",
    "trustwave",
    "securetrust",
    "zerossl",
    "affirmtrust",
    "xramp",
];

/// A word in the names of public authorities, or of a box that intercepts TLS.
pub(super) fn is_everybodys(word: &str) -> bool {
    AUTHORITIES
        .iter()
        .any(|name| name.split([' ', '.', '\'']).any(|one| one == word))
        || diagnose::names_a_product(word)
}

/// The name of a public authority: by its organisation, and its common name is no host's.
pub(super) fn is_public_authority(text: &str, attributes: &[Attribute]) -> bool {
    let of = |label: &str| {
        let mut found = attributes
            .iter()
            .filter(|attribute| attribute.label == label);
        found
            .next()
            .map(|attribute| text[attribute.value.clone()].to_lowercase())
    };
    let is_known = |name: &str| AUTHORITIES.iter().any(|words| name.contains(words));
    let common = of("subject");
    let is_host = common
        .as_deref()
        .is_some_and(|name| host::is_dotted(name) || name.contains('@'));
    let owner = of("org").or(common);
    !is_host && owner.is_some_and(|owner| is_known(&owner))
}

/// What stands in for a value; `is_host`: something said that it is the name of a host.
pub(super) fn stand_in(value: &str, label: &'static str, is_host: bool, tokens: &Tokens) -> String {
    let first = value.split(' ').next().unwrap_or(value);
    if label.is_empty()
        || value.is_empty()
        || tokens.is_given(first)
        || says_no_name_came(value)
        || diagnose::names_a_product(value)
    {
        return value.to_owned();
    }
    if label == "mail" || value.contains('@') && label == "subject" {
        return mail(value, tokens);
    }
    if label == "subject" {
        if let Ok(address) = value.parse() {
            return tokens.address(address).to_string();
        }
        if is_host || host::is_dotted(value) || host::is_nobodys(value) {
            return host::stand_in(value, tokens);
        }
    }
    // an organisation is the same in any case
    let mut out = if label == "org" {
        tokens.word(label, &value.to_lowercase()).to_string()
    } else {
        tokens.word(label, value).to_string()
    };
    // `Lab Root CA`: that it is a root is worth knowing
    for word in value.split(|c: char| !c.is_alphanumeric()) {
        let lower = word.to_lowercase();
        let inspects = INSPECTS
            .iter()
            .find(|beginning| lower.starts_with(**beginning));
        if let Some(beginning) = inspects {
            out.push(' ');
            out += beginning;
        } else if label == "subject" && MEANING.contains(&lower.as_str()) {
            out.push(' ');
            out += word;
        }
    }
    out
}

/// Hosts of many sites say so in the certificate that they show to clients that name none.
fn says_no_name_came(value: &str) -> bool {
    let value = value.to_lowercase();
    ["no-sni", "no sni", "without sni", "sni missing"]
        .iter()
        .any(|words| value.contains(words))
}

/// `user-12ab@host-7f3a.example`
pub(super) fn mail(address: &str, tokens: &Tokens) -> String {
    let (user, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let user = tokens.word("user", user);
    if domain.is_empty() {
        return user.to_string();
    }
    format!("{user}@{}", host::stand_in(domain, tokens))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<&str> {
        let found = at(text, 0).unwrap_or_default();
        found
            .into_iter()
            .map(|attribute| &text[attribute.value])
            .collect()
    }

    #[test]
    fn names_are_taken_apart() {
        assert_eq!(
            values("CN=api.acme.com, OU=IT, O=Acme"),
            ["api.acme.com", "IT", "Acme"]
        );
        assert_eq!(
            values("O=\"Acme, Inc.\", C=US\" rest"),
            ["Acme, Inc.", "US"]
        );
        assert_eq!(
            values("O=\\\"Acme, Inc.\\\", C=US\\\""),
            ["Acme, Inc.", "US"]
        );
        assert_eq!(values("CN=Lab Root CA>"), ["Lab Root CA"]);
        assert_eq!(values("CN=x, was not sent"), ["x"]);
        assert_eq!(values("CN=a+OU=b,O=c]"), ["a", "b", "c"]);
        assert_eq!(values("CN=Acme (Europe), O=x) was"), ["Acme (Europe)", "x"]);
        assert_eq!(values("CN=gone: unable to find"), ["gone"]);
        assert_eq!(values("CN="), [""]);
        assert_eq!(values("CN=\""), [""]);
        assert_eq!(values("OID.2.5.4.97=VAT-1, CN=x"), ["VAT-1", "x"]);
        for no_name in ["T=5", "a=b", "L=3 items", "", "=", "CN", "cn"] {
            assert!(values(no_name).is_empty(), "{no_name}");
        }
    }

    #[test]
    fn public_authorities_and_what_calls_itself_like_them() {
        let is_public = |text: &str| is_public_authority(text, &at(text, 0).unwrap());
        assert!(is_public(
            "CN=DigiCert TLS RSA SHA256 2020 CA1, O=DigiCert Inc, C=US"
        ));
        assert!(is_public("CN=R3, O=Let's Encrypt, C=US"));
        assert!(!is_public("CN=www.digicert.com, O=DigiCert Inc"));
        assert!(!is_public("CN=Acme Root CA, O=Acme"));
    }

    #[test]
    fn what_a_value_is_for_is_still_to_be_seen() {
        let tokens = Tokens::random().unwrap();
        let of = |value: &str| stand_in(value, "subject", false, &tokens);
        assert!(of("Acme Root CA").ends_with(" Root CA"));
        assert!(of("Acme Web Proxyserver").ends_with(" proxy"));
        assert_eq!(of("fallback-no-sni"), "fallback-no-sni");
        assert!(of("*.acme.com").starts_with("*.host-"));
        assert!(of("203.0.114.9").parse::<std::net::IpAddr>().is_ok());
        assert!(of("bob@acme.com").contains('@'));
        assert_eq!(of("Zscaler Root CA"), "Zscaler Root CA");
        assert_eq!(stand_in("DE", "", false, &tokens), "DE");
    }
}
