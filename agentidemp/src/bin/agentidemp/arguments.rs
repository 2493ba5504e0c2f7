//! What the user says: the commands and their arguments. The help, the completions and the manual are made
//! of it.

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;

use crate::input::Source;
use crate::output::Format;
use crate::rendering::Rendering;
use crate::rules::Rules;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Idempotency keys of JSON bodies: what is hashed, and why two keys differ.
#[derive(Debug, Parser)]
#[command(
    name = "agentidemp",
    version,
    styles = STYLES,
    max_term_width = 100,
    disable_help_subcommand = true,
    after_help = "\
Exit codes: 0 the same, 1 not the same, 2 trouble.

Example:
  $ agentidemp explain --exclude sent_at first.json retry.json"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Key(Key),
    Show(Show),
    Explain(Explain),
    Verify(Verify),
    Completions(Completions),
    Man(Man),
}

/// Print the key of a JSON body, or of each line of a file
#[derive(Debug, Args)]
#[command(after_help = "\
With --lines, line N of the output belongs to line N of the input. A line that
has no key is an error with its number on standard error; its line of output is
empty, the others go on, and the exit code is 2.

Example:
  $ agentidemp key --operation charges.create --scope user=42 charge.json
  $ agentidemp key --lines --exclude sent_at charges.jsonl > keys.txt")]
pub(crate) struct Key {
    /// Take each line as a body of its own (JSON Lines)
    #[arg(long)]
    pub(crate) lines: bool,
    #[command(flatten)]
    pub(crate) rendering: Rendering,
    #[command(flatten)]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) body: Body,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

/// Show what is hashed of a JSON body: the scope and the canonical form
#[derive(Debug, Args)]
#[command(after_help = "\
With --format json, `canonical` is exactly what is hashed:
  $ agentidemp show --format json charge.json | jq -j .canonical | sha256sum

Example:
  $ agentidemp show --scope-member tenant=/tenant charge.json")]
pub(crate) struct Show {
    #[command(flatten)]
    pub(crate) form: Form,
    #[command(flatten)]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) body: Body,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

/// Say why two JSON bodies have two keys
#[derive(Debug, Args)]
#[command(after_help = "\
The exit code is 0 if the two have one key, 1 if they have two, 2 if there is
trouble. With --format json the differences are a JSON Patch (RFC 6902).

Example:
  $ agentidemp explain --exclude sent_at first.json retry.json
  $ agentidemp explain --canonical first.log retry.log")]
pub(crate) struct Explain {
    /// The first body; `-` is standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) old: Source,
    /// The body to compare it with; `-` is standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) new: Source,
    #[command(flatten)]
    pub(crate) form: Form,
    #[command(flatten)]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

/// Say whether a JSON body has a key, and if not, what its key is
#[derive(Debug, Args)]
#[command(after_help = "\
The exit code is 0 if the body has the key, 1 if it has another, 2 if there is
trouble.

Example:
  $ agentidemp verify ik_ef3a…8f18 --exclude sent_at charge.json")]
pub(crate) struct Verify {
    /// The key: all of it, or its short or its UUID form
    pub(crate) key: String,
    #[command(flatten)]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) body: Body,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

/// Print what completes the command in a shell
#[derive(Debug, Args)]
#[command(
    hide = true,
    after_help = "\
Example:
  $ agentidemp completions bash > /etc/bash_completion.d/agentidemp"
)]
pub(crate) struct Completions {
    pub(crate) shell: Shell,
}

/// Print a page of the manual, as roff
#[derive(Debug, Args)]
#[command(
    hide = true,
    after_help = "\
Example:
  $ agentidemp man > agentidemp.1
  $ agentidemp man explain > agentidemp-explain.1"
)]
pub(crate) struct Man {
    /// The command that the page is about; all of them without it
    pub(crate) command: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Body {
    /// The JSON body; `-` is standard input
    #[arg(default_value = "-", hide_default_value = true, value_hint = ValueHint::FilePath)]
    pub(crate) file: Source,
}

#[derive(Debug, Args)]
pub(crate) struct Form {
    /// Take what was hashed, scope included, as a log holds it: the rules have been applied
    #[arg(long, conflicts_with = "Rules")]
    pub(crate) canonical: bool,
    /// Show no content, for logs: pointers, kinds and lengths alone
    #[arg(long, conflicts_with = "format")]
    pub(crate) redact: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Output {
    /// How the answer is written: for people, or for programs
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}
