//! The level of the record with which an application prints an exception.

/// How loggers name levels, and whether one is for details only: Log4j, Logback and `SLF4J`, `java.util.logging`.
const LEVELS: [(&[u8], bool); 14] = [
    (b"ERROR", false),
    (b"FATAL", false),
    (b"WARN", false),
    (b"INFO", false),
    (b"DEBUG", true),
    (b"TRACE", true),
    (b"SEVERE", false),
    (b"WARNING", false),
    (b"CONFIG", false),
    (b"FINE", true),
    (b"FINER", true),
    (b"FINEST", true),
    (b"WRN", false),
    (b"DBG", true),
];

/// Whether a record's line is of a level for details: the first level that it names is its own.
pub(super) fn is_of_detail(line: &[u8]) -> bool {
    let mut words = line.split(|byte| !byte.is_ascii_alphanumeric());
    words
        .find_map(|word| LEVELS.iter().find(|(level, _)| *level == word))
        .is_some_and(|(_, detail)| *detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_level_of_a_line_is_its_own() {
        for (line, expected) in [
            (
                "09:01:02.333 [main] DEBUG i.n.u.Unsafe - unavailable: off",
                true,
            ),
            (
                "2026-01-31T09:01:02Z TRACE 47 --- [main] c.a.Orders : WARN",
                true,
            ),
            ("FINE: no native transport", true),
            ("[DEBUG][main] c.a.Orders: no", true),
            ("09:01:02.333 [main] ERROR c.a.Orders - DEBUG is off", false),
            ("java: the DEBUGGER has left", false),
            ("call failed", false),
            ("", false),
        ] {
            assert_eq!(is_of_detail(line.as_bytes()), expected, "{line}");
        }
    }
}
