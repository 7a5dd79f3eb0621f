//! What is drawn on stderr while clusters answer: a bar, and above it what is known so far. It leaves no trace.

use std::io::Write;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::text::safe;

/// How long a run may take before it shows that it is at work.
const PATIENCE: Duration = Duration::from_millis(300);

/// What is on the screen now, for whoever has to have it to himself.
static DRAWN: Mutex<Drawn> = Mutex::new(Drawn { multi: None, given_away: 0 });

struct Drawn {
    multi: Option<MultiProgress>,
    /// How many have the screen to themselves.
    given_away: usize,
}

fn drawn() -> MutexGuard<'static, Drawn> {
    DRAWN.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// The bar; it leaves no trace when dropped.
pub struct Progress {
    bar: Option<Bar>,
}

struct Bar {
    /// Draws nothing until the run has taken longer than a person would not notice.
    multi: MultiProgress,
    bar: ProgressBar,
    since: Instant,
}

impl Progress {
    /// For so many clusters; nothing is never shown.
    pub(in crate::ui) fn new(total: Option<usize>) -> Progress {
        let Some(total) = total else { return Progress { bar: None } };
        let multi = MultiProgress::with_draw_target(ProgressDrawTarget::hidden());
        let bar = multi.add(ProgressBar::new(total as u64));
        let style =
            ProgressStyle::with_template("{prefix}{spinner} {pos} of {len} clusters done, {elapsed} {msg}");
        bar.set_style(style.expect("the template is a constant"));
        drawn().multi = Some(multi.clone());
        Progress { bar: Some(Bar { multi, bar, since: Instant::now() }) }
    }

    /// One more cluster answered; `waiting` names those still asked.
    pub fn answered(&self, waiting: &str) {
        if let Some(Bar { bar, .. }) = &self.bar {
            let drawn = drawn();
            bar.inc(1);
            bar.set_message(if waiting.is_empty() {
                String::new()
            } else {
                format!("(waiting for {})", safe(waiting))
            });
            drop(drawn);
        }
        self.tick();
    }

    /// Whether it is time to draw: a table that is done before anybody looks need not be made.
    pub fn is_due(&self) -> bool {
        self.bar.as_ref().is_some_and(|bar| bar.since.elapsed() >= PATIENCE)
    }

    /// What is known so far, whole lines, safe to print: it stands above the bar.
    pub fn show(&self, text: String) {
        if let Some(Bar { bar, .. }) = &self.bar {
            let _drawn = drawn();
            bar.set_prefix(text);
        }
    }

    /// To be called now and then.
    pub fn tick(&self) {
        let Some(Bar { multi, bar, .. }) = &self.bar else { return };
        let drawn = drawn();
        if drawn.given_away > 0 {
            return;
        }
        if multi.is_hidden() && self.is_due() {
            multi.set_draw_target(ProgressDrawTarget::stderr());
        }
        bar.tick();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(Bar { bar, multi, .. }) = &self.bar {
            let mut drawn = drawn();
            bar.finish_and_clear();
            let _ = multi.clear();
            drawn.multi = None;
        }
    }
}

/// While this lives, nothing is drawn: somebody else asks a person something.
#[must_use]
pub struct ScreenGivenAway(());

/// Takes away what is drawn, for who needs the screen, and says who that is.
pub fn give_screen_away(who: &str) -> ScreenGivenAway {
    let mut drawn = drawn();
    drawn.given_away += 1;
    if let Some(multi) = &drawn.multi {
        let _ = multi.clear();
        multi.set_draw_target(ProgressDrawTarget::hidden());
    }
    // A lost stderr is nothing that could be told anywhere.
    let _ = writeln!(anstream::stderr(), "{}", safe(who));
    ScreenGivenAway(())
}

impl Drop for ScreenGivenAway {
    fn drop(&mut self) {
        drawn().given_away -= 1;
    }
}
