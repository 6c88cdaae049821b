//! Host names: what looks like one, and what stands in for it.
//!
//! `api.acme.com` becomes `sub-12ab.host-7f3a.example`: the domain that belongs to somebody has one token, each label
//! in front of it another, so that names of one owner, depth and wildcards are still to be seen.

use super::tokens::Tokens;

/// Names that tell nothing.
pub(super) fn is_nobodys(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    host.is_empty()
        || [
            "localhost",
            "localhost.localdomain",
            "localhost4",
            "localhost6",
            "unknown",
        ]
        .iter()
        .any(|name| host.eq_ignore_ascii_case(name))
}

/// What stands in for a host name, or for the pattern of a certificate.
pub(super) fn stand_in(host: &str, tokens: &Tokens) -> String {
    if is_nobodys(host) {
        return host.to_owned();
    }
    let dot = if host.ends_with('.') { "." } else { "" };
    let name = host.trim_end_matches('.').to_lowercase();
    let (star, name) = match name.strip_prefix("*.") {
        Some(name) => ("*.", name),
        None => ("", name.as_str()),
    };
    let domain = domain_of(name);
    let front = name[..name.len() - domain.len()].trim_end_matches('.');
    let mut out = star.to_owned();
    for label in front.split('.').filter(|label| !label.is_empty()) {
        out += &*tokens.word(prefix(label, "sub"), label);
        out.push('.');
    }
    let redacted = domain
        .strip_suffix(".example")
        .filter(|name| tokens.is_given(name));
    out += &*tokens.word(prefix(domain, "host"), redacted.unwrap_or(domain));
    if domain.contains('.') {
        out += ".example";
    }
    out + dot
}

/// An underscore is a fault in a host name, so it stays one.
fn prefix(label: &str, plain: &'static str) -> &'static str {
    match (label.contains('_'), plain) {
        (false, plain) => plain,
        (true, "sub") => "sub_",
        (true, _) => "host_",
    }
}

/// The part of a lower-case name that belongs to somebody: `acme.com`, `acme.co.uk`.
pub(super) fn domain_of(name: &str) -> &str {
    let mut dots = name.rmatch_indices('.').map(|(at, _)| at);
    let (last, second, third) = (dots.next(), dots.next(), dots.next());
    let Some(last) = last else { return name };
    // co.uk, com.au, gv.at: two labels that belong to nobody
    let wide = second.is_some_and(|second| name.len() - last - 1 == 2 && last - second - 1 <= 3);
    match (wide, second, third) {
        (true, _, Some(third)) => &name[third + 1..],
        (true, ..) | (false, None, _) => name,
        (false, Some(second), _) => &name[second + 1..],
    }
}

/// Labels at the end of host names. Those of countries have two letters; what is as often the ending of a file or the
/// end of a package's name is left out.
const ENDS: [&str; 58] = [
    "com",
    "net",
    "org",
    "edu",
    "gov",
    "mil",
    "int",
    "info",
    "biz",
    "arpa",
    "cloud",
    "app",
    "dev",
    "tech",
    "online",
    "site",
    "store",
    "shop",
    "bank",
    "company",
    "group",
    "services",
    "systems",
    "local",
    "internal",
    "intranet",
    "intra",
    "corp",
    "lan",
    "home",
    "private",
    "example",
    "test",
    "localdomain",
    "prod",
    "prd",
    "preprod",
    "stage",
    "staging",
    "uat",
    "qa",
    "tst",
    "dmz",
    "ad",
    "vpn",
    "office",
    "domain",
    "priv",
    "loc",
    "intern",
    "cluster",
    "svc",
    "zone",
    "mgmt",
    "infra",
    "swiss",
    "gmbh",
    "versicherung",
];
const NO_COUNTRIES: [&str; 22] = [
    "sh", "py", "pl", "so", "rs", "md", "cc", "ps", "sc", "gz", "xz", "js", "ts", "kt", "go", "vm",
    "rb", "db", "cs", "hs", "bz", "id",
];
/// Package names begin so.
const PACKAGES: [&str; 20] = [
    "java", "javax", "jakarta", "sun", "jdk", "com", "org", "net", "io", "de", "edu", "gov",
    "kotlin", "scala", "groovy", "jss", "openjdk", "logback", "log4j", "oracle",
];
/// What the tool, the JDK and public authorities name themselves is no secret.
const PUBLIC: [&str; 46] = [
    "openjdk.org",
    "java.net",
    "java.com",
    "oracle.com",
    "ietf.org",
    "rfc-editor.org",
    "w3.org",
    "ibm.com",
    "github.com",
    "adoptium.net",
    "bouncycastle.org",
    "microsoft.com",
    "nist.gov",
    "mitre.org",
    "wireshark.org",
    "openssl.org",
    "docker.com",
    "freedesktop.org",
    "tanukisoftware.com",
    "gitlab.com",
    "jenkins.io",
    "apache.org",
    "spring.io",
    "digicert.com",
    "letsencrypt.org",
    "lencr.org",
    "globalsign.com",
    "globalsign.net",
    "sectigo.com",
    "usertrust.com",
    "comodoca.com",
    "pki.goog",
    "amazontrust.com",
    "entrust.net",
    "godaddy.com",
    "starfieldtech.com",
    "quovadisglobal.com",
    "identrust.com",
    "verisign.com",
    "symcb.com",
    "symcd.com",
    "geotrust.com",
    "thawte.com",
    "ssl.com",
    "certum.pl",
    "swisssign.net",
];

/// A name of the tool's own field, or of a public authority.
pub(super) fn is_public(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    PUBLIC.contains(&domain_of(&name))
}

/// Letters, digits and hyphens between dots, at least one dot: it can be a host name as far as the characters go.
pub(super) fn is_dotted(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let name = name.strip_prefix("*.").unwrap_or(name);
    name.contains('.')
        && name.len() <= 253
        && name.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && label.bytes().all(|byte| {
                    byte.is_ascii_alphanumeric() || b"-_".contains(&byte) || byte >= 0x80
                })
        })
        && !name
            .rsplit('.')
            .next()
            .is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A dotted name that stands by itself and is a host's, as far as one can see: no class, no package, no file.
pub(super) fn looks_like_host(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let name = name.strip_prefix("*.").unwrap_or(name);
    if !is_dotted(name) {
        return false;
    }
    if !name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return is_lower_host(name);
    }
    spells_like_host(name) && is_lower_host(&name.to_ascii_lowercase())
}

/// Ends where host names end.
fn is_lower_host(name: &str) -> bool {
    let (Some(first), Some(last)) = (name.split('.').next(), name.rsplit('.').next()) else {
        return false;
    };
    let is_end = ENDS.contains(&last)
        || last.len() == 2
            && last.bytes().all(|byte| byte.is_ascii_lowercase())
            && !NO_COUNTRIES.contains(&last);
    is_end && !PACKAGES.contains(&first)
}

/// Capitals as people write hosts with them, `PAY.ACME.COM`, `Pay.Acme.Com`, `Pay.acme.com`; not as Java does, where a
/// capital begins a class and small letters a package or a method: `Level.INFO`, `Foo.test`.
fn spells_like_host(name: &str) -> bool {
    const SURE: [&str; 7] = ["com", "net", "org", "edu", "gov", "corp", "local"];
    let is_upper = |label: &str| !label.bytes().any(|byte| byte.is_ascii_lowercase());
    let is_capital = |label: &str| {
        let mut letters = label.bytes();
        letters
            .next()
            .is_some_and(|first| !first.is_ascii_lowercase())
            && !letters.any(|byte| byte.is_ascii_uppercase())
    };
    let count = name.split('.').count();
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_sure = SURE.iter().any(|end| last.eq_ignore_ascii_case(end));
    let has_small_end = !last.bytes().any(|byte| byte.is_ascii_uppercase());
    name.split('.').all(is_upper)
        || (count > 2 || is_sure) && name.split('.').all(is_capital) && (is_sure || last.len() == 2)
        || has_small_end && (is_sure || count > 2 && last.len() == 2)
}

/// A dotted name in small letters with an end that nobody knows, `gw.acme.zrh`: a host's where nothing speaks for a
/// package, a property or a file.
pub(super) fn may_be_private(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let labels: Vec<&str> = name.split('.').collect();
    let (Some(first), Some(last)) = (labels.first(), labels.last()) else {
        return false;
    };
    labels.len() > 2
        && is_dotted(name)
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte))
        && (2..=5).contains(&last.len())
        && last.bytes().all(|byte| byte.is_ascii_lowercase())
        && !PACKAGES.contains(first)
        && !LIBRARIES.contains(first)
        && !FILES.contains(last)
}

/// Beginnings of packages and properties of what Java programs are made of.
const LIBRARIES: [&str; 38] = [
    "spring",
    "reactor",
    "okhttp3",
    "feign",
    "ch",
    "netty",
    "akka",
    "kafka",
    "hikari",
    "weblogic",
    "jboss",
    "wildfly",
    "tomcat",
    "catalina",
    "clojure",
    "hudson",
    "jenkins",
    "play",
    "zio",
    "cats",
    "android",
    "dalvik",
    "ssl",
    "server",
    "client",
    "java8",
    "junit",
    "retrofit2",
    "security",
    "management",
    "quarkus",
    "micronaut",
    "vertx",
    "camel",
    "watt",
    "wm",
    "log",
    "logging",
];

/// Ends of files.
const FILES: [&str; 44] = [
    "log",
    "gz",
    "xz",
    "bz2",
    "zst",
    "zip",
    "tar",
    "tgz",
    "txt",
    "jks",
    "p12",
    "pfx",
    "pem",
    "crt",
    "cer",
    "der",
    "key",
    "jar",
    "war",
    "ear",
    "xml",
    "json",
    "yaml",
    "yml",
    "conf",
    "cfg",
    "ini",
    "props",
    "policy",
    "java",
    "kt",
    "class",
    "properties",
    "out",
    "err",
    "html",
    "md",
    "csv",
    "so",
    "dll",
    "exe",
    "bat",
    "cmd",
    "bcfks",
];

/// Whether a name ends as files do.
pub(super) fn is_file(name: &str) -> bool {
    name.rsplit('.')
        .next()
        .is_some_and(|last| FILES.iter().any(|end| last.eq_ignore_ascii_case(end)))
}

/// A word that packages and libraries begin with.
pub(super) fn is_of_java(word: &str) -> bool {
    PACKAGES.contains(&word) || LIBRARIES.contains(&word)
}

/// The word of a domain that names its owner: `acme` of `acme.co.uk`.
pub(super) fn owner_of(domain: &str) -> Option<&str> {
    let owner = domain.split('.').next()?;
    (domain.contains('.') && !is_public(domain)).then_some(owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structure_survives() {
        let tokens = Tokens::random().unwrap();
        let of = |host: &str| stand_in(host, &tokens);
        let (api, wildcard, bare) = (of("api.acme.com"), of("*.acme.com"), of("acme.com"));
        assert_eq!(format!("*.{bare}"), wildcard);
        assert!(
            api.ends_with(&format!(".{bare}")) && api.matches('.').count() == 2,
            "{api}"
        );
        assert_eq!(
            of("API.Acme.com."),
            format!("{api}."),
            "case and the dot at the end mean nothing"
        );
        assert_eq!(of("a.b.acme.co.uk").matches('.').count(), 3);
        assert!(!of("tomcat").contains('.'));
        assert!(of("my_host").contains('_') && of("a_b.acme.com").contains('_'));
        assert_eq!(of("localhost"), "localhost");
        assert_ne!(of("acme.com"), of("acme.net"));
        for odd in ["", ".", "..", "*.", "a..b", "ä.example", "*"] {
            of(odd);
        }
    }

    #[test]
    fn hosts_and_what_only_looks_like_them() {
        for host in [
            "db7.acme.com",
            "ldap.acme.de",
            "*.lab.example",
            "a.corp",
            "x.svc.cluster.local",
            "GW.HYPO.COM",
            "Pay.Acmebank.Com.",
            "Pay.acmebank.com",
            "gw.hypo.prod",
        ] {
            assert!(looks_like_host(host), "{host}");
        }
        for other in [
            "sun.security.ssl.Alert",
            "java.lang",
            "javax.net",
            "server.log",
            "nginx.conf",
            "TLSv1.2",
            "2.5.29.19",
            "1.8.0",
            "start.sh",
            "lib.so",
            "org.apache.io",
            "Foo.java",
            "Level.INFO",
            "Logger.Info",
            "Foo.test",
            "System.in",
            "SSLSocketImpl.java",
            "sun.security.validator.ValidatorException",
            "JDK.TLS.CLIENT",
            "README.MD",
            "e.g",
            "",
        ] {
            assert!(!looks_like_host(other), "{other}");
            assert!(!may_be_private(other), "{other}");
        }
        assert!(may_be_private("q.acmebank.zrh"));
        assert!(is_public("bugs.openjdk.org") && !is_public("openjdk.org.acme.com"));
    }
}
