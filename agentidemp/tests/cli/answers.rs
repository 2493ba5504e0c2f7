//! What the commands answer, to a program.

use agentidemp::{Identity, Secret, sha256_hex};
use serde_json::{Value, json};

use crate::command::{code, file, run, stderr, stdout};

const BODY: &str = r#"{
    "tenant": "a:b", "amount": 5.0e2, "note": "x",
    "event": "{ \"n\": 1.0, \"sent_at\": 1, \"trace_id\": 2 }", "tags": ["b", "a"]
}"#;

#[test]
fn a_flag_says_what_the_method_of_its_name_says() {
    let flags = [
        ["--exclude", "/event/sent_at"],
        ["--exclude-everywhere", "trace_id"],
        ["--only", "/amount"],
        ["--only", "/tags"],
        ["--only", "/event"],
        ["--unordered", "/tags"],
        ["--json-text", "/event"],
        ["--operation", "payments>charges.create"],
        ["--scope", "user=4=2"],
        ["--scope-member", "tenant=/tenant"],
    ];
    let identity = Identity::new()
        .exclude(["/event/sent_at"])
        .exclude_everywhere(["trace_id"])
        .only(["/amount", "/tags", "/event"])
        .unordered(["/tags"])
        .json(["/event"])
        .scope("payments")
        .scope("charges.create")
        .scope_field("user", "4=2")
        .scope_member("tenant", "/tenant");
    let key = format!("{}\n", identity.key_of_json(BODY.as_bytes()).unwrap());
    let found = run(&[&["key"], flags.as_flattened()].concat(), BODY);
    assert_eq!(stdout(&found), key);

    // None of them is there for nothing.
    for left_out in flags {
        let others: Vec<_> = flags.into_iter().filter(|flag| *flag != left_out).collect();
        let found = run(&[&["key"], others.as_flattened()].concat(), BODY);
        assert_ne!(stdout(&found), key, "without {left_out:?}");
    }

    let document = file("rules.json", serde_json::to_vec(&identity).unwrap());
    let found = run(&["key", "--identity", &document], BODY);
    assert_eq!(stdout(&found), key);
}

#[test]
fn flags_are_added_to_the_document() {
    let document = file("exclude.json", r#"{"exclude":["note"]}"#);
    let found = run(
        &["key", "--identity", &document, "--scope", "user=42"],
        BODY,
    );
    let identity = Identity::new().exclude(["note"]).scope_field("user", 42);
    let key = identity.key_of_json(BODY.as_bytes()).unwrap();
    assert_eq!(stdout(&found), format!("{key}\n"));
}

#[test]
fn a_secret_counts_in_every_command() {
    let secret = "0123456789abcdef0123456789abcdef";
    let identity = Identity::new().secret(Secret::new(secret));
    let key = identity.key_of_json(b"[1]").unwrap();
    let secret = file("secret", format!("{secret}\n"));
    let flag = ["--secret-file", secret.as_str()];

    let run = |command: &[&str], input| run(&[command, &flag[..]].concat(), input);
    assert_eq!(stdout(&run(&["key"], "[1]")), format!("{key}\n"));
    assert_eq!(stdout(&run(&["key", "--lines"], "[1]")), format!("{key}\n"));
    assert!(stdout(&run(&["show"], "[1]")).starts_with(key.as_str()));
    assert_eq!(stdout(&run(&["verify", &key], "[1]")), "yes\n");
    let other = file("other.json", "[2]");
    assert!(stdout(&run(&["explain", "-", &other], "[1]")).contains(key.as_str()));
}

#[test]
fn a_program_gets_exactly_what_is_hashed() {
    let body = "{\"name\":\"\u{202e}\\u001b\",\"user\":42}";
    let found = run(
        &["show", "--format", "json", "--scope-member", "user=/user"],
        body,
    );
    let shown: Value = serde_json::from_slice(&found.stdout).unwrap();
    let canonical = shown["canonical"].as_str().unwrap();
    assert_eq!(canonical, "user:42:{\"name\":\"\u{202e}\\u001b\"}");
    assert_eq!(shown["scope"], "user:42");
    assert_eq!(shown["key"], sha256_hex(canonical.as_bytes()).as_str());
}

#[test]
fn a_program_gets_the_differences_as_a_patch() {
    let old = file("old.json", r#"{"amount":9007199254740992,"user":1}"#);
    let new = r#"{"amount":9007199254740993,"user":2}"#;
    let arguments = [
        "explain",
        "--format",
        "json",
        "--scope-member",
        "user=/user",
        &old,
        "-",
    ];
    let found = run(&arguments, new);
    assert_eq!(code(&found), 1);
    // The digits stand in the text: as a double they would be those of the other number.
    assert!(stdout(&found).contains(r#""value":9007199254740993}"#));
    let mut explained: Value = serde_json::from_slice(&found.stdout).unwrap();
    explained
        .as_object_mut()
        .unwrap()
        .retain(|name, _| !name.ends_with("key"));
    let expected = json!({
        "equal": false,
        "scope": [{"label": "user", "old": "1", "new": "2"}],
        "patch": [{"op": "replace", "path": "/amount", "value": 9_007_199_254_740_993_u64}],
    });
    assert_eq!(explained, expected);
}

#[test]
fn each_rendering_of_a_key_is_verified() {
    for rendering in [&[][..], &["--short"], &["--uuid"]] {
        let key = run(&[&["key"], rendering].concat(), BODY);
        let key = stdout(&key).trim_end();
        let same = run(&["verify", key], BODY);
        assert_eq!((code(&same), stdout(&same)), (0, "yes\n"));
        let other = run(&["verify", key], "{}");
        assert_eq!(code(&other), 1);
    }
}

#[test]
fn an_error_has_the_line_and_the_column() {
    let found = run(&["key"], "{\n  \"\u{e9}\": 1, \"b\": .1\n}");
    assert_eq!((code(&found), stdout(&found)), (2, ""));
    let place = "error: standard input:2:16: /b: ";
    assert!(stderr(&found).starts_with(place), "{}", stderr(&found));
}

#[test]
fn an_error_in_one_of_two_bodies_says_in_which() {
    let good = file("good.json", "{}");
    let bad = file("bad.json", "{");
    for arguments in [[good.as_str(), bad.as_str()], [&bad, &good]] {
        let found = run(&[&["explain"], &arguments[..]].concat(), "");
        assert_eq!(code(&found), 2);
        assert!(stderr(&found).contains("bad.json:1:2: "));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_written_is_trouble() {
    use crate::command::agentidemp;
    use std::fs::File;

    let body = file("full.json", "[1]");
    for arguments in [&["key", &body][..], &["key", "--lines", &body], &["man"]] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let found = agentidemp(arguments).stdout(full).output().unwrap();
        assert_eq!(code(&found), 2);
        assert!(stderr(&found).starts_with("error: cannot write the output: "));
    }
}
