//! `enable`: how to switch the debug log on, and off again, for a kind of runtime.
//!
//! What is told is data (`servers`, `products`, `webmethods`, `plain`, `jdk`); `print` lays it out.
//! Nothing is ever changed on the machine: the one file that is read, a wrapper's configuration, is
//! not written.

mod jdk;
mod plain;
mod print;
mod products;
mod servers;
mod target;
mod webmethods;
mod wrapper;

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use serde::Serialize;

pub(super) use self::jdk::Jdk;
use self::{
    target::{GROWTH, SECRETS, Target},
    wrapper::Wrapper,
};
use super::{Status, args::EnableFormat};
use crate::render::safe::safe;

/// All targets, in the order of the list.
static TARGETS: [Target; 19] = [
    webmethods::IS,
    webmethods::MSR,
    plain::DOCKER,
    plain::KUBERNETES,
    plain::SPRING_BOOT,
    servers::TOMCAT,
    servers::JETTY,
    servers::WILDFLY,
    servers::WEBLOGIC,
    servers::WEBSPHERE,
    servers::LIBERTY,
    products::KAFKA,
    products::ELASTICSEARCH,
    products::JENKINS,
    products::MAVEN,
    products::GRADLE,
    plain::JAVA,
    plain::ENV,
    plain::RUNNING,
];

/// What was asked for.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Question {
    /// What runs the JVM: tomcat, kubernetes, webmethods-is … [default: list them].
    target: Option<String>,

    /// The JDK of the JVM; it decides which value prints what is needed.
    #[arg(long, value_enum, value_name = "RELEASE")]
    jdk: Option<Jdk>,

    /// For webmethods-is: `custom_wrapper.conf`, to find the next free number; it is only read.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// How to print it [default: text].
    #[arg(short, long, value_enum)]
    format: Option<EnableFormat>,
}

/// A target, and what is known about this very case.
#[derive(Debug)]
struct Advice {
    target: &'static Target,
    jdk: Option<Jdk>,
    wrapper: Option<WrapperLine>,
}

/// The line for a wrapper's configuration.
#[derive(Debug, Serialize)]
struct WrapperLine {
    /// The file it goes into.
    file: String,
    line: String,
    remarks: Vec<String>,
}

/// Prints the list, or what is to be known about one target.
pub(super) fn run(question: &Question) -> anyhow::Result<Status> {
    let mut out = anstream::stdout().lock();
    let json = question.format == Some(EnableFormat::Json);
    let Some(name) = &question.target else {
        anyhow::ensure!(
            question.config.is_none(),
            "enable: --config is for webmethods-is; name the target"
        );
        if json {
            write_json(
                &serde_json::json!({ "targets": TARGETS.as_slice(), "values": jdk::GENERATIONS }),
                &mut out,
            )?;
        } else {
            print::list(&TARGETS, &mut out)?;
        }
        return Ok(Status::Good);
    };
    let target = find(name).ok_or_else(|| unknown(name))?;
    let wrapper = match &question.config {
        Some(_) if target.name != "webmethods-is" => {
            anyhow::bail!(
                "enable: --config is for webmethods-is, not for {}",
                target.name
            )
        }
        Some(path) => Some(wrapper_line(path, question.jdk)?),
        None => None,
    };
    let advice = Advice {
        target,
        jdk: question.jdk,
        wrapper,
    };
    if json {
        write_json(&advice.to_json(), &mut out)?;
    } else {
        print::advice(&advice, &mut out)?;
    }
    Ok(Status::Good)
}

fn wrapper_line(path: &Path, jdk: Option<Jdk>) -> anyhow::Result<WrapperLine> {
    let free = Wrapper::read(path)?.free();
    Ok(WrapperLine {
        file: path.display().to_string(),
        line: format!(
            "wrapper.java.additional.{}={}",
            free.number,
            jdk::option(jdk)
        ),
        remarks: free.remarks,
    })
}

impl Advice {
    /// The target's own object, its texts filled in, and what holds for all of them.
    fn to_json(&self) -> serde_json::Value {
        let mut json = serde_json::json!({
            "target": self.target,
            "option": jdk::option(self.jdk),
            "jdk": self.jdk.map(Jdk::generation),
            "wrapper": self.wrapper,
            "secrets": SECRETS,
            "growth": GROWTH,
        });
        self.fill_all(&mut json);
        json
    }

    fn fill_all(&self, json: &mut serde_json::Value) {
        use serde_json::Value;
        match json {
            Value::String(text) => *text = self.fill(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.fill_all(item)),
            Value::Object(fields) => fields.values_mut().for_each(|item| self.fill_all(item)),
            _ => {}
        }
    }
}

fn write_json(json: &serde_json::Value, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "{json:#}")?;
    Ok(())
}

fn find(name: &str) -> Option<&'static Target> {
    let wanted = name.to_lowercase();
    TARGETS
        .iter()
        .find(|target| target.name == wanted || target.aliases.contains(&wanted.as_str()))
}

/// No such target; the nearest names help.
fn unknown(name: &str) -> anyhow::Error {
    let wanted = name.to_lowercase();
    let mut near: Vec<(usize, &str)> = TARGETS
        .iter()
        .filter_map(|target| {
            let names = [target.name]
                .into_iter()
                .chain(target.aliases.iter().copied());
            let best = names.filter_map(|known| distance(&wanted, known)).min()?;
            Some((best, target.name))
        })
        .collect();
    near.sort_unstable();
    let near: Vec<&str> = near.iter().take(3).map(|(_, name)| *name).collect();
    let hint = if near.is_empty() {
        "jssl-analyze enable lists them; `enable env` fits nearly everything".to_owned()
    } else {
        format!("did you mean {}?", near.join(", "))
    };
    anyhow::anyhow!("enable: there is no target {:?}; {hint}", safe(name))
}

/// How far two names are apart, if they are alike at all: 0 when one holds the other, else the number
/// of letters to change.
fn distance(wanted: &str, known: &str) -> Option<usize> {
    if wanted.len() > 2 && (known.contains(wanted) || (known.len() > 2 && wanted.contains(known))) {
        return Some(0);
    }
    let (a, b): (Vec<char>, Vec<char>) =
        (wanted.chars().take(64).collect(), known.chars().collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let change = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    let changes = row[b.len()];
    (changes <= 1 + known.len() / 4).then_some(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_says_everything_in_plain_ascii() {
        for target in &TARGETS {
            let json = serde_json::to_string(target).unwrap();
            assert!(json.is_ascii(), "{}", target.name);
            for list in [target.on, target.output] {
                assert!(!list.is_empty(), "{}", target.name);
            }
            assert!(!target.read.is_empty() && !target.off.is_empty());
            assert!(target.summary.len() + 18 <= 80, "{}", target.name);
            let names: Vec<&str> = [&[target.name], target.aliases].concat();
            for name in names {
                assert_eq!(
                    find(name).map(|found| found.name),
                    Some(target.name),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn names_are_found_by_what_was_meant() {
        let hint = |name: &str| unknown(name).to_string();
        assert!(hint("tomcatt").contains("did you mean tomcat"));
        assert!(hint("wildlfy").contains("did you mean wildfly"));
        assert!(hint("kubernets").contains("did you mean kubernetes"));
        assert!(hint("zzzzzz").contains("lists them"));
        assert!(hint("\x1b[2J").is_ascii());
    }
}
