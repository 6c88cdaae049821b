//! The line to type into: what is asked for, how it is edited, and what becomes of the answer.

use tui_input::{Input, InputRequest};

use super::{
    action::Turn,
    data::Id,
    lines,
    list::Item,
    model::{Effect, Export, Model, Overlay, Prompt, PromptKind},
    tabs::Tab,
    update,
};
use crate::report::{Filter, FilterError, Moment};

/// So many answers of each kind are remembered.
const REMEMBERED: usize = 50;

/// Asks; `text` is there already.
pub(super) fn ask(model: &mut Model, kind: PromptKind, text: String) {
    model.overlay = Some(Overlay::Prompt(Prompt {
        kind,
        input: Input::new(text),
        error: None,
        back: 0,
    }));
}

/// Asks for the name of a file.
pub(super) fn ask_for_file(model: &mut Model, export: Export) {
    let what = if export.all {
        "handshakes".to_owned()
    } else {
        let id = model.detail.as_ref().map(|detail| detail.id);
        let id = id.or_else(|| model.list.selected());
        id.map_or(String::new(), |id| {
            format!("handshake-{}", model.data.number(id))
        })
    };
    let name = format!("{what}.{}", export.format.extension());
    ask(model, PromptKind::Export(export), name);
}

/// Changes what was typed; taking back what is not there closes the prompt.
pub(super) fn edit(model: &mut Model, request: InputRequest) {
    let Some(Overlay::Prompt(prompt)) = &mut model.overlay else {
        return;
    };
    prompt.error = None;
    if request == InputRequest::DeletePrevChar && prompt.input.value().is_empty() {
        model.overlay = None;
        return;
    }
    prompt.input.handle(request);
}

/// What was typed before, of the same kind.
pub(super) fn recall(model: &mut Model, turn: Turn) {
    let Some(Overlay::Prompt(prompt)) = &mut model.overlay else {
        return;
    };
    let before = model.typed.get(prompt.kind.label());
    let before = before.map_or(&[][..], Vec::as_slice);
    prompt.back = match turn {
        Turn::Previous => (prompt.back + 1).min(before.len()),
        Turn::Next => prompt.back.saturating_sub(1),
    };
    let text = match prompt.back {
        0 => String::new(),
        back => before[before.len() - back].clone(),
    };
    prompt.input = Input::new(text);
    prompt.error = None;
}

/// What was typed is taken.
pub(super) fn answered(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Prompt(mut prompt)) = model.overlay.take() else {
        return Vec::new();
    };
    let text = prompt.input.value().to_owned();
    let result = match prompt.kind.clone() {
        PromptKind::Search => {
            model.search.clone_from(&text);
            Ok(update::find(model, Turn::Next))
        }
        PromptKind::Filter => set_filter(model, &text).map(|()| Vec::new()),
        PromptKind::Time => go_to_time(model, &text).map(|()| Vec::new()),
        PromptKind::Number => go_to_number(model, &text),
        PromptKind::Export(export) => exported(model, export, &text),
    };
    match result {
        Ok(effects) => {
            remember(model, prompt.kind.label(), text);
            effects
        }
        Err(error) => {
            prompt.error = Some(error);
            model.overlay = Some(Overlay::Prompt(prompt));
            Vec::new()
        }
    }
}

fn remember(model: &mut Model, kind: &'static str, text: String) {
    let typed = model.typed.entry(kind).or_default();
    if text.is_empty() {
        return;
    }
    typed.retain(|before| *before != text);
    typed.push(text);
    if typed.len() > REMEMBERED {
        typed.remove(0);
    }
}

fn set_filter(model: &mut Model, text: &str) -> Result<(), String> {
    let filter: Filter = text
        .parse()
        .map_err(|error: FilterError| error.to_string())?;
    model.list.filter = filter;
    model.list.filter_on = true;
    model.list.refresh(&model.data);
    Ok(())
}

fn go_to_time(model: &mut Model, text: &str) -> Result<(), String> {
    let moment: Moment = text
        .trim()
        .parse()
        .map_err(|error: FilterError| error.to_string())?;
    let begun = |item: &Item| {
        let id = match item {
            Item::One(id, _) => Some(*id),
            Item::Group(group) => model.list.group(*group).members.first().copied(),
        };
        id.and_then(|id| model.data.handshake(id).started_at())
            .is_some_and(|at| !moment.is_after(at.millis))
    };
    let found = model.list.items().iter().position(begun);
    model.list.cursor = found.ok_or("no handshake begins then or later")?;
    Ok(())
}

/// To a handshake; where every line of the log is shown, to a line.
fn go_to_number(model: &mut Model, text: &str) -> Result<Vec<Effect>, String> {
    let text = text.trim();
    let text = text.strip_prefix('#').unwrap_or(text);
    let number: u64 = text.parse().map_err(|_| format!("`{text}` is no number"))?;
    if let Some(detail) = &model.detail
        && detail.tab == Tab::Log
    {
        return Ok(lines::go_to_line(model, number.max(1)));
    }
    let is_it = |&id: &Id| u64::from(model.data.number(id)) == number;
    let id = model.data.ids().find(is_it);
    let id = id.ok_or_else(|| format!("there is no handshake #{number}"))?;
    if !model.list.go_to(id, false) {
        return Err(format!(
            "#{number} is not in the list: the filter keeps it out"
        ));
    }
    Ok(match &model.detail {
        Some(detail) => {
            let tab = detail.tab;
            update::show(model, id, tab)
        }
        None => Vec::new(),
    })
}

fn exported(model: &Model, export: Export, path: &str) -> Result<Vec<Effect>, String> {
    let path = path.trim();
    if path.is_empty() {
        return Err("a file has a name".to_owned());
    }
    let open = model.detail.as_ref().map(|detail| detail.id);
    let ids = if export.all {
        model.list.wanted_ids(&model.data)
    } else {
        let one = open.or_else(|| model.list.selected());
        one.into_iter().collect()
    };
    Ok(vec![Effect::Export {
        ids,
        format: export.format,
        path: path.to_owned(),
    }])
}
