//! callboard as its users meet it: the real binary against fleets, its contract, and the shape of its house.
#![allow(clippy::disallowed_methods)]

mod architecture;
mod support;
