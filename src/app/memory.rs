//! What the clusters said the last time, kept from one run to the next.

use std::path::PathBuf;

use crate::app::App;
use crate::files;

const ANSWERS: &str = "answers.json";
const MOST_REMEMBERED: usize = 64 << 20;

impl App {
    /// Where what was fetched from elsewhere is kept; none under a demo, unless a variable says where.
    pub fn cache(&self) -> Option<PathBuf> {
        self.cache_directory()
    }

    /// Where answers are remembered: nowhere under a demo, unless a variable says where.
    fn cache_directory(&self) -> Option<PathBuf> {
        let named = self.env.variable("CALLBOARD_CACHE_DIR").map(PathBuf::from);
        named.or_else(|| self.options.demo.is_none().then(|| self.env.cache_directory.clone()).flatten())
    }

    /// What the clusters said the last time, as text; an unreadable memory is none.
    pub fn recall(&self) -> String {
        let Some(directory) = self.cache_directory() else { return String::new() };
        files::read_text_if_exists(&directory.join(ANSWERS), MOST_REMEMBERED)
            .ok()
            .flatten()
            .unwrap_or_default()
    }

    /// Makes of what is remembered by now what is to be remembered; another run that ends at the same time loses nothing.
    /// Remembering is a comfort: where it fails, only `-v` tells.
    pub fn remember(&self, renew: impl FnOnce(&str) -> String) {
        let Some(directory) = self.cache_directory() else { return };
        let file = directory.join(ANSWERS);
        let renewed = || files::replace(&file, renew(&self.recall()).as_bytes(), Some(0o600));
        let written = files::create_dir(&directory).and_then(|()| files::exclusively(&file, renewed));
        if let Err(error) = written {
            self.ui.detail(&format!("the answers could not be remembered: {error:#}"));
        }
    }
}
