//! [`Server`]: the connection, and what becomes of it when the server does not answer.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::error::Error as _;
use core::time::Duration;
use std::sync::{Mutex, PoisonError};

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::{Client, Cmd, ErrorKind, RedisError, ServerErrorKind, Value};
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::dedup::StoreError;
use crate::dedup::runtime::within;
use crate::dedup::store::StoreErrorKind;

/// How long an operation may take, with all that it is sent again.
const LIMIT: Duration = Duration::from_secs(5);
/// How long the server may take to answer, and to be connected to.
const RESPONSE: Duration = Duration::from_secs(2);
/// How often a connection is tried before the operations that wait for it fail.
const CONNECTIONS: usize = 3;
/// How often an operation is sent where its connection breaks. Each can be sent twice.
const SENDINGS: usize = 2;

pub(super) struct Server {
    target: Target,
    connection: Mutex<Connection>,
    runtime: Handle,
}

enum Target {
    One(Client),
    Cluster(Box<ClusterClient>),
}

/// A handle: each operation has one of its own, and they share the connection.
#[derive(Clone)]
struct Connection {
    link: Link,
    /// How many came before it.
    number: u64,
}

#[derive(Clone)]
enum Link {
    One(ConnectionManager),
    Cluster(ClusterConnection),
}

impl Server {
    pub(super) async fn connect(url: &str) -> Result<Self, StoreError> {
        let client = Client::open(url).map_err(|error| failed(&error))?;
        Self::connect_to(Target::One(client)).await
    }

    pub(super) async fn connect_to_cluster(urls: Vec<String>) -> Result<Self, StoreError> {
        let client = ClusterClient::builder(urls)
            .connection_timeout(RESPONSE)
            .response_timeout(RESPONSE)
            .build()
            .map_err(|error| failed(&error))?;
        Self::connect_to(Target::Cluster(Box::new(client))).await
    }

    async fn connect_to(target: Target) -> Result<Self, StoreError> {
        let link = timeout(LIMIT, target.link());
        let link = link
            .await
            .map_err(|_| too_slow())?
            .map_err(|error| failed(&error))?;
        let server = Self {
            target,
            connection: Mutex::new(Connection { link, number: 0 }),
            runtime: Handle::current(),
        };
        server.send(&redis::cmd("PING")).await?;
        Ok(server)
    }

    /// Sends a command, again where its connection breaks. It can be polled outside a runtime.
    pub(super) async fn send(&self, command: &Cmd) -> Result<Value, StoreError> {
        let limited = async { timeout(LIMIT, self.send_until_heard(command)).await };
        let sent = within(&self.runtime, limited).await;
        sent.unwrap_or_else(|_| Err(too_slow()))
    }

    async fn send_until_heard(&self, command: &Cmd) -> Result<Value, StoreError> {
        let mut sendings = 1;
        loop {
            let mut connection = self.connection();
            match connection.link.send(command).await {
                Ok(value) => return Ok(value),
                Err(error) if !breaks(&error) => return Err(failed(&error)),
                Err(error) => {
                    if !error.is_connection_dropped() {
                        self.replace(&connection).await;
                    }
                    if sendings == SENDINGS {
                        return Err(failed(&error));
                    }
                }
            }
            sendings += 1;
        }
    }

    fn connection(&self) -> Connection {
        let connection = &self.connection;
        // It is replaced as a whole.
        connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Puts a new connection in the place of one whose other end is gone without a word, or of one to a
    /// server that has become a replica, unless somebody else did. The client keeps these; one that was
    /// closed it replaces by itself.
    async fn replace(&self, broken: &Connection) {
        // If there is none to be had, the next operation says so.
        let Ok(link) = self.target.link().await else {
            return;
        };
        let connection = &self.connection;
        let mut current = connection.lock().unwrap_or_else(PoisonError::into_inner);
        if current.number == broken.number {
            *current = Connection {
                link,
                number: broken.number + 1,
            };
        }
    }
}

impl Target {
    async fn link(&self) -> Result<Link, RedisError> {
        match self {
            Self::One(client) => {
                let config = ConnectionManagerConfig::new()
                    .set_connection_timeout(Some(RESPONSE))
                    .set_response_timeout(Some(RESPONSE))
                    .set_number_of_retries(CONNECTIONS);
                ConnectionManager::new_lazy_with_config(client.clone(), config).map(Link::One)
            }
            Self::Cluster(client) => client.get_async_connection().await.map(Link::Cluster),
        }
    }
}

impl Link {
    async fn send(&mut self, command: &Cmd) -> Result<Value, RedisError> {
        match self {
            Self::One(connection) => command.query_async(connection).await,
            Self::Cluster(connection) => command.query_async(connection).await,
        }
    }
}

/// Whether the operation may succeed by another connection.
fn breaks(error: &RedisError) -> bool {
    error.is_timeout()
        || error.is_connection_dropped()
        || error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
}

/// Whether the server lacks the script.
pub(super) fn lacks_script(error: &StoreError) -> bool {
    let source = error
        .source()
        .and_then(|source| source.downcast_ref::<RedisError>());
    source.is_some_and(|error| error.kind() == ErrorKind::Server(ServerErrorKind::NoScript))
}

fn too_slow() -> StoreError {
    StoreError::unavailable("the Redis server did not answer in time")
}

/// What the client says, in this crate's terms.
fn failed(error: &RedisError) -> StoreError {
    let kind = kind(error);
    let what = match kind {
        StoreErrorKind::Unavailable => "the Redis server cannot be used now",
        StoreErrorKind::Misconfigured => "the Redis server is not set up for this",
        StoreErrorKind::Corrupt => "a record in Redis cannot be read",
        _ => "the Redis server failed",
    };
    StoreError::new(kind, format!("{what}: {error}")).with_source(error.clone())
}

fn kind(error: &RedisError) -> StoreErrorKind {
    match error.kind() {
        ErrorKind::Io | ErrorKind::ClusterConnectionNotFound => StoreErrorKind::Unavailable,
        ErrorKind::AuthenticationFailed | ErrorKind::InvalidClientConfig => {
            StoreErrorKind::Misconfigured
        }
        _ => by_code(error.code().unwrap_or_default()),
    }
}

/// What the server's code says. Those that pass: it starts, or is a replica, or a cluster moves; it is out
/// of memory or its disk is full, replicas are missing, a script takes long.
fn by_code(code: &str) -> StoreErrorKind {
    match code {
        "LOADING" | "MASTERDOWN" | "READONLY" | "CLUSTERDOWN" | "TRYAGAIN" | "MOVED" | "ASK"
        | "OOM" | "MISCONF" | "NOREPLICAS" | "BUSY" => StoreErrorKind::Unavailable,
        "NOAUTH" | "WRONGPASS" | "NOPERM" => StoreErrorKind::Misconfigured,
        "WRONGTYPE" | "CORRUPT" => StoreErrorKind::Corrupt,
        _ => StoreErrorKind::Other,
    }
}
