//! Servers that a test starts for itself, in a temporary folder and without a port that others know.
//! They end with the test's process, however that ends.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{LazyLock, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::dedup::{Folder, say};

mod postgres;
mod proxy;
mod redis;

pub use self::postgres::{PgBouncer, Postgres};
pub use self::proxy::{Fault, Proxy};
pub use self::redis::{Cluster, Redis};

/// How long a server may take to start, and to answer the test itself: a machine may be slow.
const START: Duration = Duration::from_secs(60);

/// Starts a server for each line that it is told, and when there are no more, ends the last one and
/// removes its folder.
const WATCHMAN: &str = r#"
folder=$0; signal=$1; shift
while read -r line; do "$@" >>"$folder/log" 2>&1 & server=$!; echo "$server"; done
kill -s "$signal" "$server"; wait; rm -rf "$folder"
"#;

/// A server that can be killed and started again.
struct Server {
    folder: PathBuf,
    watchman: Child,
    running: Mutex<Running>,
}

struct Running {
    orders: Option<ChildStdin>,
    reports: BufReader<ChildStdout>,
    process: String,
}

impl Server {
    /// Starts a server by its command, which may use the folder. `end` is the signal by which it ends at
    /// once.
    fn start(end: &str, command: impl FnOnce(&Path) -> Vec<String>) -> Self {
        let folder = Folder::new().keep();
        let command = command(&folder);
        let mut watchman = Command::new("sh")
            .args(["-c", WATCHMAN])
            .arg(&folder)
            .arg(end)
            .args(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let orders = watchman.stdin.take();
        let reports = BufReader::new(watchman.stdout.take().unwrap());
        let running = Running {
            orders,
            reports,
            process: String::new(),
        };
        let server = Self {
            folder,
            watchman,
            running: Mutex::new(running),
        };
        server.start_again();
        server
    }

    fn start_again(&self) {
        let mut running = self.running.lock().unwrap();
        running
            .orders
            .as_mut()
            .unwrap()
            .write_all(b"start\n")
            .unwrap();
        running.process.clear();
        let Running {
            reports, process, ..
        } = &mut *running;
        reports.read_line(process).unwrap();
    }

    fn signal(&self, name: &str) {
        let running = self.running.lock().unwrap();
        let kill = Command::new("kill")
            .args(["-s", name, running.process.trim_end()])
            .status();
        assert!(kill.unwrap().success());
    }

    fn wait_until(&self, what: &str, is_ready: impl Fn() -> bool) {
        let started = Instant::now();
        while !is_ready() {
            thread::sleep(Duration::from_millis(10));
            let log = || std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(
                started.elapsed() < START,
                "{what} does not start: {}",
                log()
            );
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.running.lock().unwrap().orders = None;
        drop(self.watchman.wait());
    }
}

/// A program by its name or path, or nothing, in which case the test says that it was left out.
fn program(name: &str, variable: &str, package: &str) -> Option<PathBuf> {
    let named = env::var_os(variable).map(PathBuf::from);
    let found = find(named.as_deref().unwrap_or(Path::new(name)));
    if found.is_none() {
        let test = thread::current().name().unwrap_or("a test").to_string();
        say(&format!(
            "left out: {test}: it needs `{name}`; install it (Debian: `apt-get install {package}`), or \
             say where it is in {variable}"
        ));
    }
    found
}

fn find(name: &Path) -> Option<PathBuf> {
    let folders = env::var_os("PATH").unwrap_or_default();
    let debian = PathBuf::from("/usr/sbin");
    env::split_paths(&folders)
        .chain([debian])
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

/// A port that nobody has, for servers that cannot choose one. It is none of those that the system gives to
/// whoever asks for any, so that nobody is given it meanwhile.
fn free_port() -> u16 {
    static NEXT: LazyLock<AtomicU16> =
        LazyLock::new(|| AtomicU16::new(fastrand::u16(10_000..30_000)));

    loop {
        let port = NEXT.fetch_add(1, Ordering::Relaxed);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
