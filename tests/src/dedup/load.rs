//! Many callers in several processes on one store: no error, the work of each key runs once, and the
//! figures add up.
//!
//! `AGENTIDEMP_LOAD_SECONDS` says for how long: 2, unless set.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;
use std::{env, fs};

use super::{Folder, Process, say};

const PROCESSES: usize = 2;

/// Two processes of 64 tasks each.
pub fn of_two_processes(program: &str, store: &str) {
    let folder = Folder::new();
    let effects = folder.path("effects");
    let seconds = env::var("AGENTIDEMP_LOAD_SECONDS").unwrap_or_else(|_| "2".into());
    let arguments = [
        ["load", "--store", store].as_slice(),
        &[
            "--seconds",
            &seconds,
            "--effects",
            effects.to_str().unwrap(),
        ],
    ]
    .concat();
    let mut processes: Vec<Process> = (0..PROCESSES)
        .map(|_| Process::start(Path::new(program), &arguments))
        .collect();
    let [mut calls, mut recalls, mut shared, mut misses] = [0; 4];
    for process in &mut processes {
        let mut output = String::new();
        let stdout = process.0.stdout.as_mut().unwrap();
        stdout.read_to_string(&mut output).unwrap();
        assert!(process.0.wait().unwrap().success());
        let figures: Vec<usize> = output
            .split_whitespace()
            .map(|figure| figure.parse().unwrap())
            .collect();
        calls += figures[0];
        recalls += figures[1];
        shared += figures[2];
        misses += figures[3];
    }
    say(&format!(
        "{calls} calls in {seconds} s: {recalls} recalls, {shared} shared flights, {misses} misses"
    ));
    assert_eq!(calls, recalls + shared + misses);

    let effects = fs::read_to_string(effects).unwrap();
    let effects: Vec<&str> = effects.lines().collect();
    assert_eq!(effects.len(), misses);
    let distinct: BTreeSet<&str> = effects.iter().copied().collect();
    assert_eq!(distinct.len(), effects.len(), "the work of a key ran twice");
}
