//! Answers HTTP until it is told to stop, and then lets its callers go first.

mod requests;
mod server;
mod service;

use std::env::{self, VarError};
use std::process::ExitCode;
use std::time::Duration;

use tokio::net::TcpListener;

use crate::service::Service;

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().json().flatten_event(true).init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error, "stopped");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let port: u16 = setting("PORT", ${{ values.port }})?;
    let drain: u64 = setting("DRAIN_SECONDS", 5)?;
    let stop = server::told_to_stop().map_err(|error| error.to_string())?;
    let listener = TcpListener::bind(("0.0.0.0", port)).await.map_err(|error| format!("port {port}: {error}"))?;
    tracing::info!(port, "ready");
    server::serve(listener, Service::new(), stop, Duration::from_secs(drain)).await.map_err(|error| error.to_string())
}

fn setting<T: std::str::FromStr>(name: &str, otherwise: T) -> Result<T, String> {
    match env::var(name) {
        Ok(value) if !value.is_empty() => value.parse().map_err(|_| format!("{name} is no number")),
        Ok(_) | Err(VarError::NotPresent) => Ok(otherwise),
        Err(error) => Err(format!("{name}: {error}")),
    }
}
