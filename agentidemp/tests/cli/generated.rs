//! The help, the completions and the manual.

use crate::command::{code, run, stdout};

const COMMANDS: [&str; 4] = ["key", "show", "explain", "verify"];

#[test]
fn the_help_of_each_command_has_an_example() {
    for command in COMMANDS.iter().chain(&["completions", "man"]) {
        let help = run(&[command, "--help"], "");
        assert!(stdout(&help).contains(&format!("Example:\n  $ agentidemp {command} ")));
    }
}

#[test]
fn each_shell_completes_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = run(&["completions", shell], "");
        assert_eq!(code(&script), 0);
        for word in COMMANDS.iter().chain(&["exclude-everywhere"]) {
            assert!(
                stdout(&script).contains(word),
                "{shell} completes no {word}"
            );
        }
    }
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let page = run(&["man"], "");
    assert!(stdout(&page).contains(".TH agentidemp 1"));
    for command in COMMANDS {
        assert!(stdout(&page).contains(&format!("agentidemp\\-{command}(1)")));
        let page = run(&["man", command], "");
        assert!(
            stdout(&page).contains(&format!(".TH agentidemp-{command} 1")),
            "{}",
            stdout(&page)
        );
        assert!(stdout(&page).contains("\\-\\-identity"));
    }
    assert_eq!(code(&run(&["man", "nothing"], "")), 2);
}
