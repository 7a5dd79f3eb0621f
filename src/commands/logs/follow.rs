//! `-f`: stub.

use anyhow::Result;

use crate::app::App;
use crate::commands::logs::fleetwide::Found;
use crate::commands::logs::printer::Printer;
use crate::commands::logs::{Ended, Wish};
use crate::survey::Scene;

pub async fn run(
    _scene: &Scene,
    _found: Found,
    _wish: &Wish,
    _app: &App,
    _printer: &mut Printer<'_>,
) -> Result<Ended> {
    anyhow::bail!("-f: not yet")
}
