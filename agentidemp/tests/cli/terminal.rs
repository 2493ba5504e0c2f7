//! What reaches a terminal.

use std::process::{Command, Output};

use crate::command::{agentidemp, feed, file, run, stderr, stdout};

/// Colours, a title, a C1 sequence, marks that turn the text, and what cannot be seen.
const HOSTILE: &str =
    "\u{1b}[31m\u{1b}]0;title\u{7}\u{9b}2J\u{202e}\u{2066}\u{200b}\u{feff}\u{e0041}";

/// Looks for anything that could change a terminal.
fn assert_harmless(output: &Output) {
    for text in [stdout(output), stderr(output)] {
        let found = text.chars().find(|character| {
            let is_control = character.is_control() && *character != '\n';
            is_control
                || HOSTILE
                    .chars()
                    .any(|hostile| !hostile.is_ascii() && hostile == *character)
        });
        assert_eq!(found, None, "in {text:?}");
    }
}

#[test]
fn nothing_hostile_of_a_body_reaches_a_terminal() {
    let name = serde_json::to_string(HOSTILE).unwrap();
    // In JSON text control characters are escaped, and all others may stand as they are.
    let bodies = [
        format!("{{{name}:{name}}}"),
        format!("{{{name}:1,{name}:1}}"),
        format!("{{{name}:x}}"),
        format!("{{\"{HOSTILE}\":1}}"),
        HOSTILE.to_owned(),
    ];
    let other = file("other_hostile.json", format!("{{\"a\":[{name}]}}"));
    for body in &bodies {
        for command in [
            &["key"][..],
            &["key", "--lines"],
            &["key", "--lines", "--format", "json"],
            &["show"],
            &["show", "--format", "json"],
            &["show", "--canonical"],
            &["explain", "-", &other],
            &["explain", "-", &other, "--format", "json"],
            &["explain", &other, "-", "--canonical"],
            &["verify", "ik_00000000000000000000000000000000"],
            &["key", "--identity", "-", &other],
        ] {
            assert_harmless(&run(command, body));
        }
    }
}

#[test]
fn nothing_hostile_of_an_argument_reaches_a_terminal() {
    for arguments in [
        &[HOSTILE][..],
        &["key", HOSTILE],
        &["key", &format!("--{HOSTILE}")],
        &["key", "--exclude", &format!("/a~{HOSTILE}")],
        &["key", "--scope", HOSTILE],
        &["key", "--scope", &format!("{HOSTILE}={HOSTILE}")],
        &["key", "--only", &format!("/{HOSTILE}")],
        &["key", "--format", HOSTILE],
        &["show", "--operation", HOSTILE],
        &["show", "--scope", &format!("{HOSTILE}={HOSTILE}")],
        &["verify", HOSTILE],
        &["man", HOSTILE],
        &["completions", HOSTILE],
    ] {
        let found = run(arguments, "[1]");
        assert_harmless(&found);
    }
}

#[test]
fn colours_are_there_for_those_who_want_them() {
    let (old, new) = (file("one.json", "[1]"), file("two.json", "[2]"));
    let explain = || agentidemp(&["explain", &old, &new]);
    let plain = explain().output().unwrap();
    assert!(!stdout(&plain).contains('\u{1b}'), "a pipe is no terminal");

    let forced = explain().env("CLICOLOR_FORCE", "1").output().unwrap();
    assert!(stdout(&forced).contains("\u{1b}[31m  - ik_"));
    assert!(stdout(&forced).contains("\u{1b}[32m  + ik_"));
}

/// What the command shows on a terminal of its own, if there is a program that makes one.
fn on_a_terminal(shell_line: &str) -> Option<String> {
    let mut version = Command::new("script");
    let version = version.arg("--version").output();
    if !version.is_ok_and(|version| stdout(&version).contains("util-linux")) {
        eprintln!("left out: there is no `script` of util-linux");
        return None;
    }
    let line = shell_line.replace(
        "agentidemp",
        concat!("'", env!("CARGO_BIN_EXE_agentidemp"), "'"),
    );
    let mut script = Command::new("script");
    script.args(["--quiet", "--command", &line, "/dev/null"]);
    script.env_remove("NO_COLOR").env("TERM", "xterm");
    let shown = feed(&mut script, "");
    Some(stdout(&shown).to_owned())
}

#[test]
fn a_terminal_has_colours_unless_it_is_told_otherwise() {
    let body = file("terminal.json", "[1]");
    let verify = format!("agentidemp verify ik_00000000000000000000000000000000 '{body}'");
    let Some(shown) = on_a_terminal(&verify) else {
        return;
    };
    assert!(shown.starts_with("\u{1b}[31mno, "), "{shown:?}");
    let plain = on_a_terminal(&format!("NO_COLOR=1 {verify}"));
    assert!(plain.is_some_and(|plain| plain.starts_with("no, ")));
}

#[test]
fn a_long_file_has_a_progress_bar_where_only_the_errors_go_to_the_terminal() {
    let line = format!("{}1\n", " ".repeat(1 << 16));
    let long = file("long.jsonl", line.repeat(600));
    let short = file("short.jsonl", &line);
    let Some(shown) = on_a_terminal(&format!("agentidemp key --lines '{long}' > /dev/null")) else {
        return;
    };
    assert!(shown.contains("/37.50 MiB"), "{shown:?}");
    for silent in [
        format!("agentidemp key --lines '{short}' > /dev/null"),
        format!("agentidemp key --lines '{long}' 2> /dev/null"),
        format!("agentidemp key --lines '{long}'"),
    ] {
        let shown = on_a_terminal(&silent);
        assert!(shown.is_some_and(|shown| !shown.contains("MiB")));
    }
}
