//! The generic FTPSERV dialect.
