//! The tables that kubectl prints: the columns of built-in and of custom kinds, and the rows below them.

pub mod columns;
pub mod custom;
pub mod table;
