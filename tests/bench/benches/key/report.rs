//! The figures as Markdown, and its place in the README.

use std::fmt::Write;
use std::fs;
use std::process::Command;

use crate::contenders::{ANY, DERIVE, EXCLUSIONS, JSON_TEXT, PRETTY_TEXT, RAW, SERDE_JSON};
use crate::limits;
use crate::measure::Case;
use crate::scale::Threads;

/// The tables for the README: ratios to raw SHA-256, and each peer's time divided by derive's.
pub(crate) fn comparison(measured: &[Case]) -> String {
    let ratios = table(measured, |case, contender| {
        let figure = case.of(contender)?;
        Some(if contender == RAW {
            duration(figure.nanoseconds)
        } else {
            range(figure.ratio, figure.highest_ratio)
        })
    });
    let to_derive = table(measured, |case, contender| {
        let ours = [RAW, DERIVE, ANY, EXCLUSIONS, JSON_TEXT, PRETTY_TEXT].contains(&contender);
        let derive = case.of(DERIVE).filter(|_| !ours)?;
        Some(format!("{:.1}", case.of(contender)?.ratio / derive.ratio))
    });
    let machine = machine();
    format!(
        "Time for a key, in multiples of SHA-256 alone over the same bytes: the lowest and the highest of three rounds' medians. \
         {machine}. Where somebody else works on the same core, the ratios are higher, as that takes nothing from the hash: \
         1.10 has become 1.36.\n\n{ratios}\n\
         `{SERDE_JSON}`, the two JCS crates and `borsh` write to memory, then hash with SHA-256; \
         `{SERDE_JSON}` and `borsh` are no canonical JSON.\n\n\
         The same as multiples of the derive's time:\n\n{to_derive}"
    )
}

/// A row for each contender that has a cell, a column for each case.
fn table(measured: &[Case], cell: impl Fn(&Case, &str) -> Option<String>) -> String {
    let mut table = String::from("| |");
    for case in measured {
        write!(table, " {} |", case.name).unwrap();
    }
    table.push_str("\n|---|");
    table.push_str(&"---:|".repeat(measured.len()));
    table.push('\n');
    let Some(first) = measured.first() else {
        return table;
    };
    for contender in first.figures.iter().map(|figure| figure.contender) {
        let cells: Vec<_> = measured
            .iter()
            .filter_map(|case| cell(case, contender))
            .collect();
        if !cells.is_empty() {
            writeln!(table, "| {contender} | {} |", cells.join(" | ")).unwrap();
        }
    }
    table
}

/// This crate's ratios beside what is aimed at and what is accepted.
pub(crate) fn limits(measured: &[Case]) -> String {
    let mut table = String::from(
        "| case | bytes | way | measured | target | accepted |\n|---|---:|---|---:|---:|---:|\n",
    );
    for case in measured {
        for figure in &case.figures {
            let Some(limit) = limits::of(case.name, figure.contender) else {
                continue;
            };
            let target = limit.target.map(|target| format!("{target:.2}"));
            writeln!(
                table,
                "| {} | {} | {} | {:.2} | {} | {:.2} |",
                case.name,
                case.size,
                figure.contender,
                figure.ratio,
                target.unwrap_or_default(),
                limit.accepted
            )
            .unwrap();
        }
    }
    table
}

pub(crate) fn scale(per_byte: &[(usize, f64)], threads: &Threads) -> String {
    let mut text = String::from("| size of the request | time for a byte |\n|---|---:|\n");
    for (megabytes, nanoseconds) in per_byte {
        writeln!(text, "| {megabytes} MB | {nanoseconds:.3} ns |").unwrap();
    }
    write!(
        text,
        "\nKeys a second of a 4 KB request: one thread {:.0}, two threads {:.0}, {:.2} times as many.\n",
        threads.one, threads.two, threads.gain
    )
    .unwrap();
    text
}

/// A ratio, or two that differ where they are rounded.
fn range(lowest: f64, highest: f64) -> String {
    let [lowest, highest] = [lowest, highest].map(|ratio| {
        let places = if ratio < 10.0 { 2 } else { 1 };
        format!("{ratio:.places$}")
    });
    if lowest == highest {
        lowest
    } else {
        format!("{lowest}–{highest}")
    }
}

/// What the figures are from: processor, compiler and day.
fn machine() -> String {
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let processor = processor
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("an unknown processor", |(_, name)| name);
    format!(
        "Measured on {processor} with {} on {}",
        output("rustc", &["--version"]),
        output("date", &["+%F"])
    )
}

fn output(command: &str, arguments: &[&str]) -> String {
    let output = Command::new(command).args(arguments).output();
    let text = output.map_or_else(|_| Vec::new(), |output| output.stdout);
    String::from_utf8_lossy(&text).trim().to_owned()
}

fn duration(nanoseconds: f64) -> String {
    match nanoseconds {
        ..1e3 => format!("{nanoseconds:.0} ns"),
        ..1e6 => format!("{:.1} µs", nanoseconds / 1e3),
        _ => format!("{:.2} ms", nanoseconds / 1e6),
    }
}

const BEGIN: &str = "<!-- benchmarks: begin -->\n";
const END: &str = "<!-- benchmarks: end -->";

/// The README with `section` in the place of the one that it has.
pub(crate) fn replace_section(readme: &str, section: &str) -> Option<String> {
    let (before, rest) = readme.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{section}\n{END}{after}"))
}
