//! The last lines of a program's log, read: what each says and how loud, and which of them is the error that the
//! process died of. Pure text: nothing here knows of pods or causes.

mod entry;
mod entry_reader;
mod fatal;
mod peer;
mod phrases;
mod reading;
mod record;
mod weight;

pub use entry::LogEntry;
pub use peer::peer;
pub use phrases::{complains, is_chatter};
pub use reading::LogReading;
pub use record::LogLevel;
