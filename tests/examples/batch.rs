//! A batch that can be killed and run again: it does the rest only.
//!
//! ```text
//! cargo run -p agentidemp-tests --example batch -- --kill-at 500    dies in the middle of item 500
//! cargo run -p agentidemp-tests --example batch                     does the rest, and has all answers
//! ```
//!
//! It keeps three files in the folder `target/batch`: `items.jsonl`, a request in each line, which it
//! makes if there is none; `agent.redb`, where it remembers; and `answers.jsonl`. Remove the folder to
//! begin anew.

// An example has `std`.
#![allow(clippy::std_instead_of_alloc, clippy::std_instead_of_core)]

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use std::{env, process};

use agentidemp::IdempotencyKey;
use agentidemp::dedup::store::RedbStore;
use agentidemp::dedup::{Attempt, Dedup};
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};
use serde_json::json;

const ITEMS: u64 = 1_000;

#[derive(Serialize, Deserialize, IdempotencyKey)]
#[idem(scope = "documents.summarize")]
struct Summarize {
    document: u64,
    text: String,
    #[idem(skip)]
    #[serde(default)]
    sent_at: u64,
}

#[derive(Clone, Serialize, Deserialize)]
struct Summary {
    document: u64,
    words: usize,
}

/// What a model's server would do. It counts what it is sent, and dies with the process if it is told
/// to.
struct Server {
    sent: AtomicU64,
    kill_at: Option<u64>,
}

impl Server {
    /// A real client would send `attempt.key()` as the header `Idempotency-Key`.
    async fn summarize(&self, request: &Summarize, _attempt: Attempt) -> Result<Summary, String> {
        tokio::time::sleep(Duration::from_millis(2)).await;
        let sent = self.sent.fetch_add(1, Ordering::Relaxed) + 1;
        if Some(sent) == self.kill_at {
            process::abort();
        }
        Ok(Summary {
            document: request.document,
            words: request.text.split_whitespace().count(),
        })
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = Server {
        sent: AtomicU64::new(0),
        kill_at: kill_at()?,
    };
    let folder = Path::new("target/batch");
    let items = items(folder)?;
    let store = RedbStore::open(folder.join("agent.redb"))?;
    let dedup: Dedup<Summary> = Dedup::builder().store(store).remember_without_end().build();

    let progress = ProgressBar::new(items.len() as u64).with_style(ProgressStyle::with_template(
        "{bar:40} {pos} of {len} answered, {per_sec}, {eta} to go",
    )?);
    let mut answers = BufWriter::new(File::create(folder.join("answers.jsonl"))?);
    for item in &items {
        let key = item.idempotency_key();
        let summary = dedup
            .run(&key, |attempt| server.summarize(item, attempt))
            .await?;
        writeln!(answers, "{}", serde_json::to_string(&summary)?)?;
        progress.inc(1);
    }
    answers.flush()?;
    progress.finish();

    let figures = dedup.figures();
    println!(
        "{} answers: {} sent now, {} remembered",
        items.len(),
        figures.misses,
        figures.recalls
    );
    Ok(())
}

fn kill_at() -> Result<Option<u64>, Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match &arguments[..] {
        [] => Ok(None),
        [option, number] if option == "--kill-at" => Ok(Some(number.parse()?)),
        _ => Err("say nothing, or `--kill-at N`".into()),
    }
}

/// The requests, which a run before this one may have made.
fn items(folder: &Path) -> Result<Vec<Summarize>, Box<dyn Error>> {
    let path = folder.join("items.jsonl");
    if !path.exists() {
        fs::create_dir_all(folder)?;
        let lines = (1..=ITEMS).map(|number| {
            let text = "a word and another ".repeat(usize::try_from(number % 7 + 1).unwrap_or(1));
            json!({ "document": number, "text": text }).to_string() + "\n"
        });
        fs::write(&path, lines.collect::<String>())?;
    }
    let text = fs::read_to_string(&path)?;
    let items = text.lines().map(serde_json::from_str);
    Ok(items.collect::<Result<_, _>>()?)
}
