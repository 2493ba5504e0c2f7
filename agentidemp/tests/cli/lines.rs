//! `key --lines`.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use agentidemp::Identity;
use serde_json::Value;

use crate::command::{agentidemp, code, run, stderr, stdout};

#[test]
fn line_n_of_the_output_belongs_to_line_n_of_the_input() {
    // Many blocks, and lines of every length, so that threads finish out of turn.
    let (mut input, mut expected, mut bad) = (String::new(), String::new(), 0);
    for number in 0..20_000_usize {
        let start = input.len();
        let padding = " ".repeat(number * 7919 % 97);
        match number % 1000 {
            999 => writeln!(input, r#"{{"n":{number},"n":{padding}1}}"#).unwrap(),
            500 => writeln!(input, "[{number},\"{}\"]", "x".repeat(200_000)).unwrap(),
            _ => writeln!(input, r#"{{{padding}"n":{number}}}"#).unwrap(),
        }
        match Identity::new().key_of_json(&input.as_bytes()[start..]) {
            Ok(key) => expected.push_str(&key),
            Err(_) => bad += 1,
        }
        expected.push('\n');
    }
    let found = run(&["key", "--lines"], &input);
    assert_eq!(code(&found), 2);
    assert!(stdout(&found) == expected, "the keys are others");
    let errors = stderr(&found);
    let last = format!("error: {bad} of 20000 lines have no key");
    assert_eq!(errors.lines().last(), Some(last.as_str()));
    assert_eq!(errors.matches("help: ").count(), 1);
    let places: Vec<_> = errors
        .lines()
        .filter(|line| line.contains(":1000:"))
        .collect();
    assert!(
        places[0].starts_with("error: standard input:1000:"),
        "{places:?}"
    );
}

#[test]
fn a_last_line_needs_no_end_and_an_empty_line_is_no_body() {
    let key = Identity::new().key_of_json(b"1").unwrap();
    for (input, expected) in [
        ("", String::new()),
        ("1", format!("{key}\n")),
        ("1\n", format!("{key}\n")),
        ("1\r\n1", format!("{key}\n{key}\n")),
    ] {
        let found = run(&["key", "--lines"], input);
        assert_eq!((code(&found), stdout(&found)), (0, expected.as_str()));
    }
    let found = run(&["key", "--lines"], "1\n\n1\n");
    assert_eq!(
        (code(&found), stdout(&found)),
        (2, format!("{key}\n\n{key}\n").as_str())
    );
}

#[test]
fn a_program_gets_an_object_for_each_line() {
    let found = run(
        &["key", "--lines", "--short", "--format", "json"],
        "[1]\n{\"\u{202e}\":x}\n",
    );
    assert_eq!(code(&found), 2);
    let lines: Vec<Value> = stdout(&found)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let key = Identity::new().key_of_json(b"[1]").unwrap().short();
    assert_eq!(
        lines[0],
        serde_json::json!({"line": 1, "key": key.as_str()})
    );
    assert_eq!(lines[1]["line"], 2);
    assert_eq!(lines[1]["error"]["pointer"], "/\u{202e}");
    assert_eq!(lines[1]["error"]["byte"], 7);
    assert_eq!(lines[1]["error"]["column"], 6);
}

/// The command, which reads what it is given line by line.
struct Running {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

fn start() -> Running {
    let mut child = agentidemp(&["key", "--lines"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    Running {
        stdin: child.stdin.take().unwrap(),
        stdout: BufReader::new(child.stdout.take().unwrap()),
        child,
    }
}

impl Running {
    fn key_of(&mut self, line: &str) -> String {
        writeln!(self.stdin, "{line}").unwrap();
        let mut key = String::new();
        self.stdout.read_line(&mut key).unwrap();
        key
    }
}

#[test]
fn a_key_is_there_as_soon_as_its_line_is() {
    let mut running = start();
    for number in 0..10 {
        let line = format!("[{number}]");
        let key = Identity::new().key_of_json(line.as_bytes()).unwrap();
        assert_eq!(running.key_of(&line), format!("{key}\n"));
    }
    let Running {
        mut child, stdin, ..
    } = running;
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn where_nobody_reads_the_command_ends_quietly() {
    let mut running = start();
    running.key_of("[1]");
    let Running {
        mut child,
        mut stdin,
        stdout,
    } = running;
    drop(stdout);
    // Its input has not ended.
    writeln!(stdin, "[2]").unwrap();
    let mut errors = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut errors)
        .unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(errors, "");
}

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_input() {
    let mut running = start();
    let line = " ".repeat(1 << 16) + "1";
    let key = running.key_of(&line);
    let mut most = 0;
    for _ in 0..1000 {
        assert_eq!(running.key_of(&line), key);
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", running.child.id())).unwrap();
    for line in status.lines() {
        if let Some(peak) = line.strip_prefix("VmHWM:") {
            most = peak.trim().trim_end_matches(" kB").parse().unwrap();
        }
    }
    assert!((1..32 << 10).contains(&most), "{most} KiB for 64 MiB");
    drop(running.stdin);
    assert!(running.child.wait().unwrap().success());
}
