//! The transcripts in `tests/transcripts` and in the README are what the command prints.
//!
//! `BLESS=1 cargo test --features cli --test cli transcripts` writes them anew.

use std::fmt::Write as _;
use std::io::{Read as _, pipe};
use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::command::agentidemp;

/// Stands for the rest of a line, where that is not ours to say.
const REST: &str = "[..]";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts")
}

/// What a terminal shows: the exit code, if it is not 0, then errors and output as they come.
fn shown(arguments: &str) -> String {
    let (mut output, writer) = pipe().unwrap();
    let arguments: Vec<&str> = arguments.split_whitespace().collect();
    let mut command = agentidemp(&arguments);
    command.current_dir(folder().join("bodies"));
    command.env("COLUMNS", "80");
    command.stdout(writer.try_clone().unwrap()).stderr(writer);
    let mut child = command.spawn().unwrap();
    // It holds the writing end, too.
    drop(command);
    let mut text = String::new();
    output.read_to_string(&mut text).unwrap();
    match child.wait().unwrap().code() {
        Some(0) => text,
        code => format!("? {}\n{text}", code.unwrap()),
    }
}

fn is_like(expected: &str, found: &str) -> bool {
    let is_like = |(expected, found): (&str, &str)| match expected.strip_suffix(REST) {
        Some(start) => found.starts_with(start),
        None => expected == found,
    };
    let lines = expected.lines().zip(found.lines());
    expected.lines().count() == found.lines().count() && lines.into_iter().all(is_like)
}

/// The text, with what the command prints today below each `$ agentidemp` of its consoles.
fn anew(text: &str) -> String {
    let mut anew = String::new();
    let mut lines = text.lines().peekable();
    let mut is_console = false;
    while let Some(line) = lines.next() {
        writeln!(anew, "{line}").unwrap();
        if line.starts_with("```") {
            is_console = line == "```console";
        }
        let Some(arguments) = line.strip_prefix("$ agentidemp").filter(|_| is_console) else {
            continue;
        };
        let mut expected = String::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with("$ ") && *line != "```") {
            writeln!(expected, "{line}").unwrap();
        }
        // A blank line sets it apart from what comes next.
        let found = shown(arguments) + "\n";
        anew += if is_like(&expected, &found) {
            &expected
        } else {
            &found
        };
    }
    anew
}

fn assert_shown(path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    let anew = anew(&text);
    assert!(text.contains("\n$ agentidemp"), "{}", path.display());
    if env::var_os("BLESS").is_some() {
        fs::write(path, anew).unwrap();
        return;
    }
    let differs = text
        .lines()
        .zip(anew.lines())
        .find(|(text, anew)| text != anew);
    assert_eq!(differs, None, "{}", path.display());
    assert_eq!(text, anew, "{}", path.display());
}

#[test]
fn the_command_prints_what_the_transcripts_say() {
    let mut count = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            assert_shown(&path);
            count += 1;
        }
    }
    assert!(count > 4, "{count} transcripts");
}

/// It stands in the folder of the package, or above it in the repository.
#[test]
fn the_command_prints_what_the_readme_says() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readmes = ["README.md", "../README.md"].map(|path| package.join(path));
    assert_shown(readmes.iter().find(|path| path.exists()).unwrap());
}

#[test]
fn another_output_than_the_one_that_is_told_is_found() {
    let transcript = |output: &str| format!("```console\n$ agentidemp verify\n{output}\n```\n");
    let told = anew(&transcript("nothing\n"));
    assert!(told.starts_with("```console\n$ agentidemp verify\n? 2\nerror: "));
    assert_eq!(anew(&told), told);
    assert_eq!(anew(&told.replace("? 2", "? 1")), told);
    assert_eq!(anew(&told.replace("error: ", "error:")), told);
}
