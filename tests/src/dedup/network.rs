//! What a layer goes through when its store is a server: replies are lost, connections are dead without
//! anybody hearing of it, and the server is killed and comes back.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use agentidemp::Key;
use agentidemp::dedup::store::{Get, Status, Store};
use agentidemp::dedup::{Dedup, RunError};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{BLOCKED, open, say};
use crate::keys::key;
use crate::servers::{Fault, Proxy};

async fn layer(url: &str) -> Dedup<u64> {
    // Whoever waits for the end of such a lease waits too long.
    let lease = Duration::from_secs(3600);
    let builder = Dedup::builder().store(open(url).await.unwrap());
    builder.lease(lease).build()
}

/// A receiver that knows keys, and acts once for each.
#[derive(Default)]
struct Receiver(Mutex<HashMap<Key, u64>>);

impl Receiver {
    fn act(&self, key: Key) -> u64 {
        let mut effects = self.0.lock().unwrap();
        let next = effects.len() as u64 + 1;
        *effects.entry(key).or_insert(next)
    }
}

/// Whoever uses a store without a layer does not hear of it.
pub async fn one_lost_reply(proxy: &Proxy, url: &str) {
    let store: Arc<dyn Store> = open(url).await.unwrap().into();
    assert!(is_absent(store.clone()).await);
    proxy.set(Fault::CutsNext);
    assert!(is_absent(store).await);
    assert_eq!(proxy.cuts(), 1);
}

/// One reply in 20 is cut off with its connection. Nobody is told a wrong answer, and no claim that was
/// granted unheard keeps its holder out.
pub async fn lost_replies(proxy: &Proxy, url: &str) {
    const KEYS: u64 = 200;

    let receiver = Arc::new(Receiver::default());
    let layers = [layer(url).await, layer(url).await];
    proxy.set(Fault::CutsOneIn(20));
    let mut callers = JoinSet::new();
    for dedup in layers.iter().flat_map(|layer| [layer, layer]) {
        let (dedup, receiver) = (dedup.clone(), receiver.clone());
        callers.spawn(async move {
            let mut numbers: Vec<u64> = (0..KEYS).collect();
            fastrand::shuffle(&mut numbers);
            for number in numbers {
                let answer = timeout(BLOCKED, answer_of(&dedup, key(number), &receiver)).await;
                assert_eq!(answer.expect("it is blocked"), receiver.act(key(number)));
            }
        });
    }
    while let Some(ended) = callers.join_next().await {
        ended.unwrap();
    }
    proxy.set(Fault::None);
    say(&format!("{} connections cut", proxy.cuts()));
    assert!(proxy.cuts() > 0);

    let late = layer(url).await;
    for number in 0..KEYS {
        let answer = late.run(&key(number), async |_| Err("not run")).await;
        assert_eq!(answer.unwrap(), receiver.act(key(number)));
    }
}

/// Calls again as long as nothing ran.
async fn answer_of(dedup: &Dedup<u64>, key: Key, receiver: &Receiver) -> u64 {
    loop {
        let work = async |_| Ok::<_, Infallible>(receiver.act(key));
        match dedup.run(&key, work).await {
            Ok(answer) | Err(RunError::NotStored { answer, .. }) => return answer,
            Err(RunError::Store(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// Connections die without a word: all that a store has, and one before a claim and between a claim and its
/// answer.
pub async fn half_open_connections(proxy: &Proxy, url: &str) {
    let store: Arc<dyn Store> = open(url).await.unwrap().into();
    // Where operations do not share a connection, each has one of its own.
    let mut operations = JoinSet::new();
    for _ in 0..16 {
        operations.spawn(is_absent(store.clone()));
    }
    assert_eq!(operations.join_all().await, [true; 16]);
    proxy.set(Fault::HalfOpen);
    assert!(is_absent(store).await);

    let dedup = layer(url).await;
    // Then it has a connection.
    assert_eq!(dedup.get(&key(1)).await.unwrap(), None);
    proxy.set(Fault::HalfOpen);
    assert_eq!(dedup.get(&key(1)).await.unwrap(), None);
    proxy.set(Fault::HalfOpen);
    let work = async |_| Ok::<_, Infallible>(1);
    let answer = timeout(BLOCKED, dedup.run(&key(1), work)).await;
    assert_eq!(answer.expect("it is blocked").unwrap(), 1);

    let work = async |_| {
        proxy.set(Fault::HalfOpen);
        Ok::<_, Infallible>(2)
    };
    let answer = timeout(BLOCKED, dedup.run(&key(2), work)).await;
    assert_eq!(answer.expect("it is blocked").unwrap(), 2);

    let late = layer(url).await;
    for number in [1, 2] {
        assert_eq!(late.get(&key(number)).await.unwrap(), Some(number));
    }
}

async fn is_absent(store: Arc<dyn Store>) -> bool {
    let status = store.get(Get::new(key(1))).await.unwrap();
    matches!(status, Status::Absent)
}

/// The server is killed while work runs, and comes back: the answer is stored, or given to its caller where
/// that took too long. Nothing runs while the server is away.
pub async fn restart(url: &str, kill: impl Fn(), start_again: impl Fn() + Send + Clone + 'static) {
    let dedup = layer(url).await;
    let (started, is_started) = mpsc::channel();
    let work = async |_| {
        kill();
        let start_again = start_again.clone();
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(500));
            start_again();
            started.send(()).unwrap();
        });
        Ok::<_, Infallible>(1)
    };
    let answer = timeout(BLOCKED, dedup.run(&key(1), work)).await;
    let is_stored = match answer.expect("it is blocked") {
        Ok(1) => true,
        Err(RunError::NotStored { answer: 1, .. }) => false,
        other => panic!("{other:?}"),
    };
    say(&format!("stored by a server that came back: {is_stored}"));
    is_started.recv().unwrap();

    kill();
    let refused = timeout(BLOCKED, dedup.run(&key(2), async |_| Err("not run"))).await;
    let refused = refused.expect("it is blocked").unwrap_err();
    assert!(matches!(refused, RunError::Store(_)), "{refused}");
    start_again();
    let answer = timeout(
        BLOCKED,
        dedup.run(&key(2), async |_| Ok::<_, Infallible>(2)),
    )
    .await;
    assert_eq!(answer.expect("it is blocked").unwrap(), 2);
    if is_stored {
        assert_eq!(dedup.get(&key(1)).await.unwrap(), Some(1));
    }
}
