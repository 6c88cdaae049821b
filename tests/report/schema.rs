//! The JSON Schema says what the reports are, and changes only add to it.

use std::{collections::BTreeSet, fs, path::Path};

use jsonschema::Validator;
use jssl_analyze::report::{self, Report};
use serde_json::{Map, Value, json};

use crate::samples::{BROKEN, analysed, json_of, logs, ndjson_of, stdout, tool};

/// The shape that reports had when it was released; to be replaced by docs/report.schema.json with each release,
/// and by nothing else.
const RELEASED: &str = include_str!("released.schema.json");

fn schema() -> Value {
    report::schema().to_value()
}

/// Of the whole report, and of a line of NDJSON.
fn validators() -> [Validator; 2] {
    let whole = schema();
    let line = json!({
        "$schema": whole["$schema"],
        "$ref": "#/$defs/Line",
        "$defs": whole["$defs"],
    });
    [whole, line].map(|schema| {
        jsonschema::meta::validate(&schema).unwrap();
        jsonschema::draft202012::new(&schema).unwrap()
    })
}

#[test]
fn the_schema_in_docs_is_the_one_that_is_printed() {
    let printed = stdout(tool().arg("schema"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/report.schema.json");
    assert!(
        printed == fs::read_to_string(path).unwrap(),
        "cargo run -- schema > docs/report.schema.json"
    );
    assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), schema());
}

#[test]
fn every_report_is_valid() {
    let [whole, line] = validators();
    let valid = |validator: &Validator, text: &str, what: &str| {
        let value: Value = serde_json::from_str(text).unwrap();
        if let Err(error) = validator.validate(&value) {
            panic!("{what}: {error} at {}", error.instance_path());
        }
    };
    for log in logs() {
        let inputs = [analysed(&log)];
        let report = Report::new(&inputs);
        let what = log.display().to_string();
        valid(&whole, &json_of(&report), &what);
        for text in ndjson_of(&report).lines() {
            valid(&line, text, &what);
        }
    }
}

#[test]
fn what_is_no_report_is_not_valid() {
    let [whole, line] = validators();
    let inputs = [analysed(BROKEN.as_ref())];
    let report = Report::new(&inputs);
    let value: Value = serde_json::from_str(&json_of(&report)).unwrap();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut value = value.clone();
        change(&mut value);
        value
    };
    assert!(whole.is_valid(&changed(&|value| value["of_a_later_version"] = 1.into())));
    for change in [
        &(|value: &mut Value| value["schema"] = 2.into()) as Change<'_>,
        &|value| drop(value.as_object_mut().unwrap().remove("summary")),
        &|value| value["handshakes"][0]["outcome"] = "broken".into(),
        &|value| value["handshakes"][0]["timeline"][0]["line"] = "one".into(),
        &|value| value["handshakes"][1]["findings"][0]["confidence"] = Value::Null,
    ] {
        assert!(!whole.is_valid(&changed(change)));
    }
    let mut handshake: Value =
        serde_json::from_str(ndjson_of(&report).lines().nth(1).unwrap()).unwrap();
    handshake["replaces"] = "established".into();
    assert!(line.is_valid(&handshake));
    handshake["replaces"] = "soon".into();
    assert!(!line.is_valid(&handshake));
    handshake["replaces"] = "established".into();
    handshake["type"] = "input".into();
    assert!(!line.is_valid(&handshake));
}

#[test]
fn changes_only_add() {
    let released: Value = serde_json::from_str(RELEASED).unwrap();
    let lost = lost(&released, &schema());
    assert!(
        lost.is_empty(),
        "whoever reads reports by the released schema is let down: {lost:#?}"
    );
}

#[test]
fn a_change_that_does_more_than_add_is_seen() {
    let schema = schema();
    let changed = |pointer: &str, change: &dyn Fn(&mut Value)| {
        let mut other = schema.clone();
        change(other.pointer_mut(pointer).expect(pointer));
        lost(&schema, &other)
    };
    let handshake = "/$defs/Handshake";
    assert!(changed("/properties", &|all| all["new"] = json!({"type": "string"})).is_empty());
    assert!(changed("/$defs", &|all| all["New"] = json!({"type": "string"})).is_empty());
    let value = |value: Value| move |old: &mut Value| *old = value.clone();
    let push =
        |word: &'static str| move |old: &mut Value| old.as_array_mut().unwrap().push(word.into());
    let remove =
        |name: &'static str| move |old: &mut Value| drop(old.as_object_mut().unwrap().remove(name));
    let words = "/$defs/BreakUp/properties/how/enum";
    assert!(changed(words, &push("of_a_later_version")).is_empty());
    let more: [(&str, Change<'_>); 9] = [
        (handshake, &|old| {
            drop(old["properties"].as_object_mut().unwrap().remove("ja3"));
        }),
        (
            &format!("{handshake}/required"),
            &push("of_a_later_version"),
        ),
        (&format!("{handshake}/required"), &value(json!(["id"]))),
        (
            &format!("{handshake}/properties/ja3/type"),
            &value(json!("string")),
        ),
        (
            &format!("{handshake}/properties/ja3/type"),
            &value(json!(["string", "integer", "null"])),
        ),
        (words, &value(json!(["alert_sent"]))),
        ("/$defs/Step/properties/line", &|old| {
            old["maximum"] = 9.into();
        }),
        ("/$defs/Step/properties/message", &|old| {
            old["enum"] = json!(["Finished"]);
        }),
        ("/$defs/Line/oneOf", &|old| {
            drop(old.as_array_mut().unwrap().remove(0));
        }),
    ];
    for (pointer, change) in more {
        assert!(!changed(pointer, change).is_empty(), "{pointer}");
    }
    assert!(!changed("/$defs/Certificate/properties", &remove("line")).is_empty());
    assert!(!changed("/properties/handshakes", &remove("items")).is_empty());
}

type Change<'c> = &'c dyn Fn(&mut Value);

/// What `new` takes from those who read by `old`, or from the reports that were written by it.
fn lost(old: &Value, new: &Value) -> Vec<String> {
    let mut compared = Compared {
        old,
        new,
        lost: Vec::new(),
        seen: BTreeSet::new(),
    };
    compared.schemas(old, new, "");
    // lines stand beside the report
    if let (Some(old), Some(new)) = (old.get("$defs"), new.get("$defs")) {
        compared.schemas(&old["Line"], &new["Line"], "Line");
    }
    compared.lost
}

struct Compared<'s> {
    old: &'s Value,
    new: &'s Value,
    lost: Vec<String>,
    /// Definitions that were compared.
    seen: BTreeSet<(String, String)>,
}

impl<'s> Compared<'s> {
    fn lose(&mut self, path: &str, what: &str) {
        self.lost.push(format!("{path}: {what}"));
    }

    fn schemas(&mut self, old: &'s Value, new: &'s Value, path: &str) {
        if let (Some(old), Some(new)) = (definition(self.old, old), definition(self.new, new)) {
            if self.seen.insert((old.0.to_owned(), new.0.to_owned())) {
                self.schemas(old.1, new.1, old.0);
            }
        } else if old.get("$ref").is_some() != new.get("$ref").is_some() {
            self.lose(path, "a reference came or went");
        }
        if words(old, "type") != words(new, "type") {
            self.lose(path, "another type");
        }
        if old.get("const") != new.get("const") {
            self.lose(path, "another word");
        }
        self.enums(old, new, path);
        for (bound, narrower) in [("minimum", 1.0), ("maximum", -1.0)] {
            let limit = |schema: &Value| schema.get(bound).and_then(Value::as_f64);
            let is_narrower = match (limit(old), limit(new)) {
                (_, None) => false,
                (None, Some(_)) => true,
                (Some(old), Some(new)) => (new - old) * narrower > 0.0,
            };
            if is_narrower {
                self.lose(path, &format!("a narrower {bound}"));
            }
        }
        self.properties(old, new, path);
        match (old.get("items"), new.get("items")) {
            (Some(old), Some(new)) => self.schemas(old, new, &format!("{path}[]")),
            (None, None) => {}
            _ => self.lose(path, "elements came or went"),
        }
        for alternatives in ["anyOf", "oneOf", "allOf"] {
            self.alternatives(list(old, alternatives), list(new, alternatives), path);
        }
    }

    fn enums(&mut self, old: &Value, new: &Value, path: &str) {
        match (old.get("enum"), new.get("enum")) {
            (None, None) => {}
            (Some(_), Some(_)) if words(old, "enum").is_subset(&words(new, "enum")) => {}
            _ => self.lose(path, "words are gone, or are all that is allowed now"),
        }
    }

    fn properties(&mut self, old: &'s Value, new: &'s Value, path: &str) {
        if words(old, "required") != words(new, "required") {
            self.lose(path, "what is always there has changed");
        }
        let empty = &*Box::leak(Box::new(Map::new()));
        let fields = |schema: &'s Value| {
            schema
                .get("properties")
                .and_then(Value::as_object)
                .unwrap_or(empty)
        };
        for (name, old) in fields(old) {
            let path = format!("{path}.{name}");
            match fields(new).get(name) {
                Some(new) => self.schemas(old, new, &path),
                None => self.lose(&path, "gone"),
            }
        }
    }

    /// Each must have its like.
    fn alternatives(&mut self, old: &'s [Value], new: &'s [Value], path: &str) {
        for (number, old) in old.iter().enumerate() {
            let fits = new.iter().any(|new| {
                let mut compared = Compared {
                    old: self.old,
                    new: self.new,
                    lost: Vec::new(),
                    seen: self.seen.clone(),
                };
                compared.schemas(old, new, path);
                compared.lost.is_empty()
            });
            if !fits {
                self.lose(path, &format!("nothing like alternative {number}"));
            }
        }
    }
}

/// What a reference leads to, with its name.
fn definition<'s>(root: &'s Value, schema: &'s Value) -> Option<(&'s str, &'s Value)> {
    let name = schema.get("$ref")?.as_str()?.strip_prefix("#/$defs/")?;
    Some((name, root.get("$defs")?.get(name)?))
}

fn list<'s>(schema: &'s Value, name: &str) -> &'s [Value] {
    schema
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// One word or several.
fn words(schema: &Value, name: &str) -> BTreeSet<String> {
    match schema.get(name) {
        None => BTreeSet::new(),
        Some(Value::Array(words)) => words.iter().map(Value::to_string).collect(),
        Some(word) => BTreeSet::from([word.to_string()]),
    }
}
