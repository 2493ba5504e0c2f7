//! Processes that share a store, a receiver for their requests, and what came of it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder that is removed when it is dropped.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("agentidemp-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Default for Folder {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// A process that is killed when it is dropped.
pub struct Process(pub Child);

impl Process {
    fn start(program: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(arguments).stdout(Stdio::piped());
        Self(command.spawn().unwrap())
    }

    pub fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Sends a signal by name: `STOP`, `CONT`.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args(["-s", name, &self.0.id().to_string()])
            .status();
        assert!(status.unwrap().success());
    }

    pub fn is_done(&mut self) -> bool {
        let status = self.0.try_wait().unwrap();
        status.is_some_and(|status| {
            assert!(status.success(), "a worker failed: {status}");
            true
        })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A store, a receiver, and files in which the processes leave what they did.
pub struct Scene {
    pub folder: Folder,
    program: PathBuf,
    address: String,
    refuse: bool,
    _receiver: Process,
}

impl Scene {
    pub fn new(program: &str) -> Self {
        Self::start(program, false)
    }

    /// The receiver knows no keys, and so the workers refuse what was abandoned.
    pub fn with_refusal(program: &str) -> Self {
        Self::start(program, true)
    }

    fn start(program: &str, refuse: bool) -> Self {
        let (folder, program) = (Folder::new(), PathBuf::from(program));
        let ledger = folder.path("ledger");
        let mut arguments = vec!["receive", "--ledger", ledger.to_str().unwrap()];
        if refuse {
            arguments.push("--knows-no-keys");
        }
        let mut receiver = Process::start(&program, &arguments);
        let mut address = String::new();
        let output = receiver.0.stdout.as_mut().unwrap();
        BufReader::new(output).read_line(&mut address).unwrap();
        Self {
            folder,
            program,
            address: address.trim_end().into(),
            refuse,
            _receiver: receiver,
        }
    }

    pub fn worker(&self, jobs: u64, work_ms: u64, more: &[&str]) -> Process {
        let (store, answers) = (self.folder.path("store.redb"), self.folder.path("answers"));
        let (jobs, work_ms) = (jobs.to_string(), work_ms.to_string());
        let mut arguments = vec![
            "work",
            "--store",
            store.to_str().unwrap(),
            "--receiver",
            &self.address,
            "--jobs",
            &jobs,
            "--work-ms",
            &work_ms,
            "--answers",
            answers.to_str().unwrap(),
        ];
        arguments.extend(more);
        if self.refuse {
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
