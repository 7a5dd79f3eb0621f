//! How many requests there were and how long they took, as a histogram of Prometheus.

use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// The upper ends of the buckets, in seconds.
const BOUNDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// What requests are told apart by.
type Series = Vec<(&'static str, String)>;

pub struct Requests {
    registry: Registry,
    taken: Family<Series, Histogram, fn() -> Histogram>,
}

impl Default for Requests {
    fn default() -> Requests {
        let taken = Family::new_with_constructor((|| Histogram::new(BOUNDS)) as fn() -> Histogram);
        let mut registry = Registry::default();
        let help = "How long requests took, by route and status";
        registry.register_with_unit("http_request_duration", help, Unit::Seconds, taken.clone());
        Requests { registry, taken }
    }
}

impl Requests {
    pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    pub fn observe(&self, route: String, status: u16, took: Duration) {
        let series = vec![("route", route), ("status", status.to_string())];
        self.taken.get_or_create(&series).observe(took.as_secs_f64());
    }

    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
