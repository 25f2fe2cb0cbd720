//! Quectel.
