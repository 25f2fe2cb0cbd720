//! China Mobile.
