//! Directory listings as FTP servers write them.
//!
//! The text is the server's own: Unix `ls -l` in its many shapes, DOS/IIS, MLSD facts (RFC 3659 §7). [`parse`] takes a
//! whole listing, [`parse_line`] one line of it. A line that no format explains becomes an entry of kind
//! [`EntryKind::Other`](super::EntryKind::Other) with the whole line as its name; one bad line never spoils the rest.
