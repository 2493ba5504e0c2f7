//! [`ShopProcess`]: a server of the fault tests as a process of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::faulty_server::{Ledger, Plan};

/// A running `faulty_shop`. It is killed when it is dropped.
pub struct ShopProcess {
    child: Child,
    output: BufReader<ChildStdout>,
    url: String,
}

impl ShopProcess {
    pub fn start(program: &str, store: &str, plan: Plan) -> Self {
        let mut child = Command::new(program)
            .args([store, &plan.seed.to_string(), &plan.most_faults.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut url = String::new();
        output.read_line(&mut url).unwrap();
        Self {
            child,
            output,
            url: url.trim_end().into(),
        }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops it, and gives what it has done.
    pub fn ledger(mut self) -> Ledger {
        drop(self.child.stdin.take());
        let ledger = serde_json::from_reader(&mut self.output).unwrap();
        assert!(self.child.wait().unwrap().success());
        ledger
    }
}

impl Drop for ShopProcess {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
