//! A server process of the fault tests, for which `agentidemp_tests::shop_process` starts it.
//!
//! `faulty_shop STORE SEED FAULTS` takes orders as one of several servers that share a store, behind a network
//! that fails by the plan of that seed, with so many faults for an order at most. It prints its URL. When
//! its input ends, it prints its ledger as JSON once it has done all that it was asked for.

use std::error::Error;
use std::{env, io};

use agentidemp::dedup::Dedup;
use agentidemp_tests::dedup::open;
use agentidemp_tests::faulty_server::{Plan, Server};
use tokio::io::AsyncReadExt;

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [store, seed, faults] = arguments.as_slice() else {
        return Err("say STORE SEED FAULTS".into());
    };
    let plan = Plan::new(seed.parse()?, faults.parse()?);
    let dedup = Dedup::builder().store(open(store).await?).build();
    let server = Server::start(plan, dedup).await?;
    println!("{}", server.url());
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    serde_json::to_writer(io::stdout(), &server.ledger().await)?;
    Ok(())
}
