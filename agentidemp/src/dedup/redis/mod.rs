//! [`RedisStore`]: records on a Redis or Valkey server, under the feature `redis`. The rules are in
//! `record.lua`, what it is asked and answers in `script.rs`, and the connection in `server.rs`.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use redis::Value;

use self::script::{Reply, Step, name_of};
use self::server::{Server, lacks_script};
use super::store::{
    Claim, Claimed, Complete, Get, Insert, Inserted, Interrupt, Invalidate, Release, Renew,
    Resolve, Resolved, Status, Store, StoreError, StoreFuture, Sweep, Written,
};

mod script;
mod server;

const PREFIX: &str = "agentidemp:";

/// A store on a Redis or Valkey server, or a cluster of them, which any number of machines may use.
///
/// ```no_run
/// # async fn example() -> Result<(), agentidemp::dedup::store::StoreError> {
/// use agentidemp::dedup::Dedup;
/// use agentidemp::dedup::store::RedisStore;
///
/// let store = RedisStore::connect("redis://127.0.0.1").await?;
/// let dedup: Dedup<String> = Dedup::builder().store(store).build();
/// # Ok(())
/// # }
/// ```
///
/// # What it keeps
///
/// A hash for each key, named by a prefix and the key: `agentidemp:ik_…`. Its fields are those of
/// [`format`](mod@super::store::format), so that any language reads it. The server removes it when its
/// retention is over. Each operation is one script on one hash, so it is atomic, and works in a cluster.
/// The server's clock decides.
///
/// # What the server must keep
///
/// A record that the server loses is work that runs again. Servers lose records
///
/// - by **eviction**: where `maxmemory` is set and `maxmemory-policy` is not `noeviction`. See
///   [`may_evict`](Self::may_evict).
/// - by a **failover**: replication is asynchronous, and a replica that takes over may lack what was
///   acknowledged last.
/// - by a **restart**, without `appendonly yes`; with `appendfsync everysec` by a power failure, up to a
///   second of it.
///
/// Where that must not happen, take `PostgreSQL`.
///
/// A server that is out of memory and evicts nothing refuses new keys, so that their work does not run, and
/// takes the answers of those that it has.
///
/// # URLs
///
/// `redis://[user:password@]host[:port][/database]`, or `unix:///path`. For TLS, by `rediss://`, depend
/// on the crate `redis` yourself with its feature `tokio-rustls-comp` or `tokio-native-tls-comp`, in the
/// same major version, 1.
///
/// # What waits
///
/// An operation ends within five seconds. One whose connection breaks is sent once more.
///
/// Both faces use it. It runs on the runtime of tokio's that it was made in, which must live as long.
pub struct RedisStore {
    server: Server,
    prefix: String,
    eviction: Option<String>,
}

impl RedisStore {
    /// Connects to a server.
    ///
    /// It asks the server whether it may evict records, and where the feature `tracing` is on, warns.
    ///
    /// # Errors
    ///
    /// The URL is none, the server cannot be reached, or it refuses.
    ///
    /// # Panics
    ///
    /// Outside a runtime of tokio's.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::on(Server::connect(url).await?).await
    }

    /// Connects to a cluster, of which some nodes are known by their URLs.
    ///
    /// # Errors
    ///
    /// As for [`connect`](Self::connect).
    ///
    /// # Panics
    ///
    /// Outside a runtime of tokio's.
    pub async fn connect_to_cluster<'u>(
        urls: impl IntoIterator<Item = &'u str>,
    ) -> Result<Self, StoreError> {
        let urls = urls.into_iter().map(String::from).collect();
        Self::on(Server::connect_to_cluster(urls).await?).await
    }

    async fn on(server: Server) -> Result<Self, StoreError> {
        let eviction = eviction(&server).await;
        #[cfg(feature = "tracing")]
        if let Some(policy) = &eviction {
            tracing::warn!(
                policy,
                "the Redis server may evict records: what they were about would run again"
            );
        }
        Ok(Self {
            server,
            prefix: PREFIX.into(),
            eviction,
        })
    }

    /// What the names of its hashes begin with: `agentidemp:`, unless set.
    #[must_use]
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// The server's policy by which it may remove records before their time, if it had one when it was
    /// connected to; nothing also where it does not say.
    #[must_use]
    pub fn may_evict(&self) -> Option<&str> {
        self.eviction.as_deref()
    }

    fn step<'a, T>(&'a self, step: impl Into<Step<'a>>) -> StoreFuture<'a, T>
    where
        T: TryFrom<Reply, Error = StoreError> + Send,
    {
        let step = step.into();
        Box::pin(async move {
            let sent = self.server.send(&step.by_hash(&self.prefix)).await;
            let value = match sent {
                Err(error) if lacks_script(&error) => {
                    self.server.send(&step.by_code(&self.prefix)).await?
                }
                sent => sent?,
            };
            Reply::new(value)?.try_into()
        })
    }
}

/// The policy by which the server may evict records.
async fn eviction(server: &Server) -> Option<String> {
    let mut command = redis::cmd("INFO");
    command.arg("memory");
    // A server that does not say is not refused for it.
    let reply = server.send(&command).await.ok()?;
    let mut texts = Vec::new();
    collect(&reply, &mut texts);
    texts.iter().find_map(|info| {
        let value = |name: &str| info.lines().find_map(|line| line.strip_prefix(name));
        let policy = value("maxmemory_policy:")?;
        (value("maxmemory:")? != "0" && policy != "noeviction").then(|| policy.into())
    })
}

/// The texts of a reply; a cluster's has one for each node.
fn collect(reply: &Value, texts: &mut Vec<String>) {
    match reply {
        Value::BulkString(text) => texts.push(String::from_utf8_lossy(text).into_owned()),
        Value::VerbatimString { text, .. } => texts.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| collect(value, texts)),
        Value::Map(entries) => entries.iter().for_each(|(_, value)| collect(value, texts)),
        _ => {}
    }
}

impl Store for RedisStore {
    fn claim(&self, claim: Claim) -> StoreFuture<'_, Claimed> {
        self.step(claim)
    }

    fn renew(&self, renew: Renew) -> StoreFuture<'_, Written> {
        self.step(renew)
    }

    fn complete<'a>(&'a self, complete: Complete<'a>) -> StoreFuture<'a, Written> {
        self.step(complete)
    }

    fn release(&self, release: Release) -> StoreFuture<'_, Written> {
        self.step(release)
    }

    fn interrupt(&self, interrupt: Interrupt) -> StoreFuture<'_, Written> {
        self.step(interrupt)
    }

    fn get(&self, get: Get) -> StoreFuture<'_, Status> {
        self.step(get)
    }

    fn insert<'a>(&'a self, insert: Insert<'a>) -> StoreFuture<'a, Inserted> {
        self.step(insert)
    }

    fn resolve<'a>(&'a self, resolve: Resolve<'a>) -> StoreFuture<'a, Resolved> {
        self.step(resolve)
    }

    fn invalidate(&self, invalidate: Invalidate) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let mut command = redis::cmd("DEL");
            command.arg(name_of(&self.prefix, &invalidate.key));
            self.server.send(&command).await.map(drop)
        })
    }

    /// The server removes records by itself.
    fn sweep(&self, _: Sweep) -> StoreFuture<'_, usize> {
        Box::pin(async { Ok(0) })
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}
