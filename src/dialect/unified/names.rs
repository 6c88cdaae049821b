//! Distinguished names that the log prints in one list: the commas inside a name and between names are
//! the same.

/// Cuts `CN=a, O=b, CN=c` into names. Within a name, attributes run from special to general (`CN … O
/// … C`) or the other way round; a step against that direction begins the next name.
pub(super) fn split_distinguished_names(list: &[u8]) -> Vec<&[u8]> {
    let mut names = Vec::new();
    let mut start = 0;
    let (mut previous, mut grows) = (None, None);
    for (at, rank) in attributes(list) {
        if let Some(last) = previous {
            let turns = match grows {
                Some(true) => rank < last,
                Some(false) => rank > last,
                None => false,
            };
            let repeats = rank == last && !matches!(rank, RANK_UNIT | RANK_PLACE | RANK_COMPONENT);
            if turns || repeats {
                names.push(
                    list[start..at]
                        .strip_suffix(b", ")
                        .unwrap_or(&list[start..at]),
                );
                (start, grows) = (at, None);
            } else if rank != last {
                grows = Some(rank > last);
            }
        }
        previous = Some(rank);
    }
    if start < list.len() {
        names.push(&list[start..]);
    }
    names
}

/// Where attributes begin outside quotes, and how general each is.
fn attributes(list: &[u8]) -> impl Iterator<Item = (usize, u8)> + '_ {
    let mut quoted = false;
    (0..list.len()).filter_map(move |at| {
        if list[at] == b'"' {
            quoted = !quoted;
        }
        let begins = at == 0 || (!quoted && list[..at].ends_with(b", "));
        attribute_rank(&list[at..])
            .filter(|_| begins)
            .map(|rank| (at, rank))
    })
}

const RANK_UNIT: u8 = 3;
const RANK_PLACE: u8 = 5;
const RANK_COMPONENT: u8 = 8;

/// How general an attribute type is; `None` when the text does not begin with one.
fn attribute_rank(text: &[u8]) -> Option<u8> {
    let at = text.iter().take(32).position(|&b| b == b'=')?;
    Some(match &text[..at] {
        b"EMAILADDRESS" => 1,
        b"CN" => 2,
        b"OU" => RANK_UNIT,
        b"O" => 4,
        b"L" | b"STREET" | b"ST" => RANK_PLACE,
        b"C" => 7,
        b"DC" => RANK_COMPONENT,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_one_list_are_told_apart_in_either_direction() {
        let split = |list: &str| {
            let names = split_distinguished_names(list.as_bytes());
            names
                .iter()
                .map(|name| String::from_utf8_lossy(name).into_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            split("C=DE, O=Atos, CN=Atos TrustedRoot 2011, C=US, O=X, CN=Y"),
            ["C=DE, O=Atos, CN=Atos TrustedRoot 2011", "C=US, O=X, CN=Y"]
        );
        assert_eq!(
            split("CN=a, L=Muenchen, ST=Bayern, C=DE, CN=b"),
            ["CN=a, L=Muenchen, ST=Bayern, C=DE", "CN=b"]
        );
        assert_eq!(
            split("CN=a, ST=Bayern, L=Muenchen, C=DE"),
            ["CN=a, ST=Bayern, L=Muenchen, C=DE"]
        );
    }
}
