//! What processes that share a store go through, whatever the store is: they are killed and stopped.
//!
//! `AGENTIDEMP_KILLS` says how many processes are killed in each test: 30, unless set.

use std::thread;
use std::time::{Duration, Instant};

use agentidemp::dedup::store::{Get, Status};

use super::{Process, Scene, open, say};
use crate::keys::key;

const WORKERS: usize = 4;
pub const JOBS: u64 = 200;
/// How many are killed in one scene.
const IN_A_SCENE: usize = 20;

pub fn kills() -> usize {
    let kills = std::env::var("AGENTIDEMP_KILLS");
    kills.map_or(30, |kills| kills.parse().unwrap())
}

/// Starts four workers, kills them at random and starts others in their place, until all jobs are
/// done. Says how many it killed.
pub fn kill_at_random(scene: &Scene, most: usize) -> usize {
    let start = || scene.worker(JOBS, 30, &[]);
    let mut workers: Vec<Process> = (0..WORKERS).map(|_| start()).collect();
    let mut killed = 0;
    let started = Instant::now();
    while !workers.is_empty() {
        assert!(
            started.elapsed() < Duration::from_secs(300),
            "a key is stuck"
        );
        thread::sleep(Duration::from_millis(fastrand::u64(5..100)));
        workers.retain_mut(|worker| !worker.is_done());
        if killed < most && !workers.is_empty() {
            let victim = fastrand::usize(..workers.len());
            workers[victim].kill();
            workers[victim] = start();
            killed += 1;
        }
    }
    killed
}

/// No acknowledged answer is lost, and with a receiver that knows keys nothing happens twice.
pub fn lose_no_answer(scene: impl Fn() -> Scene) {
    let mut killed = 0;
    while killed < kills() {
        let scene = scene();
        killed += kill_at_random(&scene, (kills() - killed).min(IN_A_SCENE));
        scene.check_answers(JOBS);

        // Whoever comes later is told the same, and nothing runs again.
        let effects = scene.effects();
        let mut late = scene.worker(JOBS, 0, &[]);
        assert!(late.0.wait().unwrap().success());
        assert_eq!(scene.effects(), effects);
        scene.check_answers(JOBS);
    }
    say(&format!("{killed} processes killed"));
}

/// With a receiver that knows no keys nothing happens twice either, and whoever asks for what was
/// interrupted is told so.
pub fn leave_unknown_outcomes(scene: impl Fn() -> Scene) {
    let (mut killed, mut unknown) = (0, 0);
    while killed < kills() {
        let scene = scene();
        killed += kill_at_random(&scene, (kills() - killed).min(IN_A_SCENE));
        unknown += scene.check_answers_or_unknown(JOBS);
    }
    say(&format!(
        "{killed} processes killed, {unknown} outcomes unknown"
    ));
    assert!(unknown > 0);
}

/// The time from the death of a holder to the answer of another process that waits.
pub fn time_to_take_over(scene: &Scene) -> Duration {
    let mut victim = scene.worker(1, 120_000, &[]);
    wait_until_claimed(scene);
    let mut heir = scene.worker(1, 0, &[]);
    thread::sleep(Duration::from_millis(300));
    assert!(!heir.is_done());
    victim.kill();
    let killed = Instant::now();
    while !heir.is_done() {
        thread::sleep(Duration::from_millis(1));
        assert!(
            killed.elapsed() < Duration::from_secs(60),
            "nobody takes over"
        );
    }
    let taken = killed.elapsed();
    say(&format!("taken over and answered after {taken:?}"));
    assert_eq!(scene.effects(), [1]);
    taken
}

/// A holder is stopped for three leases, before its effect and after it. Somebody else takes over, and what
/// the holder does afterwards changes nothing.
pub fn stop_for_three_leases(scene: impl Fn() -> Scene) {
    for after_effect in [false, true] {
        let scene = scene();
        // Long enough that it is stopped in the middle of it, however slow the machine is at that moment.
        let work = scene.lease * 10;
        let mut stopped = scene.worker(1, work.as_millis().try_into().unwrap(), &[]);
        wait_until_claimed(&scene);
        while after_effect && scene.effects().is_empty() {
            thread::sleep(Duration::from_millis(5));
        }
        stopped.signal("STOP");
        let mut heir = scene.worker(1, 0, &[]);
        thread::sleep(scene.lease * 3);
        assert!(heir.0.wait().unwrap().success());
        assert_eq!(scene.told()[&1], ["1"]);
        stopped.signal("CONT");
        assert!(stopped.0.wait().unwrap().success());
        assert_eq!(scene.effects(), [1]);
        assert_eq!(scene.told()[&1], ["1", "1"]);
    }
}

/// Waits until job 1 is in progress.
pub fn wait_until_claimed(scene: &Scene) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let store = open(&scene.store).await.unwrap();
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(60) {
            let status = store.get(Get::new(key(1))).await.unwrap();
            if matches!(status, Status::InProgress { .. }) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("nobody claims");
    });
}
