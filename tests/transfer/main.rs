//! Whole files: complete and verified, or as they were before; resumed, retried, never doubled.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod append;
mod cancellation;
mod download;
mod link;
mod local_files;
mod partial_file;
mod recovery;
mod retries;
#[path = "../support/mod.rs"]
mod support;
mod temporary_name;
mod unusual_servers;
mod upload;
mod verified;

use std::fs;
use std::path::PathBuf;

use ftp_modem::emulator::{NetworkCause, RemoteError};
use ftp_modem::modem::AccessPoint;
use ftp_modem::transfer::Reconnect;

/// A folder of its own, and a file in it.
fn target() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.bin");
    (folder, path)
}

/// The names in a folder.
fn names(folder: &tempfile::TempDir) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn broken() -> RemoteError {
    RemoteError::Network(NetworkCause::Dropped)
}

fn reconnect() -> Reconnect {
    Reconnect::new(AccessPoint::default())
}
