//! Lines on stderr that change while one waits.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::render;
use crate::report::Line;

/// Lines on stderr that are drawn anew at each change; they leave no trace when dropped.
pub struct LiveLines {
    bar: Option<ProgressBar>,
    color: bool,
}

impl LiveLines {
    pub(in crate::ui) fn new(is_shown: bool, color: bool) -> LiveLines {
        let bar = is_shown.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            bar.set_style(ProgressStyle::with_template("{msg}").expect("the template is a constant"));
            bar
        });
        LiveLines { bar, color }
    }

    pub fn show(&self, lines: &[Line]) {
        let Some(bar) = &self.bar else { return };
        let lines: Vec<String> = lines.iter().map(|line| render::line(line, self.color)).collect();
        bar.set_message(lines.join("\n"));
        bar.tick();
    }
}

impl Drop for LiveLines {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
