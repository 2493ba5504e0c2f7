//! What processes that share a store go through, whatever the store is: they are killed and stopped.
//!
//! `AGENTIDEMP_KILLS` says how many processes are killed in each test: 30, unless set.

use std::thread;
use std::time::{Duration, Instant};

use super::{Hold, Process, Scene, say};

const WORKERS: usize = 4;
pub const JOBS: u64 = 200;
/// How many are killed in one scene.
const IN_A_SCENE: usize = 20;
/// A test that takes longer hangs.
const ENDLESS: Duration = Duration::from_secs(1800);

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
        assert!(started.elapsed() < ENDLESS, "a key is stuck");
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

/// A holder is killed in the middle of its work, while another process waits for it. Says how long after
/// its death the other one has the answer of its own work.
pub fn time_to_take_over(scene: &mut Scene) -> Duration {
    scene.hold(Hold::BeforeEffect);
    let mut victim = scene.worker(1, 0, &[]);
    scene.wait_until_held();
    let mut heir = scene.worker(1, 0, &[]);
    // Time for it to ask, and to begin to wait.
    thread::sleep(Duration::from_millis(300));
    victim.kill();
    let killed = Instant::now();
    assert!(heir.0.wait().unwrap().success());
    let taken = killed.elapsed();
    let lease = scene.lease;
    say(&format!(
        "taken over and answered {taken:?} after the death of a holder with a lease of {lease:?}"
    ));
    assert_eq!(scene.effects(), [1]);
    assert_eq!(scene.told()[&1], ["1"]);
    taken
}

/// A holder is stopped for three leases, before its effect and after it. Somebody else takes over, and what
/// the holder does afterwards changes nothing.
pub fn stop_for_three_leases(scene: impl Fn() -> Scene) {
    for hold in [Hold::BeforeEffect, Hold::AfterEffect] {
        let mut scene = scene();
        scene.hold(hold);
        let mut stopped = scene.worker(1, 0, &[]);
        scene.wait_until_held();
        stopped.signal("STOP");
        let mut heir = scene.worker(1, 0, &[]);
        thread::sleep(scene.lease * 3);
        assert!(heir.0.wait().unwrap().success());
        assert_eq!(scene.told()[&1], ["1"]);
        stopped.signal("CONT");
        scene.let_go();
        assert!(stopped.0.wait().unwrap().success());
        assert_eq!(scene.effects(), [1]);
        assert_eq!(scene.told()[&1], ["1", "1"]);
    }
}
