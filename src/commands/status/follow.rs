//! `status -w`: the table kept current on a terminal, and a line for each change in a pipe.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::Result;
use futures::StreamExt;
use jiff::Timestamp;

use crate::app::App;
use crate::commands::status::build::{ReportOptions, build, last_answers};
use crate::commands::status::report::{StatusReport, WorkloadRow};
use crate::commands::status::transition::TransitionPrinter;
use crate::fleet::Silence;
use crate::outcome::Outcome;
use crate::render::Format;
use crate::survey::{KeptCells, Learned, LiveNews, SilentWatches, Survey, leaving_out, live_plans};
use crate::ui::WholeScreen;

/// Whether there is something new to draw is looked at this often.
const LOOK: Duration = Duration::from_millis(250);
/// Ages grow; the table is drawn anew at least this often.
const REDRAW: Duration = Duration::from_secs(1);
/// Each cluster tells what it holds at least this often: a verdict changes with the time alone.
const AGAIN: Duration = Duration::from_secs(5);

/// How it is shown.
#[derive(Clone, Copy, Debug)]
pub struct WatchDisplay {
    pub format: Format,
    pub headers: bool,
    /// Without services that are Healthy or Suspended.
    pub unhealthy: bool,
}

/// Goes on until Ctrl-C.
pub fn follow(
    display: WatchDisplay,
    app: &App,
    survey: Survey,
    kept: KeptCells<WorkloadRow>,
    wish: &ReportOptions<'_>,
) -> Result<Outcome> {
    let mut board = StatusBoard::new(survey, kept, app);
    let (report, learned) = board.report(wish, app.now());
    learned.remember(app);
    let outcome = match app.ui.is_terminal() && display.format != Format::Json {
        true => {
            let last = app.block_on(draw(display, app, &mut board, wish))??;
            app.ui.print(&last, display.format, display.headers)?;
            last.header.outcome(last.has_findings())
        }
        false => {
            let mut telling = TransitionPrinter::new(display.format, display.unhealthy, app);
            if display.headers {
                telling.header(&report)?;
            }
            telling.tell(&report)?;
            if display.format != Format::Json {
                report.footer_lines().iter().for_each(|line| app.ui.tell(line));
            }
            leaving_out(&report.header.clusters, app)?.iter().for_each(|hint| app.ui.hint(hint));
            app.block_on(tell(app, &mut board, wish, telling))??;
            report.header.outcome(report.has_findings())
        }
    };
    board.report(wish, app.now()).1.remember(app);
    // It ends by itself only where no cluster is to tell anything.
    Ok(if crate::ui::signalled().is_some() { Outcome::Interrupted } else { outcome })
}

/// What all clusters say by now.
struct StatusBoard {
    survey: Survey,
    kept: KeptCells<WorkloadRow>,
    /// By cluster, when it last said everything.
    answered_at: Vec<Timestamp>,
    silent: SilentWatches,
}

impl StatusBoard {
    fn new(survey: Survey, kept: KeptCells<WorkloadRow>, app: &App) -> StatusBoard {
        let answered_at = vec![app.now(); survey.clusters.len()];
        let rows = survey.rows();
        let silent = rows.into_iter().filter(|row| row.is_silent()).map(|row| row.name);
        StatusBoard { silent: SilentWatches::of(silent), survey, kept, answered_at }
    }

    fn report(&mut self, wish: &ReportOptions<'_>, now: Timestamp) -> (StatusReport, Learned) {
        self.survey.now = now;
        let verdicts = self.kept.verdicts(&mut self.survey);
        build(&self.survey, verdicts, wish)
    }

    /// Takes in what a cluster says. `tell`: whether its silence is told in a line of its own.
    fn hear(&mut self, cluster: &str, news: LiveNews, app: &App, tell: bool) {
        let Some(index) = self.survey.clusters.iter().position(|name| name == cluster) else { return };
        self.survey.now = app.now();
        let is_whole = matches!(&news, LiveNews::Snapshot(snapshot) if snapshot.unread.is_empty());
        if is_whole {
            self.answered_at[index] = self.survey.now;
        } else {
            // What it said last is told beside what it does not say any more.
            for (number, last) in last_answers(&self.kept, index, self.answered_at[index]) {
                let service = self.survey.placed.wanted[number].key();
                self.survey.memory.note(&self.survey.keys[index], service, last);
            }
        }
        // A refusal is no silence: it has been told, and stays.
        let silence = match &news {
            LiveNews::Silent(why) => Some(why),
            LiveNews::Snapshot(snapshot) => {
                let mut whys = snapshot.unread.iter().map(|unread| &unread.why);
                whys.find(|why| !matches!(why, Silence::Forbidden(_)))
            }
        };
        match silence {
            Some(why) if tell => self.silent.silent(cluster, &why.message(), &app.ui),
            None if tell => self.silent.heard(cluster, &app.ui),
            _ => {}
        }
        self.kept.hear(&mut self.survey, index, news);
    }

    /// What clusters send from here on.
    fn news(&self, app: &App) -> Result<impl futures::Stream<Item = (String, LiveNews)> + use<>> {
        let plans = Mutex::new(live_plans(&self.survey, app.config()?, AGAIN));
        Ok(self.survey.fleet.follow(move |asked, sender| {
            let plan = plans.lock().ok().and_then(|mut plans| plans.remove(&asked.cluster().name));
            async move {
                if let Some(plan) = plan {
                    plan.follow(&asked, &sender).await;
                }
            }
        }))
    }
}

/// Keeps the table on the screen current; gives back what it showed last.
async fn draw(
    display: WatchDisplay,
    app: &App,
    board: &mut StatusBoard,
    wish: &ReportOptions<'_>,
) -> Result<StatusReport> {
    let news = board.news(app)?;
    let mut news = std::pin::pin!(news.fuse());
    let mut interrupt = std::pin::pin!(crate::ui::interrupted());
    let mut looks = tokio::time::interval(LOOK);
    let mut screen = app.ui.whole_screen()?;
    let (mut report, _) = board.report(wish, app.now());
    let (mut is_new, mut drawn) = (true, Instant::now());
    loop {
        tokio::select! {
            () = &mut interrupt => return Ok(report),
            Some((cluster, news)) = news.next() => {
                board.hear(&cluster, news, app, false);
                is_new = true;
            }
            _ = looks.tick() => {
                if is_new {
                    report = board.report(wish, app.now()).0;
                }
                if is_new || screen.is_resized() || drawn.elapsed() >= REDRAW {
                    report.header.generated_at = app.now();
                    show(display, &mut screen, &report)?;
                    (is_new, drawn) = (false, Instant::now());
                }
            }
        }
    }
}

fn show(display: WatchDisplay, screen: &mut WholeScreen, report: &StatusReport) -> Result<()> {
    let mut under = report.footer_lines();
    under.push(crate::report::Line::from("watching; Ctrl-C leaves"));
    screen.draw(report, display.format, display.headers, &under)
}

/// Prints a line for each change.
async fn tell(
    app: &App,
    board: &mut StatusBoard,
    wish: &ReportOptions<'_>,
    mut telling: TransitionPrinter<'_>,
) -> Result<()> {
    let news = board.news(app)?;
    let mut news = std::pin::pin!(news);
    let mut interrupt = std::pin::pin!(crate::ui::interrupted());
    loop {
        let next = tokio::select! {
            next = news.next() => next,
            () = &mut interrupt => return Ok(()),
        };
        let Some((cluster, news)) = next else { return Ok(()) };
        board.hear(&cluster, news, app, true);
        telling.tell(&board.report(wish, app.now()).0)?;
    }
}
