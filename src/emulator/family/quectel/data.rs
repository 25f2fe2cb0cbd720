//! What the serial line carries beside command lines.

use super::files::Moving;
use super::transfer::download::Download;
use super::transfer::upload::PutIntake;

/// What the data mode is for.
#[derive(Default)]
pub(super) enum Data {
    #[default]
    None,
    Download(Download),
    /// The end of a download the host has escaped from.
    Late(Download),
    Put(PutIntake),
    /// A local file.
    File(Moving),
}
