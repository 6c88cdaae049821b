//! What a report that is about a part of a log says of that, in every format.

use super::words::counted;
use crate::report::{LeftOutView, Report, SelectionView};

/// What a reader has to know of the words that stand in place of names.
pub const TOKENS: &str = "Words such as host-1a2b stand for the names that were there: put the real ones in their place before you run a command.";
/// What whoever hands a report on has to know.
pub const LOOK: &str = "No program knows all names: look this report through before you send it.";

/// `the log`, `the 3 logs`
fn logs(inputs: usize) -> String {
    match inputs {
        1 => "the log".to_owned(),
        several => format!("the {several} logs"),
    }
}

/// `match the filter outcome:failed`; handshakes that were marked one by one have none.
fn met(selection: &SelectionView, is_one: bool) -> String {
    match (&selection.filter, is_one) {
        (Some(filter), true) => format!("matches the filter {filter}"),
        (Some(filter), false) => format!("match the filter {filter}"),
        (None, true) => "was chosen".to_owned(),
        (None, false) => "were chosen".to_owned(),
    }
}

fn unseen(selection: &SelectionView) -> String {
    match selection.unseen {
        0 => String::new(),
        unseen => format!(
            " ({unseen} could not be looked at: the saved report leaves {} out)",
            if unseen == 1 { "it" } else { "them" }
        ),
    }
}

/// `12 of 16 handshakes match the filter outcome:established`; `None` when nothing was chosen.
pub(super) fn share(selection: &SelectionView) -> Option<String> {
    if !selection.is_filtered() {
        return None;
    }
    let all = counted(selection.handshakes, "handshake");
    let met = met(selection, selection.wanted < 2);
    let unseen = unseen(selection);
    Some(match selection.wanted {
        0 => format!("none of {all} {met}{unseen}"),
        some => format!("{some} of {all} {met}{unseen}"),
    })
}

/// `Of the 16 handshakes in the log, 12 match the filter outcome:established`, without a full stop; a sentence with one
/// when none does. `None` when nothing was chosen.
pub fn said(report: &Report<'_>) -> Option<String> {
    let selection = report.selection_of_all()?;
    of(&selection, &logs(report.len()))
}

/// The same of one input.
pub fn said_of(report: &Report<'_>, input: usize) -> Option<String> {
    of(&report.selection(input)?, "the log")
}

fn of(selection: &SelectionView, logs: &str) -> Option<String> {
    if !selection.is_filtered() || selection.handshakes == 0 {
        return None;
    }
    let (some, all) = (selection.wanted, selection.handshakes);
    let met = met(selection, some < 2);
    let unseen = unseen(selection);
    Some(match (some, all) {
        (0, 1) => format!("Not even the one handshake in {logs} {met}{unseen}."),
        (0, _) => format!("None of the {all} handshakes in {logs} {met}{unseen}."),
        (1, 1) => format!("The one handshake in {logs} {met}{unseen}"),
        _ => format!("Of the {all} handshakes in {logs}, {some} {met}{unseen}"),
    })
}

/// `Counted, but not told here (--limit): 3 failed, 12 established.`
pub(super) fn left_out(left_out: &LeftOutView) -> Option<String> {
    let words = left_out.words();
    (!words.is_empty()).then(|| format!("Counted, but not told here (--limit): {words}."))
}

/// What was counted by a saved report that does not tell it.
pub(super) fn untold(report: &Report<'_>) -> Option<String> {
    let mut all = LeftOutView::default();
    for of_input in (0..report.len()).map(|input| report.untold(input)) {
        all.failed += of_input.failed;
        all.unfinished += of_input.unfinished;
        all.established += of_input.established;
    }
    left_out(&all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(wanted: usize, handshakes: usize, filter: Option<&str>) -> Option<String> {
        let selection = SelectionView {
            filter: filter.map(str::to_owned),
            handshakes,
            wanted,
            ..SelectionView::default()
        };
        of(&selection, "the log")
    }

    #[test]
    fn a_part_is_told_from_the_whole() {
        let failed = Some("outcome:failed");
        let said = |wanted, all, filter| chosen(wanted, all, filter).unwrap();
        assert_eq!(
            said(4, 16, failed),
            "Of the 16 handshakes in the log, 4 match the filter outcome:failed"
        );
        assert_eq!(
            said(1, 1, failed),
            "The one handshake in the log matches the filter outcome:failed"
        );
        assert_eq!(
            said(0, 1, failed),
            "Not even the one handshake in the log matches the filter outcome:failed."
        );
        assert_eq!(
            said(3, 16, None),
            "Of the 16 handshakes in the log, 3 were chosen"
        );
        // a log without handshakes has none to choose from
        assert_eq!(chosen(0, 0, failed), None);
        assert_eq!(chosen(16, 16, None), None);
    }
}
