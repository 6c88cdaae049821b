//! Host names against certificates: RFC 9525 §6, RFC 2818 §3.1, and the JDK's fallback to the CN.

use crate::event::Certificate;

use super::context::attribute;

/// How a certificate answers to a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameMatch {
    /// A SAN (or, without DNS SANs, the CN) matches.
    Matches,
    /// A wildcard is of the right domain, but covers one label only.
    WildcardTooShallow,
    /// The CN would match, but there are DNS SANs, and then the CN does not count.
    OnlyCommonName,
    /// There are no SANs of the needed kind at all.
    NoNamesOfThisKind,
    /// There are names, none of them this one.
    OtherNames,
}

/// Matches a host name or an address literal.
pub fn match_host(certificate: &Certificate, host: &str) -> NameMatch {
    let host = host.trim_end_matches('.');
    let names = certificate
        .subject_alternative_names
        .as_deref()
        .unwrap_or_default();
    if is_address(host) {
        let mut addresses = names
            .iter()
            .filter_map(|name| name.strip_prefix("IP:"))
            .peekable();
        if addresses.peek().is_none() {
            return NameMatch::NoNamesOfThisKind;
        }
        let matches = addresses.any(|address| same_address(address, host));
        return if matches {
            NameMatch::Matches
        } else {
            NameMatch::OtherNames
        };
    }
    let dns: Vec<&str> = names
        .iter()
        .filter_map(|name| name.strip_prefix("DNS:"))
        .collect();
    let common_name = attribute(&certificate.subject, "CN");
    if dns.is_empty() {
        return match common_name {
            Some(name) if matches_pattern(name, host) => NameMatch::Matches,
            _ => NameMatch::NoNamesOfThisKind,
        };
    }
    if dns.iter().any(|pattern| matches_pattern(pattern, host)) {
        NameMatch::Matches
    } else if dns.iter().any(|pattern| is_shallow(pattern, host)) {
        NameMatch::WildcardTooShallow
    } else if common_name.is_some_and(|name| matches_pattern(name, host)) {
        NameMatch::OnlyCommonName
    } else {
        NameMatch::OtherNames
    }
}

/// An IPv4 or IPv6 literal.
pub(crate) fn is_address(host: &str) -> bool {
    host.trim_matches(['[', ']'])
        .parse::<std::net::IpAddr>()
        .is_ok()
}

fn same_address(left: &str, right: &str) -> bool {
    let parse = |text: &str| {
        text.trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .ok()
    };
    parse(left).is_some() && parse(left) == parse(right)
}

/// Case-insensitive; `*` stands for exactly the leftmost label (RFC 9525 §6.3).
fn matches_pattern(pattern: &str, host: &str) -> bool {
    if let Some(domain) = pattern.strip_prefix("*.") {
        return host
            .split_once('.')
            .is_some_and(|(label, rest)| !label.is_empty() && rest.eq_ignore_ascii_case(domain));
    }
    pattern.eq_ignore_ascii_case(host)
}

/// `*.lab.example` does not cover `a.b.lab.example`.
fn is_shallow(pattern: &str, host: &str) -> bool {
    pattern.strip_prefix('*').is_some_and(|domain| {
        host.len() > domain.len()
            && host.is_char_boundary(host.len() - domain.len())
            && host[host.len() - domain.len()..].eq_ignore_ascii_case(domain)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(subject: &str, names: &[&str]) -> Certificate {
        Certificate {
            subject: subject.into(),
            subject_alternative_names: (!names.is_empty())
                .then(|| names.iter().map(|&name| name.into()).collect()),
            ..Certificate::default()
        }
    }

    #[test]
    fn wildcards_cover_one_label() {
        let wild = certificate("CN=x", &["DNS:*.lab.example"]);
        assert_eq!(match_host(&wild, "API.lab.example"), NameMatch::Matches);
        assert_eq!(
            match_host(&wild, "a.b.lab.example"),
            NameMatch::WildcardTooShallow
        );
        assert_eq!(match_host(&wild, "lab.example"), NameMatch::OtherNames);
        assert_eq!(match_host(&wild, "api.lab.example."), NameMatch::Matches);
    }

    #[test]
    fn the_common_name_counts_only_without_dns_names() {
        assert_eq!(
            match_host(&certificate("CN=a.example", &[]), "a.example"),
            NameMatch::Matches
        );
        assert_eq!(
            match_host(
                &certificate("CN=a.example", &["DNS:b.example"]),
                "a.example"
            ),
            NameMatch::OnlyCommonName
        );
    }

    #[test]
    fn addresses_need_an_address() {
        let with = certificate("CN=x", &["DNS:a.example", "IP:10.0.0.1"]);
        assert_eq!(match_host(&with, "10.0.0.1"), NameMatch::Matches);
        assert_eq!(match_host(&with, "10.0.0.2"), NameMatch::OtherNames);
        assert_eq!(
            match_host(&certificate("CN=10.0.0.1", &["DNS:10.0.0.1"]), "10.0.0.1"),
            NameMatch::NoNamesOfThisKind
        );
    }
}
