//! The API server on its socket: who may ask, what a request asks for, and the answer, true or spoiled by a fault.

pub mod access;
pub mod cache;
pub mod discovery;
pub mod fields;
pub mod listing;
pub mod logs;
pub mod members;
pub mod openapi;
pub mod paging;
pub mod paths;
pub mod port;
pub mod protobuf;
pub mod refusal;
pub mod reply;
pub mod request;
pub mod reviews;
pub mod server;
pub mod spoil;
pub mod tls;
pub mod watch;
