//! Answers HTTP until it is told to stop, and then lets its callers go first. The standard library alone; take a framework
//! (axum, actix-web) once you need more than a handful of routes, and keep the probes and the draining.

mod http;
mod service;
mod signals;

use std::net::TcpListener;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use service::{log, Service};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log("error", &error, "");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let port: u16 = setting("PORT", ${{ values.port }})?;
    let drain: u64 = setting("DRAIN_SECONDS", 5)?;
    signals::listen();
    let listener = TcpListener::bind(("0.0.0.0", port)).map_err(|error| format!("port {port}: {error}"))?;
    let service = Arc::new(Service::default());
    log("info", "ready", &format!("\"port\":{port}"));
    http::serve(&listener, &service, signals::told_to_stop, Duration::from_secs(drain))
        .map_err(|error| error.to_string())
}

fn setting<T: std::str::FromStr>(name: &str, otherwise: T) -> Result<T, String> {
    match std::env::var(name) {
        Ok(value) if !value.is_empty() => value.parse().map_err(|_| format!("{name} is no number")),
        _ => Ok(otherwise),
    }
}
