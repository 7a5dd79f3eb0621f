//! Ctrl-C while files are written or a question is open: the terminal is put right, and nothing stays half done.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::ui::{interrupted, keyboard, stop};

const GRACE: Duration = Duration::from_millis(200);

/// Whether something is under way that must be brought to its end.
static BUSY: AtomicBool = AtomicBool::new(false);

/// From here on a signal that asks the process to end restores the terminal first, and waits for what is `busy`; a second Ctrl-C
/// does not wait. To be called within the runtime.
pub async fn watch_interrupts() {
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::spawn(async move {
            if terminate.recv().await.is_some() {
                end().await;
            }
        });
    }
    let watching = tokio::spawn(async {
        interrupted().await;
        end().await;
    });
    // The task has registered itself once it waits.
    for _ in 0..100 {
        if watching.is_finished() {
            return;
        }
        tokio::task::yield_now().await;
    }
}

async fn end() {
    while BUSY.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // A question that was interrupted by the signal itself ends the run in good order, if it gets there.
    tokio::time::sleep(GRACE).await;
    keyboard::restore();
    stop();
}

/// While this lives, Ctrl-C waits.
pub struct Busy(());

pub fn busy() -> Busy {
    BUSY.store(true, Ordering::SeqCst);
    Busy(())
}

impl Drop for Busy {
    fn drop(&mut self) {
        BUSY.store(false, Ordering::SeqCst);
    }
}
