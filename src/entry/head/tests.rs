//! Columns of heads.

use super::*;

fn head(line: &[u8]) -> Option<Head<'_>> {
    let mut finder = HeadFinder::new();
    let columns = finder
        .next(line, 0)
        .filter(|columns| columns.stem.start == 0)?;
    let (line_end, second) = finder.line_end(line, &columns);
    Some(columns.head(line, line_end, second.is_some()))
}

#[test]
fn every_column_is_cut_out() {
    let line = b"javax.net.ssl|DEBUG|10 E3|main|2026-11-21 24:06:08.006 UTC|ClientHello.java:638|Produced ClientHello handshake message (\n";
    let head = head(line).unwrap();
    assert_eq!(head.level, b"DEBUG");
    assert_eq!(head.origin.thread, b"10 E3|main");
    assert_eq!(head.origin.thread_id_len, 5);
    assert_eq!(head.origin.zone, b"UTC");
    assert_eq!(head.caller, b"ClientHello.java:638");
    assert_eq!(head.message, b"Produced ClientHello handshake message");
    assert!(head.has_body);
    assert_eq!(head.len, line.len());
}

#[test]
fn a_thread_may_be_called_anything() {
    let named = |name: &str| {
        let line =
            format!("javax.net.ssl|FINE|01|{name}|2026-11-21 01:02:03.004 GMT-03:00|null:-1|x\r\n");
        let head = head(line.as_bytes()).unwrap();
        (
            String::from_utf8_lossy(&head.origin.thread[head.origin.thread_id_len + 1..])
                .into_owned(),
            head.message.to_vec(),
        )
    };
    for name in [
        "",
        "a|b",
        "pool (1)|2026-11-21",
        "two\nlines",
        "http-nio-8443-exec-1",
    ] {
        assert_eq!(named(name), (name.to_owned(), b"x".to_vec()));
    }
}

#[test]
fn text_that_only_looks_like_a_head_is_not_one() {
    assert!(head(b"javax.net.ssl|not a head\n").is_none());
    assert!(head(b"javax.net.ssl|DEBUG|01|main|2026-11-21 01:02:03 UTC|x\n").is_none());
    assert!(head(b"javax.net.ssl|DEBUG|01|ma").is_none());
}

#[test]
fn the_hour_after_midnight_is_24_of_the_same_date() {
    let midnight = parse_civil_time(b"2026-11-21 24:04:15.663 UTC").unwrap();
    assert_eq!(midnight, 20_778 * 86_400_000 + 255_663);
    assert_eq!(
        parse_civil_time(b"2026-11-21 23:59:59.999").unwrap() - midnight,
        86_144_336
    );
}
