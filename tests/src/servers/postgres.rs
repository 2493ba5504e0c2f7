//! [`Postgres`], and a [`PgBouncer`] before it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use super::{Server, free_port, program};

/// What the superuser of the database is called.
const USER: &str = "postgres";
/// The user and the group `nobody`, by number, as the group's name differs between systems.
const NOBODY: &str = "65534";

/// A `PostgreSQL` server on a socket of its own, which answers when its data is on the disk;
/// `AGENTIDEMP_POSTGRES` names the folder of its programs.
pub struct Postgres {
    server: Server,
    databases: AtomicU32,
}

impl Postgres {
    /// Starts one, or says that the test is left out.
    pub fn start() -> Option<Self> {
        let programs = programs()?;
        let server = Server::start("QUIT", |folder| {
            let data = folder.join("data").display().to_string();
            own(folder);
            let initdb = programs.join("initdb").display().to_string();
            let mut command = as_server_user([
                &initdb,
                "-D",
                &data,
                "-U",
                USER,
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
            ]);
            let made = Command::new(command.remove(0))
                .args(command)
                .stdout(Stdio::null())
                .status();
            assert!(made.unwrap().success(), "`initdb` failed");
            let postgres = programs.join("postgres").display().to_string();
            as_server_user([
                &postgres,
                "-D",
                &data,
                "-k",
                &folder.display().to_string(),
                "-c",
                "listen_addresses=",
            ])
        });
        let postgres = Self {
            server,
            databases: AtomicU32::new(0),
        };
        postgres.wait();
        Some(postgres)
    }

    /// The one that the tests of a program share, each with a database of its own.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
        let shared = SHARED.get_or_init(Self::start).as_ref();
        if shared.is_none() {
            // Each test says so for itself.
            programs();
        }
        shared
    }

    fn wait(&self) {
        self.server.wait_until("PostgreSQL", || {
            let ready = self
                .psql("postgres", "SELECT 1")
                .stderr(Stdio::null())
                .status();
            ready.unwrap().success()
        });
    }

    fn psql(&self, database: &str, sql: &str) -> Command {
        let programs = programs().unwrap();
        let mut command = Command::new(programs.join("psql"));
        command.arg("-h").arg(&self.server.folder);
        command.args([
            "-U",
            USER,
            "-d",
            database,
            "-qtAX",
            "-v",
            "ON_ERROR_STOP=1",
            "-c",
            sql,
        ]);
        command.stdout(Stdio::null());
        command
    }

    /// Runs SQL in a database.
    pub fn run(&self, database: &str, sql: &str) {
        assert!(self.psql(database, sql).status().unwrap().success());
    }

    /// A new database, by its name.
    pub fn database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{number}");
        self.run("postgres", &format!("CREATE DATABASE {name}"));
        name
    }

    pub fn url(&self, database: &str) -> String {
        let folder = self.server.folder.display().to_string().replace('/', "%2F");
        format!("postgres://{USER}@{folder}/{database}")
    }

    pub fn socket(&self) -> PathBuf {
        self.server.folder.join(".s.PGSQL.5432")
    }

    /// Ends it without a checkpoint, as a crash does.
    pub fn crash(&self) {
        self.server.signal("QUIT");
        self.server.wait_until("the end of PostgreSQL", || {
            !self.server.folder.join("data/postmaster.pid").exists()
        });
    }

    pub fn start_again(&self) {
        self.server.start_again();
        self.wait();
    }
}

/// `PgBouncer` in transaction mode.
pub struct PgBouncer {
    server: Server,
    port: u16,
}

impl PgBouncer {
    /// Starts one before a server, or says that the test is left out.
    pub fn before(postgres: &Postgres) -> Option<Self> {
        let program = program("pgbouncer", "AGENTIDEMP_PGBOUNCER", "pgbouncer")?;
        let port = free_port();
        let server = Server::start("KILL", |folder| {
            let settings = format!(
                "[databases]\n* = host={} user={USER}\n\
                 [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
                 auth_type = any\npool_mode = transaction\ndefault_pool_size = 2\n",
                postgres.server.folder.display()
            );
            std::fs::write(folder.join("settings"), settings).unwrap();
            own(folder);
            let settings = folder.join("settings").display().to_string();
            as_server_user([&program.display().to_string(), &settings])
        });
        let bouncer = Self { server, port };
        bouncer.server.wait_until("PgBouncer", || {
            std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        Some(bouncer)
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/{database}", self.port)
    }
}

/// The folder of the programs: the one that is named, or Debian's of the newest version, or the one that
/// is on the path.
fn programs() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("AGENTIDEMP_POSTGRES") {
        return Some(named.into());
    }
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let newest = debian
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .filter(|folder| folder.join("initdb").is_file())
        .max();
    newest.or_else(|| {
        let initdb = program("initdb", "AGENTIDEMP_POSTGRES", "postgresql")?;
        Some(initdb.parent()?.to_path_buf())
    })
}

/// These servers refuse to run as root.
fn as_server_user<const N: usize>(command: [&str; N]) -> Vec<String> {
    let mut whole: Vec<String> = Vec::new();
    if is_root() {
        whole.extend(
            [
                "setpriv",
                "--reuid",
                NOBODY,
                "--regid",
                NOBODY,
                "--clear-groups",
            ]
            .map(String::from),
        );
    }
    whole.extend(command.map(String::from));
    whole
}

/// Gives a folder to the user of the server.
fn own(folder: &Path) {
    if is_root() {
        let chown = Command::new("chown")
            .args(["-R", NOBODY])
            .arg(folder)
            .status();
        assert!(chown.unwrap().success());
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout == b"0\n"
}
