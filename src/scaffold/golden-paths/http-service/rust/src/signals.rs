//! SIGTERM and SIGINT. The standard library has no word for them, so that the C library is called; with dependencies at hand,
//! the crate signal-hook does the same.

use std::sync::atomic::{AtomicBool, Ordering};

static STOP: AtomicBool = AtomicBool::new(false);

pub fn told_to_stop() -> bool {
    STOP.load(Ordering::Relaxed)
}

#[cfg(unix)]
pub fn listen() {
    extern "C" {
        fn signal(number: i32, handler: extern "C" fn(i32)) -> usize;
    }
    extern "C" fn stop(_: i32) {
        STOP.store(true, Ordering::Relaxed);
    }
    const SIGINT: i32 = 2;
    const SIGTERM: i32 = 15;
    // SAFETY: the handler only stores to an atomic, which may be done at any point of a program.
    unsafe {
        signal(SIGINT, stop);
        signal(SIGTERM, stop);
    }
}

#[cfg(not(unix))]
pub fn listen() {}
