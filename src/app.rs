//! What a command may use, built on first use; the only user of the demo.

use crate::args::GlobalArgs;
use crate::env::Env;
use crate::ui::Ui;

pub struct App {
    pub env: Env,
    pub ui: Ui,
    pub global: GlobalArgs,
}

impl App {
    pub fn new(env: Env, ui: Ui, global: GlobalArgs) -> App {
        App { env, ui, global }
    }

    pub fn close(&self) {}
}
