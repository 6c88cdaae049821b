//! What can be copied and exported, and the command line that prints the same.

use super::{
    data::Id,
    doc::{Doc, Tone},
    model::{Choice, Effect, Export, Menu, Model, Overlay, Scroll},
    prompt::ask_for_file,
    tabs::Tab,
    update::FORMATS,
};
use crate::report::{FindingView, shell_word};

/// The handshake that is open, or under the cursor.
fn current(model: &Model) -> Option<Id> {
    let open = model.detail.as_ref().map(|detail| detail.id);
    open.or_else(|| model.list.selected())
}

/// Offers what can be copied of the current handshake.
pub(super) fn copy(model: &mut Model) {
    let Some(id) = current(model) else {
        return;
    };
    let mut items = Vec::new();
    let mut offer = |key: char, what: &'static str, text: String| {
        if !text.is_empty() {
            items.push((key, what.to_owned(), Choice::Copy(what, text)));
        }
    };
    if let Some(line) = line_under_cursor(model) {
        offer('l', "this line", line);
    }
    let view = model.data.view(id);
    if let Some(finding) = view.findings.first() {
        offer('h', "headline", finding.headline.to_string());
        offer('v', "evidence", evidence(finding));
        offer('r', "remedy", remedies(finding));
        offer('c', "confirm command", commands(&finding.confirm));
    }
    if items.is_empty() {
        model.message = Some("there is nothing to copy here".to_owned());
        return;
    }
    model.overlay = Some(Overlay::Menu(Menu {
        title: "Copy".to_owned(),
        items,
        cursor: 0,
    }));
}

/// Offers what can be exported.
pub(super) fn export(model: &mut Model) {
    let Some(id) = current(model) else {
        return;
    };
    let (number, all) = (model.data.number(id), model.list.wanted);
    let mut items = Vec::new();
    for (key, format, name) in FORMATS {
        let one = Export { all: false, format };
        let words = format!("handshake #{number} as {name}");
        items.push((key, words, Choice::Export(one)));
    }
    for (key, format, name) in FORMATS {
        let every = Export { all: true, format };
        let words = format!("all {all} of the list as {name}");
        items.push((key.to_ascii_uppercase(), words, Choice::Export(every)));
    }
    model.overlay = Some(Overlay::Menu(Menu {
        title: "Export".to_owned(),
        items,
        cursor: 0,
    }));
}

/// Does what was chosen.
pub(super) fn choose(model: &mut Model, number: usize) -> Vec<Effect> {
    let Some(Overlay::Menu(mut menu)) = model.overlay.take() else {
        return Vec::new();
    };
    if number >= menu.items.len() {
        return Vec::new();
    }
    match menu.items.swap_remove(number).2 {
        Choice::Copy(what, text) => vec![Effect::Copy(what, text)],
        Choice::Export(export) => {
            ask_for_file(model, export);
            Vec::new()
        }
    }
}

fn line_under_cursor(model: &Model) -> Option<String> {
    let detail = model.detail.as_ref()?;
    let cursor = detail.places[detail.tab.index()].cursor;
    let line = detail.doc.lines.get(cursor)?;
    let text = line.text();
    // the number in front is ours, not the log's
    let own = text
        .trim_start()
        .trim_start_matches(|c: char| c.is_ascii_digit());
    Some(match detail.tab {
        Tab::Log => own.strip_prefix("  ").unwrap_or(own).to_owned(),
        _ => text.trim().to_owned(),
    })
}

fn evidence(finding: &FindingView<'_>) -> String {
    let lines = finding.evidence.iter();
    let lines: Vec<String> = lines
        .map(|evidence| format!("line {}: {}", evidence.line, &*evidence.text))
        .collect();
    lines.join("\n")
}

fn remedies(finding: &FindingView<'_>) -> String {
    let mut lines = Vec::new();
    for remedy in &finding.remedies {
        let who = remedy.party.as_deref().unwrap_or_default();
        lines.push(format!("{who}: {}", &*remedy.action));
        lines.extend(remedy.command.as_deref().map(str::to_owned));
    }
    lines.join("\n")
}

fn commands(actions: &[crate::report::ActionView<'_>]) -> String {
    let commands = actions
        .iter()
        .filter_map(|action| action.command.as_deref());
    commands.collect::<Vec<_>>().join("\n")
}

/// Shows the command line that prints what is seen.
pub(super) fn command_line(model: &mut Model) {
    let command = command_of(model);
    let mut doc = Doc::default();
    doc.line("Prints the same without this view:", Tone::Plain);
    doc.gap();
    doc.line(format!("  {command}"), Tone::Code);
    doc.gap();
    let words = &model.list.filter.words;
    if model.detail.is_none() && model.list.filter_on && !words.is_empty() {
        let words = words.join(" ");
        doc.line(
            format!("There is no option for the words of the filter: {words}"),
            Tone::Warn,
        );
    }
    doc.line(
        "-f json and -f ndjson give it to scripts, -o FILE writes it to a file.",
        Tone::Dim,
    );
    let width = model.width().saturating_sub(6);
    model.overlay = Some(Overlay::Text {
        title: "Command line".to_owned(),
        doc: doc.folded(width),
        scroll: Scroll::default(),
        copy: Some(("command line", command)),
    });
}

/// The command line that prints what is seen.
pub fn command_of(model: &Model) -> String {
    let mut words = vec!["jssl-analyze".to_owned(), "-f text".to_owned()];
    if let Some(detail) = &model.detail {
        words.push(format!("--id {}", model.data.number(detail.id)));
    } else {
        if model.list.failures_only {
            words.push("--outcome failed,unfinished".to_owned());
        }
        if model.list.filter_on {
            words.extend(model.list.filter.options());
        }
    }
    if model.data.is_redacted() {
        words.push("--redact".to_owned());
    }
    words.extend(model.files.iter().map(|file| shell_word(file)));
    words.join(" ")
}
