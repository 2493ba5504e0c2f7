//! The progress bar: on a terminal, where a file is long.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressStyle};

use crate::input::Source;

/// What is shorter is done before anybody wonders.
const LONG: u64 = 32 << 20;

/// A bar, which is hidden where nobody sees it, and where the keys go to the same terminal.
pub(super) fn bar(source: &Source) -> ProgressBar {
    let is_seen = io::stderr().is_terminal() && !io::stdout().is_terminal();
    match source.length() {
        Some(length) if is_seen && length >= LONG => ProgressBar::new(length).with_style(style()),
        _ => ProgressBar::hidden(),
    }
}

fn style() -> ProgressStyle {
    let template = "{wide_bar} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left";
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
