//! [`Redis`] and a [`Cluster`] of it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use super::{START, Server, free_port, program};

/// A Redis server on a socket of its own; `AGENTIDEMP_REDIS_SERVER` names the program, such as
/// `valkey-server`.
pub struct Redis {
    server: Server,
}

impl Redis {
    /// Starts one that keeps what it acknowledged, or says that the test is left out.
    pub fn start() -> Option<Self> {
        Self::with(&["--appendonly", "yes", "--appendfsync", "always"])
    }

    pub fn with(settings: &[&str]) -> Option<Self> {
        let program = redis_server()?;
        let server = Server::start("KILL", |folder| {
            let socket = folder.join("socket").display().to_string();
            let mut command = vec![program, "--port".into(), "0".into()];
            command.extend(["--unixsocket".into(), socket]);
            command.extend(files(folder));
            command.extend(settings.iter().map(ToString::to_string));
            command
        });
        let redis = Self { server };
        redis.wait();
        Some(redis)
    }

    fn wait(&self) {
        self.server.wait_until("Redis", || {
            let reply = self.try_ask("PING").unwrap_or_default();
            reply.starts_with("+PONG") || reply.starts_with("-NOAUTH")
        });
    }

    pub fn socket(&self) -> PathBuf {
        self.server.folder.join("socket")
    }

    pub fn url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    pub fn kill(&self) {
        self.server.signal("KILL");
    }

    pub fn start_again(&self) {
        self.server.start_again();
        self.wait();
    }

    /// What it answers to a command in one line.
    pub fn ask(&self, command: &str) -> String {
        self.try_ask(command).unwrap()
    }

    /// A field of a hash.
    pub fn field(&self, name: &str, field: &str) -> String {
        let reply = self.ask(&format!("HGET {name} {field}"));
        reply.lines().nth(1).unwrap_or_default().into()
    }

    fn try_ask(&self, command: &str) -> Option<String> {
        let mut connection = UnixStream::connect(self.socket()).ok()?;
        connection.set_read_timeout(Some(START)).ok()?;
        ask(&mut connection, command)
    }
}

/// Three servers that share the keys.
pub struct Cluster {
    nodes: Vec<(Server, u16)>,
}

impl Cluster {
    pub fn start() -> Option<Self> {
        let program = redis_server()?;
        let nodes = (0..3).map(|_| {
            let (port, bus) = (free_port(), free_port());
            let server = Server::start("KILL", |folder| {
                let mut command = vec![program.clone()];
                command.extend(["--port".into(), port.to_string()]);
                command.extend(["--cluster-port".into(), bus.to_string()]);
                command.extend(["--cluster-enabled".into(), "yes".into()]);
                command.extend(["--bind".into(), "127.0.0.1".into()]);
                command.extend(files(folder));
                command
            });
            (server, port, bus)
        });
        let nodes: Vec<(Server, u16, u16)> = nodes.collect();
        for (node, (server, port, _)) in nodes.iter().enumerate() {
            server.wait_until("a node", || ask_node(*port, "PING").is_some());
            let (first, last) = (node * 16384 / 3, (node + 1) * 16384 / 3 - 1);
            ask_node(*port, &format!("CLUSTER ADDSLOTSRANGE {first} {last}"));
            for (_, other, bus) in &nodes {
                ask_node(*port, &format!("CLUSTER MEET 127.0.0.1 {other} {bus}"));
            }
        }
        for (server, port, _) in &nodes {
            server.wait_until("the cluster", || {
                let info = ask_node(*port, "CLUSTER INFO").unwrap_or_default();
                info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3")
            });
        }
        let nodes = nodes.into_iter().map(|(server, port, _)| (server, port));
        Some(Self {
            nodes: nodes.collect(),
        })
    }

    /// What a node answers to a command in one line.
    pub fn ask(&self, node: usize, command: &str) -> String {
        ask_node(self.nodes[node].1, command).unwrap()
    }

    pub fn urls(&self) -> Vec<String> {
        let ports = self.nodes.iter().map(|(_, port)| port);
        ports
            .map(|port| format!("redis://127.0.0.1:{port}"))
            .collect()
    }
}

fn ask_node(port: u16, command: &str) -> Option<String> {
    let mut connection = TcpStream::connect(("127.0.0.1", port)).ok()?;
    connection.set_read_timeout(Some(START)).ok()?;
    ask(&mut connection, command)
}

fn redis_server() -> Option<String> {
    let program = program("redis-server", "AGENTIDEMP_REDIS_SERVER", "redis-server")?;
    Some(program.display().to_string())
}

/// The settings by which a server keeps its files in a folder, and no snapshots.
fn files(folder: &Path) -> Vec<String> {
    let folder = folder.display().to_string();
    ["--dir".into(), folder, "--save".into(), String::new()].into()
}

/// Sends a command in one line, and reads what comes at once.
fn ask(connection: &mut (impl Read + Write), command: &str) -> Option<String> {
    connection
        .write_all(format!("{command}\r\n").as_bytes())
        .ok()?;
    let mut reply = vec![0; 1 << 16];
    let length = connection.read(&mut reply).ok()?;
    Some(String::from_utf8_lossy(&reply[..length]).into_owned())
}
