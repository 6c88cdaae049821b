//! Words that are nobody's name: those of the tool, of JSSE and of the JDK.

use std::sync::LazyLock;

use super::Set;
use crate::diagnose::RULES;

/// Words of the tool and of JSSE. A name made of them alone cannot be told from what is said about it.
static VOCABULARY: LazyLock<Set> = LazyLock::new(|| {
    let docs = RULES
        .iter()
        .flat_map(|rule| [rule.docs(), rule.summary(), rule.name()]);
    docs.chain([JSSE_WORDS])
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
});

/// Words of logs that are not in the rules' texts.
const JSSE_WORDS: &str = "adding all alg algorithm alias alive allow anchor bytes cache cached called certsign chain choosing crl crlsign \
    client close closed closing closure compression consuming context cookie countdown curve debug default description duplex error \
    exec extension fatal fine finer finest finished found group groups handler handling hello hit http https identity ignore \
    ignored ignoring info initialized inbound issuer java javax jsse key keep keylimit keystore length level limit list listener local log \
    logger main manager matching message named negotiated network new nio none null number outbound params parameters peer pool port produced \
    produced protocol provider public random raw read received receiver remote reproduced request response resumed sealed secure selected \
    self send sender sent serial server session sessions severe signature size socket specifics ssl start state status stderr stdout \
    stream subject suite suites supported system task test thread ticket time timer tls trace trigger trust trusted truststore type \
    underlying unknown unsupported update use user valid value version wait warning web worker write writer x509";

fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// Nothing but words of the tool and numbers.
pub(in crate::redact) fn is_language(name: &str) -> bool {
    words(name).all(|word| {
        word.bytes().all(|byte| byte.is_ascii_digit()) || VOCABULARY.contains(&word.to_lowercase())
    })
}

/// Beginnings of what JSSE itself says: nobody's name, whatever a log calls itself.
const RESERVED: [&str; 17] = [
    "java.",
    "javax.",
    "sun.",
    "com.sun.",
    "jdk.",
    "com.ibm.",
    "org.bouncycastle.",
    "org.openjsse.",
    "tls_",
    "ssl_",
    "tlsv",
    "sslv",
    "dtlsv",
    "sha",
    "pkcs",
    "x509",
    "0000",
];

pub(in crate::redact) fn is_reserved(name: &str) -> bool {
    let name = name.to_lowercase();
    let source = |end: &str| {
        name.strip_suffix(end)
            .is_some_and(|front| !front.contains('.'))
    };
    RESERVED.iter().any(|beginning| name.starts_with(beginning))
        || source(".java")
        || ["java", "javax", "sun"].contains(&name.as_str())
}

/// Not to be mistaken for anything else, wherever it stands.
pub(super) fn is_distinctive(name: &str) -> bool {
    const SHORTEST: usize = 4;
    let has_letters = name.chars().any(char::is_alphabetic);
    let numbered = name.len() > SHORTEST && name.bytes().any(|byte| byte.is_ascii_digit());
    name.len() >= SHORTEST && has_letters && !is_reserved(name) && (numbered || !is_language(name))
}

/// Threads of which the name tells nothing: the JDK names them so, or it is a word of the trade.
pub(in crate::redact) fn is_plain_thread(name: &str) -> bool {
    let of_jdk = ["Thread-", "pool-", "ForkJoinPool", "Keep-Alive-"];
    // what is not a single word may be the request that the thread works on
    let is_word = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    let by_jdk = |beginning: &&str| {
        name.strip_prefix(*beginning)
            .is_some_and(|rest| is_language(&rest.replace("commonPool", "")))
    };
    // Thread-10.0.0.1
    let has_address = name.matches('.').count() > 2;
    is_word && !has_address && (is_language(name) || of_jdk.iter().any(by_jdk))
}
