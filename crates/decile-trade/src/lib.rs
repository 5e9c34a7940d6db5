//! From targets to orders.
