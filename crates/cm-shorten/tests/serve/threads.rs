//! A server that is not given all the threads it needs says so and ends; it does not sit there with the store locked.

use super::{CONFIG, Home};
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

/// Whether it serves in so much memory (KiB of addresses); if not, it must end by itself.
fn serves(home: &Home, most: u32) -> bool {
    let mut command = home.command(&["serve", "--listen", "127.0.0.1:0"]);
    let tool = command.get_program().to_owned();
    let args: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
    let mut limited = std::process::Command::new("bash");
    limited.args(["-c", &format!("ulimit -c 0 -v {most}; exec \"$@\""), "bash"]).arg(tool).args(args);
    for (name, value) in command.get_envs() {
        limited.env(name, value.unwrap_or_default());
    }
    // One heap, not one of 64 MiB for each thread; and no traces that take memory of their own.
    limited.env("MALLOC_ARENA_MAX", "1").env("RUST_BACKTRACE", "0").current_dir(home.path(""));
    command = limited;
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (stdout, (told, heard)) = (child.stdout.take().unwrap(), mpsc::channel());
    std::thread::spawn(move || {
        let mut line = String::new();
        let _ = BufReader::new(stdout).read_line(&mut line);
        told.send(line)
    });
    let line = heard.recv_timeout(Duration::from_secs(60));
    let _ = child.kill();
    let ended = child.wait().unwrap();
    let mut stderr = String::new();
    let _ = child.stderr.take().unwrap().read_to_string(&mut stderr);
    assert!(line.is_ok(), "with {most} KiB it neither serves nor ends: {stderr}");
    let line = line.unwrap();
    assert!(line.starts_with("http://") || !ended.success(), "{most} KiB: {ended} {stderr}");
    line.starts_with("http://")
}

#[test]
#[cfg(target_os = "linux")]
fn without_room_for_its_threads_it_ends() {
    let home = Home::new(CONFIG);
    let (mut too_few, mut enough) = (1 << 10, 1 << 20);
    assert!(serves(&home, enough), "with a gibibyte");
    while enough - too_few > 512 {
        let middle = too_few.midpoint(enough);
        *(if serves(&home, middle) { &mut enough } else { &mut too_few }) = middle;
    }
    // A thread's stack has 2 MiB: each of these has room for another one less.
    for less in 1..=8 {
        serves(&home, enough.saturating_sub(less << 10));
    }
}
