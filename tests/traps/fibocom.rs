//! Fibocom.
