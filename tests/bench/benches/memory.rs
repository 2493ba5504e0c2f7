//! What a key costs in memory, as a Markdown table: how often it allocates, and the most that it
//! holds at once.
//!
//! `cargo bench -p agentidemp-bench --bench memory`. Apart from the times, as counting has its own cost.

#![allow(
    missing_docs,
    clippy::cast_precision_loss,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::unwrap_used
)]

use std::hint::black_box;

use agentidemp::Identity;
use agentidemp_bench::{Request, Text, VOLATILE, chat, embedding, integers};

fn main() {
    println!("| | bytes | derive | 3 exclusions | serde_json | serde_json_canonicalizer |");
    println!("|---|---:|---:|---:|---:|---:|");
    for (case, size) in [
        ("chat, 300 B", 300),
        ("chat, 4 KB", 4096),
        ("chat, 100 KB", 100 << 10),
        ("chat, 2 MB", 2 << 20),
        ("chat, 64 MB", 64 << 20),
    ] {
        row(case, &chat(Text::Prose, size));
    }
    for (case, text) in [("code, 100 KB", Text::Code), ("JSON, 100 KB", Text::Json)] {
        row(case, &chat(text, 100 << 10));
    }
    row("1536 f32", &embedding());
    row("64 small integers", &integers());
}

fn row<R: Request>(case: &str, request: &R) {
    let sent = R::Sent::from(request);
    let identity = Identity::new().exclude(VOLATILE);
    let cells = [
        cell(|| {
            black_box(request.idempotency_key());
        }),
        cell(|| {
            black_box(identity.key(&sent).unwrap());
        }),
        cell(|| {
            black_box(serde_json::to_vec(request).unwrap());
        }),
        cell(|| {
            black_box(serde_json_canonicalizer::to_vec(request).unwrap());
        }),
    ];
    let size = request.canonical_bytes().len();
    println!("| {case} | {size} | {} |", cells.join(" | "));
}

fn cell(key: impl FnOnce()) -> String {
    let allocations = allocation_counter::measure(key);
    if allocations.count_total == 0 {
        return "none".into();
    }
    format!(
        "{} allocations, {:.1} KB",
        allocations.count_total,
        allocations.bytes_max as f64 / 1024.0
    )
}
