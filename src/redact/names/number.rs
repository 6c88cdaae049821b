//! Serial numbers and key identifiers, and what stands in for them, in the ways they are spelled.

use super::{super::dump, Tokens};

/// Digits of `stand_in` with the colons and the case of `number`.
pub(in crate::redact) fn spelled_like(number: &str, stand_in: &str) -> String {
    let upper = number.bytes().any(|byte| byte.is_ascii_uppercase());
    let mut digits = stand_in.chars();
    number
        .chars()
        .map(|c| {
            if !c.is_ascii_hexdigit() {
                return c;
            }
            let digit = digits.next().unwrap_or('0');
            if upper {
                digit.to_ascii_uppercase()
            } else {
                digit
            }
        })
        .collect()
}

/// The number in decimal.
pub(super) fn decimal(hex: &str) -> Option<String> {
    const MOST: usize = 64;
    if hex.len() > MOST {
        return None;
    }
    // digits of the number to base 10^9, the lowest first
    let mut parts = vec![0_u64];
    for digit in hex.chars() {
        let mut carry = u64::from(digit.to_digit(16)?);
        for part in &mut parts {
            carry += *part * 16;
            *part = carry % 1_000_000_000;
            carry /= 1_000_000_000;
        }
        if carry > 0 {
            parts.push(carry);
        }
    }
    let highest = parts.pop()?.to_string();
    let others = parts.iter().rev().map(|part| format!("{part:09}"));
    Some(std::iter::once(highest).chain(others).collect())
}

/// A key identifier in hex: row by row, as dumps print it.
pub(in crate::redact) fn key_id(id: &str, tokens: &Tokens) -> String {
    if tokens.is_given_number(id) {
        return id.to_owned();
    }
    let stand_in: String = match data_encoding::HEXLOWER_PERMISSIVE.decode(id.as_bytes()) {
        Ok(bytes) => bytes
            .chunks(dump::ROW)
            .map(|row| data_encoding::HEXLOWER.encode(&tokens.bytes(row)))
            .collect(),
        Err(_) => tokens.digits(id),
    };
    tokens.give_number(&stand_in);
    stand_in
}
