//! Names of authorities that boxes make, and which hosts belong to one owner.

use crate::search::holds;

/// What a name says about its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// A product that inspects TLS.
    Product(&'static str),
    /// A word for it.
    Word(&'static str),
}

/// Names that stand in the authorities of inspecting products, in lower case. Vendors that also run
/// public authorities are named by the product alone.
const PRODUCTS: [(&str, &str); 33] = [
    ("zscaler", "Zscaler"),
    ("netskope", "Netskope"),
    ("goskope", "Netskope"),
    ("fortigate", "FortiGate"),
    ("fortinet", "Fortinet"),
    ("blue coat", "Blue Coat"),
    ("bluecoat", "Blue Coat"),
    ("proxysg", "Blue Coat ProxySG"),
    ("cisco umbrella", "Cisco Umbrella"),
    ("opendns", "Cisco Umbrella"),
    ("forcepoint", "Forcepoint"),
    ("websense", "Websense"),
    ("mcafee web gateway", "McAfee Web Gateway"),
    ("skyhigh", "Skyhigh Web Gateway"),
    ("barracuda", "Barracuda"),
    ("watchguard", "WatchGuard"),
    ("fireware", "WatchGuard"),
    ("sonicwall", "SonicWall"),
    ("sophos", "Sophos"),
    ("palo alto networks", "Palo Alto Networks"),
    ("iboss", "iboss"),
    ("menlo security", "Menlo Security"),
    ("gateway ca - cloudflare", "Cloudflare Gateway"),
    ("smoothwall", "Smoothwall"),
    ("kaspersky", "Kaspersky"),
    ("bitdefender", "Bitdefender"),
    ("eset ssl filter", "ESET"),
    ("web/mail shield", "Avast or AVG"),
    ("mitmproxy", "mitmproxy"),
    ("charles proxy", "Charles"),
    ("fiddlerroot", "Fiddler"),
    ("portswigger", "Burp Suite"),
    ("zed attack proxy", "ZAP"),
];

/// Words of authorities that inspect, as they begin.
const WORDS: [&str; 6] = [
    "inspect",
    "intercept",
    "decrypt",
    "mitm",
    "proxy",
    "firewall",
];

/// What a distinguished name says about its owner.
pub(super) fn sign_of(name: &str) -> Option<Sign> {
    let name = name.to_lowercase();
    if let Some((_, product)) = PRODUCTS.iter().find(|(words, _)| holds(&name, words)) {
        return Some(Sign::Product(product));
    }
    let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).collect();
    let begins = |beginning: &&&str| words.iter().any(|word| word.starts_with(**beginning));
    WORDS.iter().find(begins).map(|word| Sign::Word(word))
}

/// What tells the owner of a host: the label in front of the public suffix (`api.acme.co.uk`: `acme`). So
/// `acme.com` and `acme.net` are taken for one owner's. `None` for addresses and names without a dot.
pub(super) fn site_of(host: &str) -> Option<String> {
    let host = host
        .trim_end_matches('.')
        .trim_start_matches("*.")
        .to_lowercase();
    if crate::diagnose::host::is_address(&host) {
        return None;
    }
    let labels: Vec<&str> = host.split('.').collect();
    let [.., third, second, last] = labels[..] else {
        let [name, _] = labels[..] else { return None };
        return Some(name.to_owned());
    };
    // co.uk, com.au, gv.at: two labels that belong to nobody
    let wide = last.len() == 2 && second.len() <= 3;
    Some(if wide { third } else { second }.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_and_words_are_known_by_their_names() {
        let zscaler = "CN=Zscaler Intermediate Root CA (zscaler.net), O=Zscaler Inc.";
        assert_eq!(sign_of(zscaler), Some(Sign::Product("Zscaler")));
        assert_eq!(
            sign_of("CN=Acme SSL Decryption, O=Acme"),
            Some(Sign::Word("decrypt"))
        );
        for authority in [
            "CN=Cloudflare Inc ECC CA-3, O=\"Cloudflare, Inc.\", C=US",
            "CN=Symantec Class 3 Secure Server CA - G4, O=Symantec Corporation",
            "CN=Lab Issuing CA 1, O=Example Lab, C=XX",
        ] {
            assert_eq!(sign_of(authority), None, "{authority}");
        }
    }

    #[test]
    fn hosts_of_one_owner_are_one_site() {
        let site = |host| site_of(host).unwrap_or_default();
        assert_eq!(site("api.acme.com"), site("www.shop.acme.net"));
        assert_eq!(site("api.acme.co.uk"), "acme");
        assert_ne!(site("api.lab.example"), site("www.shop.example"));
        assert_eq!(site_of("10.0.0.1"), None);
        assert_eq!(site_of("localhost"), None);
    }
}
