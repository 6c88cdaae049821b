//! Prints what `enable` has to tell: prose within 80 columns, lines to be copied as they are.

use std::io::{self, Write};

use super::{
    Advice,
    jdk::{self, GENERATIONS, Generation},
    target::{GROWTH, Place, SECRETS, Target},
};
use crate::render::text::{BOLD, COMMAND, DIM, WARN};

/// Fits a terminal, a ticket and a mail.
const WIDTH: usize = 80;

/// All targets, a line each.
pub(super) fn list(targets: &[Target], out: &mut dyn Write) -> io::Result<()> {
    let width = targets.iter().map(|target| target.name.len()).max();
    let width = width.unwrap_or_default();
    writeln!(out, "{BOLD}How to switch the TLS debug log on, for{BOLD:#}")?;
    for target in targets {
        let Target { name, summary, .. } = target;
        writeln!(out, "  {WARN}{name:<width$}{WARN:#}  {summary}")?;
    }
    writeln!(out)?;
    values(out)?;
    writeln!(out)?;
    wrapped(
        out,
        "",
        "jssl-analyze enable TARGET tells where the option goes, where the output comes out, and how to \
         switch it off again; --jdk 8|11|17|21|23|24|25|26|ibm8 chooses the value.",
    )
}

/// One target, with the option filled in.
pub(super) fn advice(advice: &Advice, out: &mut dyn Write) -> io::Result<()> {
    let target = advice.target;
    writeln!(
        out,
        "{BOLD}{}{BOLD:#}   {DIM}{}{DIM:#}",
        target.name, target.summary
    )?;
    heading(out, "Switch on")?;
    if let Some(wrapper) = &advice.wrapper {
        wrapped(out, "  ", &format!("At the end of {}:", wrapper.file))?;
        writeln!(out, "    {COMMAND}{}{COMMAND:#}", wrapper.line)?;
        for remark in &wrapper.remarks {
            wrapped(out, "  ! ", remark)?;
        }
    } else {
        places(out, target.on, advice)?;
    }
    wrapped(out, "  Restart: ", &format!("{}.", target.restart))?;
    heading(out, "Where it comes out")?;
    places(out, target.output, advice)?;
    heading(out, "Switch off")?;
    wrapped(out, "  ", &advice.fill(target.off))?;
    heading(out, "Hand it over")?;
    for line in target.read {
        writeln!(out, "    {COMMAND}{line}{COMMAND:#}")?;
    }
    heading(out, "Mind")?;
    for note in target.notes.iter().chain(&SECRETS).chain([&GROWTH]) {
        wrapped(out, "  - ", &advice.fill(note))?;
    }
    heading(out, "The value")?;
    match advice.jdk {
        Some(jdk) => generation(jdk.generation(), out),
        None => values(out),
    }
}

fn heading(out: &mut dyn Write, title: &str) -> io::Result<()> {
    writeln!(out, "\n{BOLD}{title}{BOLD:#}")
}

fn places(out: &mut dyn Write, places: &[Place], advice: &Advice) -> io::Result<()> {
    for place in places {
        wrapped(out, "  ", &advice.fill(place.what))?;
        for line in place.lines {
            writeln!(out, "    {COMMAND}{}{COMMAND:#}", advice.fill(line))?;
        }
    }
    Ok(())
}

/// The value by generation; those that share a value share a row.
fn values(out: &mut dyn Write) -> io::Result<()> {
    let mut rest: Vec<&Generation> = GENERATIONS.iter().collect();
    while let Some(first) = rest.first().map(|generation| generation.value) {
        let (same, other): (Vec<_>, Vec<_>) = rest
            .into_iter()
            .partition(|generation| generation.value == first);
        rest = other;
        let names: Vec<&str> = same.iter().map(|generation| generation.jdk).collect();
        writeln!(out, "  JDK {}:", names.join(" "))?;
        writeln!(out, "    {COMMAND}{first}{COMMAND:#}")?;
    }
    wrapped(
        out,
        "  ",
        "It comes out on standard error; up to 8u252, and on IBM's Java 8, on standard output. Plain \
         `ssl` prints little more than alerts on 8u272 and later and on 11 to 22 (17.0.21 and 21.0.9 \
         are mended). `--jdk` tells more.",
    )
}

fn generation(generation: &Generation, out: &mut dyn Write) -> io::Result<()> {
    let Generation {
        jdk,
        value,
        stream,
        why,
    } = generation;
    writeln!(out, "  JDK {jdk}:\n    {COMMAND}{value}{COMMAND:#}")?;
    wrapped(out, "  ", &format!("On {stream}."))?;
    wrapped(out, "  ", &format!("{}.", capitalised(why)))
}

fn capitalised(text: &str) -> String {
    let (first, rest) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
    first.to_uppercase() + rest
}

/// Words within [`WIDTH`], the lines after the first under its text.
fn wrapped(out: &mut dyn Write, lead: &str, text: &str) -> io::Result<()> {
    let text = crate::render::safe::safe(text);
    let indent = lead.len().min(4);
    let mut column = lead.len();
    write!(out, "{lead}")?;
    for (number, word) in text.split(' ').filter(|word| !word.is_empty()).enumerate() {
        let length = word.chars().count();
        if number > 0 && column + 1 + length > WIDTH {
            write!(out, "\n{:indent$}", "")?;
            column = indent;
        } else if number > 0 {
            write!(out, " ")?;
            column += 1;
        }
        write!(out, "{word}")?;
        column += length;
    }
    writeln!(out)
}

impl Advice {
    /// The text with the option for this JDK in it.
    pub(super) fn fill(&self, text: &str) -> String {
        text.replace("{option}", &jdk::option(self.jdk))
            .replace("{value}", jdk::value(self.jdk))
    }
}
