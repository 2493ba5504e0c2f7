//! What a key costs, beside raw SHA-256 over the same bytes and beside other crates.
//!
//! - `cargo bench -p agentidemp-bench --bench key` measures, prints the tables, and writes them to `bench.md` in the
//!   target directory.
//! - `AGENTIDEMP_BENCH=readme cargo bench -p agentidemp-bench --bench key` also puts the comparison into the README.
//! - `AGENTIDEMP_BENCH=check cargo bench -p agentidemp-bench --bench key` takes less time and fails where a ratio is far
//!   beyond the accepted one (`limits.rs`).
//!
//! Criterion's arguments work: `cargo bench -p agentidemp-bench --bench key -- '4 KB'` measures one case.

#![allow(
    missing_docs,
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::std_instead_of_core,
    clippy::std_instead_of_alloc,
    clippy::unwrap_used
)]

mod contenders;
mod limits;
mod measure;
mod report;
mod scale;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use agentidemp_bench::{Request, Text, chat, embedding, integers};
use criterion::Criterion;

use crate::contenders::Subject;
use crate::measure::{Case, Effort, measure};

enum Mode {
    Full,
    Readme,
    Check,
}

impl Mode {
    fn from_environment() -> Self {
        match env::var("AGENTIDEMP_BENCH").as_deref() {
            Err(_) => Self::Full,
            Ok("readme") => Self::Readme,
            Ok("check") => Self::Check,
            Ok(mode) => panic!("AGENTIDEMP_BENCH is `readme`, `check` or not set, not `{mode}`"),
        }
    }
}

fn main() -> ExitCode {
    match Mode::from_environment() {
        Mode::Full => {
            measure_and_keep();
        }
        Mode::Readme => {
            // Before the measuring, so that a README without a place for it costs no minute.
            readme_with("");
            if let Some(measured) = measure_and_keep() {
                let readme = readme_with(&report::comparison(&measured));
                fs::write(in_workspace("README.md"), readme).unwrap();
            }
        }
        Mode::Check => return check(),
    }
    ExitCode::SUCCESS
}

/// Measures all, and keeps the report as a file; none where criterion's arguments ask for less than
/// all.
fn measure_and_keep() -> Option<Vec<Case>> {
    let measured = measure_in_rounds(Effort::FULL, |_| false)?;
    let report = print_report(&measured, Effort::FULL);
    // Beside the folder that cargo gives to benchmarks: wherever the target directory is.
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("bench.md");
    fs::write(path, report).unwrap();
    Some(measured)
}

/// Fails where a ratio is far beyond the accepted one in every round.
fn check() -> ExitCode {
    let is_accepted = |measured: &[Case]| limits::broken(measured).is_empty();
    let Some(measured) = measure_in_rounds(Effort::SHORT, is_accepted) else {
        return ExitCode::SUCCESS;
    };
    print_report(&measured, Effort::SHORT);
    let broken = limits::broken(&measured);
    for line in &broken {
        eprintln!("{line}");
    }
    if broken.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn print_report(measured: &[Case], effort: Effort) -> String {
    let comparison = report::comparison(measured);
    let limits = report::limits(measured);
    let scale = report::scale(
        &scale::nanoseconds_per_byte(),
        &scale::threads(effort.measurement / 4),
    );
    let report = format!("{comparison}\n{limits}\n{scale}");
    println!("\n{report}");
    report
}

/// How often all is measured. For seconds or minutes, a neighbour on the machine can double what a key
/// takes beside the hash, and not what the hash takes: of each contender, the best round counts against the
/// limits, and the README has the range.
const ROUNDS: usize = 3;

/// All cases, measured again until that is enough; none where criterion's arguments ask for less than
/// all.
fn measure_in_rounds(effort: Effort, is_enough: impl Fn(&[Case]) -> bool) -> Option<Vec<Case>> {
    let mut measured = measure_all(effort)?;
    for _ in 1..ROUNDS {
        if is_enough(&measured) {
            break;
        }
        for (case, again) in measured.iter_mut().zip(measure_all(effort)?) {
            case.take_in(again);
        }
    }
    Some(measured)
}

/// The README with the section in the place for it.
fn readme_with(section: &str) -> String {
    let readme = fs::read_to_string(in_workspace("README.md")).unwrap();
    report::replace_section(&readme, section)
        .expect("the README has the two comments that enclose the benchmarks")
}

fn in_workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

/// All cases; none where criterion's arguments ask for less than all.
fn measure_all(effort: Effort) -> Option<Vec<Case>> {
    let mut criterion = effort.criterion();
    let chats = [
        ("chat, 300 B", chat(Text::Prose, 300)),
        ("chat, 4 KB", chat(Text::Prose, 4096)),
        ("chat, 100 KB", chat(Text::Prose, 100 << 10)),
        ("chat, 2 MB", chat(Text::Prose, 2 << 20)),
        ("code, 4 KB", chat(Text::Code, 4096)),
        ("code, 100 KB", chat(Text::Code, 100 << 10)),
        ("JSON, 4 KB", chat(Text::Json, 4096)),
        ("JSON, 100 KB", chat(Text::Json, 100 << 10)),
    ];
    let (embedding, integers) = (embedding(), integers());

    let mut measured = Vec::new();
    for (name, chat) in &chats {
        let subject = Subject::new(chat);
        subject.assert_peers_agree();
        measured.push(measure_subject(&mut criterion, effort, name, &subject));
    }
    let subject = Subject::new(&embedding);
    subject.assert_serde_json_agrees();
    measured.push(measure_subject(
        &mut criterion,
        effort,
        "1536 f32",
        &subject,
    ));
    let subject = Subject::new(&integers);
    subject.assert_peers_agree();
    subject.assert_serde_json_agrees();
    measured.push(measure_subject(
        &mut criterion,
        effort,
        "64 small integers",
        &subject,
    ));
    let is_complete = measured.iter().all(|case| !case.figures.is_empty());
    is_complete.then_some(measured)
}

fn measure_subject<R: Request>(
    criterion: &mut Criterion,
    effort: Effort,
    name: &'static str,
    subject: &Subject<'_, R>,
) -> Case {
    subject.assert_one_key();
    measure(
        criterion,
        effort,
        name,
        subject.size(),
        &subject.raw(),
        &subject.contenders(),
    )
}
