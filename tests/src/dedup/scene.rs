//! [`Scene`]: a store, a receiver for the requests of its workers, and what came of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{ChildStdin, ChildStdout};
use std::time::Duration;

use super::{Folder, Process};

/// A store, a receiver, and files in which the processes leave what they did.
pub struct Scene {
    pub store: String,
    /// How long a claim lasts where it ends with its lease.
    pub lease: Duration,
    folder: Folder,
    program: PathBuf,
    address: String,
    receiver: Receiver,
    /// What the workers are told to do.
    command: &'static str,
    orders: ChildStdin,
    reports: BufReader<ChildStdout>,
    _receiver: Process,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Receiver {
    /// It acts once for a key, so the workers run again what was abandoned.
    KnowsKeys,
    /// It acts on whatever it is sent, so the workers refuse what was abandoned.
    KnowsNoKeys,
}

/// Where the receiver holds a worker: it is in the middle of its work, however fast the machine is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    BeforeEffect,
    AfterEffect,
}

impl Scene {
    /// A scene with a store of its own, in a file.
    pub fn in_file(program: &str, receiver: Receiver, lease: Duration) -> Self {
        let mut scene = Self::new(program, receiver, "", lease);
        scene.store = scene.folder.path("store.redb").display().to_string();
        scene
    }

    pub fn new(program: &str, receiver: Receiver, store: &str, lease: Duration) -> Self {
        let (folder, program) = (Folder::new(), PathBuf::from(program));
        let ledger = folder.path("ledger");
        let mut arguments = vec!["receive", "--ledger", ledger.to_str().unwrap()];
        if receiver == Receiver::KnowsNoKeys {
            arguments.push("--knows-no-keys");
        }
        let mut process = Process::start(&program, &arguments);
        let orders = process.0.stdin.take().unwrap();
        let mut reports = BufReader::new(process.0.stdout.take().unwrap());
        let mut address = String::new();
        reports.read_line(&mut address).unwrap();
        Self {
            store: store.into(),
            lease,
            folder,
            program,
            address: address.trim_end().into(),
            receiver,
            command: "work",
            orders,
            reports,
            _receiver: process,
        }
    }

    /// The first worker whose request arrives from now on gets no answer until
    /// [`let_go`](Self::let_go).
    pub fn hold(&mut self, hold: Hold) {
        self.order(match hold {
            Hold::BeforeEffect => "hold before",
            Hold::AfterEffect => "hold after",
        });
        self.expect("holding");
    }

    /// Waits until that worker's request is there.
    pub fn wait_until_held(&mut self) {
        self.expect("held");
    }

    pub fn let_go(&mut self) {
        self.order("go");
    }

    fn order(&mut self, order: &str) {
        self.orders
            .write_all(format!("{order}\n").as_bytes())
            .unwrap();
    }

    fn expect(&mut self, report: &str) {
        let mut line = String::new();
        self.reports.read_line(&mut line).unwrap();
        assert_eq!(line.trim_end(), report);
    }

    /// The workers do their work in transactions of the store's own database.
    pub fn in_transactions(mut self) -> Self {
        self.command = "book";
        self
    }

    pub fn worker(&self, jobs: u64, work_ms: u64, more: &[&str]) -> Process {
        let answers = self.folder.path("answers");
        let lease = self.lease.as_millis().to_string();
        let (jobs, work_ms) = (jobs.to_string(), work_ms.to_string());
        let mut arguments = vec![
            self.command,
            "--store",
            &self.store,
            "--receiver",
            &self.address,
            "--jobs",
            &jobs,
            "--work-ms",
            &work_ms,
            "--lease-ms",
            &lease,
            "--answers",
            answers.to_str().unwrap(),
        ];
        arguments.extend(more);
        if self.receiver == Receiver::KnowsNoKeys {
            arguments.push("--refuse");
        }
        Process::start(&self.program, &arguments)
    }

    /// The jobs of the effects, in the order in which they happened: the first is answered by 1.
    pub fn effects(&self) -> Vec<u64> {
        let lines = self.lines("ledger");
        let jobs = lines.iter().map(|(job, _)| *job);
        jobs.collect()
    }

    /// What each job was told, as often as somebody asked.
    pub fn told(&self) -> BTreeMap<u64, Vec<String>> {
        let mut told = BTreeMap::<u64, Vec<String>>::new();
        for (job, answer) in self.lines("answers") {
            told.entry(job).or_default().push(answer);
        }
        told
    }

    /// Checks that each job has one effect, and that everybody was told of that one.
    pub fn check_answers(&self, jobs: u64) {
        let (effects, told) = (self.effects(), self.told());
        check_no_effect_twice(&effects);
        assert_eq!(told.len() as u64, jobs);
        for (job, answers) in told {
            for answer in answers {
                let effect: usize = answer.parse().unwrap();
                assert_eq!(effects[effect - 1], job);
            }
        }
    }

    /// Checks that no job has two effects, and that everybody was told of the one or that its outcome is
    /// unknown. Says how many are unknown.
    pub fn check_answers_or_unknown(&self, jobs: u64) -> usize {
        let (effects, told) = (self.effects(), self.told());
        check_no_effect_twice(&effects);
        let mut unknown = 0;
        for job in 1..=jobs {
            let answers = told.get(&job).map(Vec::as_slice).unwrap_or_default();
            assert!(!answers.is_empty(), "job {job} is stuck");
            for answer in answers.iter().filter(|answer| *answer != "unknown") {
                let effect: usize = answer.parse().unwrap();
                assert_eq!(effects[effect - 1], job);
            }
            unknown += usize::from(answers.iter().any(|answer| answer == "unknown"));
        }
        unknown
    }

    /// The lines of a file: a job, and what stands behind it.
    fn lines(&self, name: &str) -> Vec<(u64, String)> {
        let text = fs::read_to_string(self.folder.path(name)).unwrap_or_default();
        let lines = text.lines().map(|line| {
            let (job, rest) = line.split_once(' ').unwrap();
            (job.parse().unwrap(), rest.to_string())
        });
        lines.collect()
    }
}

fn check_no_effect_twice(effects: &[u64]) {
    let distinct: BTreeSet<u64> = effects.iter().copied().collect();
    assert_eq!(distinct.len(), effects.len(), "an effect happened twice");
}
