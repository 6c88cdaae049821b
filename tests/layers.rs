//! Dependencies point one way: a layer uses only what is below it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path};

/// From the bottom up. A module may use those before it, and itself.
const LAYERS: [&[&str]; 18] = [
    &["span", "time", "intern", "search", "error", "parallel"],
    &["tls"],
    &["wire"],
    &["event"],
    &["input"],
    &["envelope"],
    &["entry"],
    &["dialect"],
    &["reader"],
    &["handshake"],
    &["assemble"],
    &["diagnose"],
    &["drive"],
    &["redact"],
    &["report"],
    &["render"],
    &["tui"],
    &["cli"],
];

/// Uses that the order alone would allow: reading and understanding meet in `event` only.
const STRANGERS: [(&str, &[&str]); 4] = [
    ("envelope", &["tls", "event", "input"]),
    ("handshake", &["entry", "dialect", "reader", "input"]),
    ("assemble", &["entry", "dialect", "reader", "input"]),
    ("diagnose", &["entry", "dialect", "reader", "input"]),
];

fn height(module: &str) -> usize {
    LAYERS
        .iter()
        .position(|layer| layer.contains(&module))
        .unwrap_or_else(|| {
            panic!("module {module} has no layer: add it to LAYERS and to ARCHITECTURE.md")
        })
}

/// Every `crate::module` in the code of a file, its tests left out.
fn used(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let code: String = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut modules = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            modules.extend(names_of_group(list));
        } else {
            modules.push(
                rest.chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect(),
            );
        }
    }
    modules
}

/// `{event::{A, B}, span::Span}` → event, span
fn names_of_group(list: &str) -> Vec<String> {
    let (mut names, mut depth, mut name, mut at_start) = (Vec::new(), 0, String::new(), true);
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.push(std::mem::take(&mut name));
                at_start = true;
                continue;
            }
            _ => {}
        }
        if depth == 0 && at_start {
            if c.is_alphanumeric() || c == '_' {
                name.push(c);
            } else if !name.is_empty() {
                at_start = false;
            }
        }
    }
    names.push(name);
    names.into_iter().filter(|name| !name.is_empty()).collect()
}

fn files(dir: &Path, into: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

#[test]
fn no_layer_looks_up() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    files(&root, &mut sources);
    let mut wrong = Vec::new();
    let mut looked_at = 0;
    for path in sources {
        let relative = path.strip_prefix(&root).unwrap();
        let module = relative
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_string_lossy()
            .replace(".rs", "");
        if module == "lib" || module == "main" {
            continue;
        }
        for other in used(&fs::read_to_string(&path).unwrap()) {
            looked_at += 1;
            let stranger = STRANGERS
                .iter()
                .any(|(name, others)| *name == module && others.contains(&other.as_str()));
            if height(&other) > height(&module) || stranger {
                wrong.push(format!("{} uses {other}", relative.display()));
            }
        }
    }
    assert!(
        looked_at > 100,
        "only {looked_at} uses seen: does this test still see the code?"
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn uses_are_seen_in_every_spelling() {
    let source = "use crate::{\n    event::{Event, Fact},\n    span::Span,\n};\nfn f() { crate::tls::x() }\n// crate::cli\n#[cfg(test)] use crate::render;";
    assert_eq!(used(source), ["event", "span", "tls"]);
}
