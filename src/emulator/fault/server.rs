//! What a server does wrong.

/// A fault of an FTP server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServerFault {
    /// The control connection is found broken.
    Drop {
        /// Number of operations that succeed before.
        after: u32,
    },
    /// The server says 421 and closes the control connection.
    Unavailable {
        /// Number of operations that succeed before.
        after: u32,
    },
    /// The server cannot open a data connection (425), once.
    RefuseData {
        /// Number of transfers and listings that succeed before.
        after: u32,
    },
    /// The next transfer, in either direction, is aborted (426).
    Abort {
        /// Number of bytes that pass before.
        after: u64,
    },
    /// The next download ends early, and the server calls it complete.
    Short {
        /// Number of bytes missing of what `SIZE` says.
        by: u64,
    },
    /// From now on `REST` is accepted and ignored: every transfer begins at the beginning.
    IgnoreRest,
    /// The next listing ends early, and the server calls it complete.
    Listing {
        /// Number of bytes that come.
        keep: u64,
    },
    /// The server calls the next upload complete although it has stored only the beginning.
    PartStored {
        /// Number of bytes that are stored.
        keep: u64,
    },
    /// After the next download its file has this content.
    Replace {
        /// The content that every later download finds.
        content: Vec<u8>,
    },
    /// Both connections break in the middle of the next transfer.
    Break {
        /// Number of bytes that pass before.
        after: u64,
    },
    /// The next `SIZE` is answered with this number, whatever the file's size.
    Size {
        /// The number in the answer.
        says: u64,
    },
    /// The next transfer passes whole, and the server closes it with this reply instead of 226.
    Deny {
        /// The reply code, such as 426 or 451.
        code: u16,
    },
    /// The disk is full.
    Full {
        /// Number of bytes that can be stored before, all files together.
        after: u64,
        /// The reply code, such as 452 or 552.
        code: u16,
    },
}
