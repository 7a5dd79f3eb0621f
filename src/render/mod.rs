//! A report in, text out: the formats that product.md names.
