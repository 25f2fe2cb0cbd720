//! What a server does wrong.

/// A fault of an FTP server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServerFault {
    /// After so many operations the control connection is found broken.
    Drop {
        /// Operations that still succeed.
        after: u32,
    },
    /// After so many operations the server says 421 and closes the control connection.
    Unavailable {
        /// Operations that still succeed.
        after: u32,
    },
    /// After so many transfers and listings the server cannot open a data connection (425), once.
    RefuseData {
        /// Transfers that still succeed.
        after: u32,
    },
    /// The next transfer, in whatever direction, is aborted (426).
    Abort {
        /// Bytes that still pass.
        after: u64,
    },
    /// The next download ends early, and the server calls it complete.
    Short {
        /// Bytes missing of what `SIZE` says.
        by: u64,
    },
    /// From now on `REST` is accepted and ignored: every transfer begins at the beginning.
    IgnoreRest,
    /// The next listing ends early, and the server calls it complete.
    Listing {
        /// Bytes that come.
        keep: u64,
    },
    /// The server calls the next upload complete although it has stored only the beginning.
    PartStored {
        /// Bytes it stores.
        keep: u64,
    },
    /// After the next download its file has this content.
    Replace {
        /// What any later download finds.
        content: Vec<u8>,
    },
    /// Both connections break in the middle of the next transfer.
    Break {
        /// Bytes that still pass.
        after: u64,
    },
    /// The next `SIZE` is answered with this number, whatever the file's size.
    Size {
        /// What it is said to be.
        says: u64,
    },
    /// The next transfer passes whole, and the server closes it with this reply instead of 226.
    Deny {
        /// The reply: 426, 451 or whatever else.
        code: u16,
    },
    /// The disk is full.
    Full {
        /// Bytes that can still be stored, all files together.
        after: u64,
        /// The reply: 452, 552 or whatever else.
        code: u16,
    },
}
