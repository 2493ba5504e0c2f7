//! Processes that share a store. A scene of them is in `scene.rs`, and what is done to them in `kills.rs`.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use agentidemp::dedup::store::{PostgresStore, RedbStore, RedisStore, Store, StoreError};

pub mod garbage;
pub mod kills;
pub mod load;
pub mod network;
mod scene;

pub use self::scene::{Hold, Receiver, Scene};

/// Past the capture of the test's output.
pub fn say(text: &str) {
    let text = format!("{text}\n");
    std::io::stderr().write_all(text.as_bytes()).unwrap();
}

/// Whoever is not answered by then is blocked.
pub const BLOCKED: Duration = Duration::from_secs(100);

/// The store at a URL, or in a file.
pub async fn open(store: &str) -> Result<Box<dyn Store>, StoreError> {
    Ok(match store.split_once("://") {
        None => Box::new(RedbStore::open(store)?),
        Some(("postgres", _)) => Box::new(PostgresStore::connect(store).await?),
        Some(_) => Box::new(RedisStore::connect(store).await?),
    })
}

/// A folder that is removed when it is dropped.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("agentidemp-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The folder, which somebody else removes.
    pub fn keep(self) -> PathBuf {
        let path = self.0.clone();
        std::mem::forget(self);
        path
    }
}

impl Default for Folder {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// A process that is killed when it is dropped.
pub struct Process(pub Child);

impl Process {
    fn start(program: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        Self(command.spawn().unwrap())
    }

    pub fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Sends a signal by name: `STOP`, `CONT`.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args(["-s", name, &self.0.id().to_string()])
            .status();
        assert!(status.unwrap().success());
    }

    pub fn is_done(&mut self) -> bool {
        let status = self.0.try_wait().unwrap();
        status.is_some_and(|status| {
            assert!(status.success(), "a worker failed: {status}");
            true
        })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
