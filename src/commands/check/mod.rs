//! `check`: whether services are ready for production, by the rules of docs/readiness.md: over live clusters, all at once, or over the manifests of a
//! project; with what the catalog says.

mod about;
mod junit;
mod live;
mod manifests;
mod objects;
mod options;
mod rendered;
mod report;
mod rows;

use anyhow::Result;

use crate::app::App;
use crate::args::chosen_services;
use crate::commands::check::junit::junit;
use crate::commands::check::options::CheckFormat;
pub use crate::commands::check::options::{CheckArgs, WantedLevel};
pub use crate::commands::check::rendered::{RenderedReadiness, readiness_of};
use crate::commands::check::report::{CheckLayout, CheckReport};
use crate::commands::check::rows::ServiceCheck;
use crate::commands::findings::print;
use crate::outcome::{Outcome, misused};
use crate::readiness::checked;

pub fn run(args: &CheckArgs, app: &App) -> Result<Outcome> {
    let (places, names): (Vec<String>, Vec<String>) =
        args.which.services.iter().cloned().partition(|word| manifests::is_place(word));
    if !places.is_empty() && (!names.is_empty() || args.which.selector.is_some()) {
        return Err(misused("manifests and services are not checked in one run", "callboard check ./deploy"));
    }
    let today = app.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let (header, subjects) = match places.is_empty() {
        true => {
            let services = chosen_services(&args.which, app)?;
            let (header, subjects) = live::subjects(services, args.which.is_named(), app)?;
            (Some(header), subjects)
        }
        false => (None, manifests::subjects(&places, app)?),
    };
    let level = args.level.level();
    let items: Vec<ServiceCheck> = subjects
        .into_iter()
        .map(|subject| ServiceCheck::of(&subject.about, checked(&subject.facts, today), level))
        .collect();
    let layout = CheckLayout { by: args.by };
    let mut report = CheckReport::new(header, items, layout);
    report.settle();
    match args.output {
        CheckFormat::As(format) => print(&report, &report.findings(), &report::lint_rules(), format, app)?,
        CheckFormat::Junit => app.ui.write(&junit(report.items()))?,
    }
    Ok(report.outcome())
}
