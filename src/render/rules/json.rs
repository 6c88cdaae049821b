//! The catalogue for scripts: an object a rule.

use std::io::{self, Write};

use serde::{Serialize, Serializer, ser::SerializeMap as _};

use super::paragraphs;
use crate::diagnose::{FAMILIES, Family, Rule};

/// A rule, as it is printed.
#[derive(Serialize)]
struct RuleView {
    code: &'static str,
    name: &'static str,
    family: &'static str,
    since: &'static str,
    summary: &'static str,
    docs: Sections,
}

/// Text by heading, in the order of the headings: `when_it_fires`, `evidence` …
struct Sections(Vec<(&'static str, String)>);

impl Serialize for Sections {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (heading, text) in &self.0 {
            map.serialize_entry(&heading.to_lowercase().replace(' ', "_"), text)?;
        }
        map.end()
    }
}

impl RuleView {
    fn of(rule: &dyn Rule) -> Self {
        let sections = rule.sections().into_iter();
        Self {
            code: rule.code(),
            name: rule.name(),
            family: rule.family().name,
            since: rule.since(),
            summary: rule.summary(),
            docs: Sections(
                sections
                    .map(|(heading, text)| (heading, paragraphs(&text).join("\n")))
                    .collect(),
            ),
        }
    }
}

/// All rules, an array in the order of the families.
pub fn write_json(out: &mut dyn Write) -> io::Result<()> {
    let rules: Vec<RuleView> = FAMILIES
        .iter()
        .flat_map(Family::rules)
        .map(RuleView::of)
        .collect();
    serde_json::to_writer_pretty(&mut *out, &rules)?;
    writeln!(out)
}

/// One rule, an object.
pub fn write_json_of(rule: &dyn Rule, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &RuleView::of(rule))?;
    writeln!(out)
}
