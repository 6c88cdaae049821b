//! What a user is told to type can be typed: shells read it, and no placeholder does harm.

use std::{
    collections::BTreeSet,
    io::Write as _,
    process::{Command as Process, Stdio},
};

use jssl_analyze::diagnose::{Command, CommandKind, Finding};

use super::every_finding;

/// Every line of every action, once.
fn each_command(mut look: impl FnMut(&Finding, Command<'_>)) {
    let mut seen = BTreeSet::new();
    for finding in every_finding() {
        for action in finding.remedies.iter().chain(&finding.confirm) {
            for command in action.commands() {
                if seen.insert((finding.rule, command.to_string())) {
                    look(&finding, command);
                }
            }
        }
    }
    assert!(seen.len() > 100, "only {} commands seen", seen.len());
}

/// Without what stands in quotes.
fn unquoted(text: &str) -> String {
    let mut quote = None;
    let keep = |letter: &char| match quote {
        Some(open) if *letter == open => {
            quote = None;
            false
        }
        Some(_) => false,
        None if matches!(letter, '\'' | '"') => {
            quote = Some(*letter);
            false
        }
        None => true,
    };
    text.chars().filter(keep).collect()
}

/// Redirections that are meant.
const REDIRECTIONS: [&str; 3] = ["2>/dev/null", "</dev/null", "2>&1"];

/// A placeholder in pointed brackets would be read as a redirection.
fn redirects_by_mistake(text: &str) -> bool {
    let mut rest = unquoted(text);
    for meant in REDIRECTIONS {
        rest = rest.replace(meant, "");
    }
    rest.contains(['<', '>'])
}

#[test]
fn placeholders_are_no_redirections() {
    assert!(redirects_by_mistake(
        "keytool -list -alias <alias of the key>"
    ));
    assert!(!redirects_by_mistake(
        "openssl s_client </dev/null 2>&1 | grep '<a>'"
    ));
    let mut wrong = Vec::new();
    each_command(|finding, command| {
        let typed = matches!(command.kind, CommandKind::Shell | CommandKind::JvmOption);
        if typed && redirects_by_mistake(command.text) {
            wrong.push(format!("{}: {}", finding.rule, command.text));
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_line_is_for_one_place() {
    let mut wrong = Vec::new();
    each_command(|finding, command| {
        let is_shell = command.kind == CommandKind::Shell;
        let first = command.text.split([' ', '=']).next().unwrap_or_default();
        // shells are asked for programs, not for properties, products or an ellipsis
        let is_program = !first.is_empty()
            && first
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/'));
        let is_option = command.kind == CommandKind::JvmOption
            && command
                .text
                .split(' ')
                .all(|word| word.starts_with("-D") || word.starts_with("-X"));
        let good = match command.kind {
            CommandKind::Shell => is_program && !command.text.contains('…'),
            CommandKind::JvmOption => is_option,
            CommandKind::Configuration | CommandKind::Code => command.place.is_some(),
        };
        // only a shell's remark is part of its text
        if !good || (!is_shell && command.text.contains("   ")) {
            wrong.push(format!("{}: {}", finding.rule, command));
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What `bash -n` has to say.
#[cfg(unix)]
fn syntax_error(line: &str) -> Option<String> {
    let mut bash = Process::new("bash")
        .arg("-n")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("bash");
    let mut stdin = bash.stdin.take().expect("a pipe");
    writeln!(stdin, "{line}").expect("written");
    drop(stdin);
    let output = bash.wait_with_output().expect("its end");
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

#[cfg(unix)]
#[test]
fn shells_understand_every_command() {
    assert!(syntax_error("java -Dx='a").is_some() && syntax_error("java -Dx=a").is_none());
    let mut wrong = Vec::new();
    each_command(|finding, command| {
        let line = match command.kind {
            CommandKind::Shell => command.text.to_owned(),
            CommandKind::JvmOption => format!("java {} -jar APP.jar", command.text),
            CommandKind::Configuration | CommandKind::Code => return,
        };
        if let Some(error) = syntax_error(&line) {
            wrong.push(format!("{}: {line}: {error}", finding.rule));
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
