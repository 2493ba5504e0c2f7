//! [`Proxy`]: a server seen over a bad network.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::{JoinHandle, JoinSet};

/// What the network does to a reply.
#[derive(Clone, Copy, PartialEq)]
pub enum Fault {
    /// It delivers.
    None,
    /// The connection breaks in place of one reply in this many, taken at random: the request was
    /// delivered.
    CutsOneIn(u32),
    /// The connection breaks in place of the next reply, and the network delivers again.
    CutsNext,
    /// Nothing is delivered any more on connections that exist, and nobody hears of that.
    HalfOpen,
}

/// A proxy before a server on a socket. It ends when it is dropped.
pub struct Proxy {
    pub address: SocketAddr,
    fault: Arc<Mutex<Network>>,
    task: JoinHandle<()>,
}

struct Network {
    fault: Fault,
    /// Connections up to this number are half open.
    dead: u64,
    connections: u64,
    cuts: u64,
}

impl Proxy {
    pub async fn before(socket: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let network = Arc::new(Mutex::new(Network {
            fault: Fault::None,
            dead: 0,
            connections: 0,
            cuts: 0,
        }));
        let fault = network.clone();
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (client, _) = listener.accept().await.unwrap();
                client.set_nodelay(true).unwrap();
                connections.spawn(carry(client, socket.clone(), network.clone()));
            }
        });
        Self {
            address,
            fault,
            task,
        }
    }

    pub fn set(&self, fault: Fault) {
        let mut network = self.fault.lock().unwrap();
        network.fault = fault;
        if fault == Fault::HalfOpen {
            network.dead = network.connections;
        }
    }

    /// How many connections were cut.
    pub fn cuts(&self) -> u64 {
        self.fault.lock().unwrap().cuts
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Network {
    fn cuts_now(&mut self) -> bool {
        let cut = match self.fault {
            Fault::CutsOneIn(many) => fastrand::u32(..many) == 0,
            Fault::CutsNext => {
                self.fault = Fault::None;
                true
            }
            Fault::None | Fault::HalfOpen => false,
        };
        self.cuts += u64::from(cut);
        cut
    }
}

/// Carries bytes both ways until one side ends, or the network does it.
async fn carry(mut client: TcpStream, socket: PathBuf, network: Arc<Mutex<Network>>) {
    let number = {
        let mut network = network.lock().unwrap();
        network.connections += 1;
        network.connections
    };
    let is_dead = || number <= network.lock().unwrap().dead;
    let Ok(mut server) = UnixStream::connect(socket).await else {
        return;
    };
    let (mut request, mut reply) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            read = client.read(&mut request) => match read {
                Ok(length) if length > 0 => {
                    if !is_dead() && server.write_all(&request[..length]).await.is_err() {
                        return;
                    }
                }
                _ => return,
            },
            read = server.read(&mut reply) => match read {
                Ok(length) if length > 0 => {
                    if is_dead() {
                        continue;
                    }
                    if network.lock().unwrap().cuts_now() {
                        return;
                    }
                    if client.write_all(&reply[..length]).await.is_err() {
                        return;
                    }
                }
                _ => return,
            },
        }
    }
}
