//! Which requests may be sent again after their connection failed them: the rules of Go's client and of client-go.

use crate::fleet::silence::Silence;
use h2::Reason;
use std::error::Error;
use std::io::ErrorKind;
use std::time::Duration;

/// The pauses before what a server has not worked on is sent again.
pub const PAUSES: [Duration; 3] = [Duration::ZERO, Duration::from_millis(100), Duration::from_millis(400)];

/// What a failure says of the request. All of ours may be sent twice: they read, or ask about ourselves.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Repeat {
    Never,
    /// The connection closed before the answer, as one that was kept alive does between two requests: once.
    Closed,
    /// The server says that it has not begun: a GOAWAY without an error, a refused stream.
    Unprocessed,
}

/// A connection failed a request, and whether that may be asked again.
pub struct Failed {
    pub why: Silence,
    pub again: Repeat,
    /// The number of the attempt that is of no more use.
    pub spent: Option<u64>,
}

impl Failed {
    /// Nothing is gained by asking again.
    pub fn for_good(why: Silence) -> Failed {
        Failed { why, again: Repeat::Never, spent: None }
    }
}

pub fn again(error: &hyper::Error) -> Repeat {
    if let Some(error) = find::<h2::Error>(error) {
        let is_graceful = error.is_go_away() && error.is_remote() && error.reason() == Some(Reason::NO_ERROR);
        return match error.reason() == Some(Reason::REFUSED_STREAM) || is_graceful {
            true => Repeat::Unprocessed,
            false if error.get_io().is_some_and(is_closed) => Repeat::Closed,
            false => Repeat::Never,
        };
    }
    // hyper hands back what it has not sent.
    let is_closed = error.is_canceled()
        || error.is_closed()
        || error.is_incomplete_message()
        || find(error).is_some_and(is_closed);
    if is_closed { Repeat::Closed } else { Repeat::Never }
}

impl Repeat {
    /// Whether the connection is of no more use; a stream that was refused says nothing against it.
    pub fn is_of_connection(self, error: &hyper::Error) -> bool {
        let is_refused =
            || find::<h2::Error>(error).is_some_and(|error| error.reason() == Some(Reason::REFUSED_STREAM));
        self != Repeat::Never && !is_refused()
    }
}

fn is_closed(error: &std::io::Error) -> bool {
    let closed = [
        ErrorKind::ConnectionReset,
        ErrorKind::ConnectionAborted,
        ErrorKind::BrokenPipe,
        ErrorKind::NotConnected,
        ErrorKind::UnexpectedEof,
    ];
    closed.contains(&error.kind())
}

fn find<T: Error + 'static>(error: &hyper::Error) -> Option<&T> {
    let mut inner = error.source();
    while let Some(error) = inner {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        inner = error.source();
    }
    None
}
