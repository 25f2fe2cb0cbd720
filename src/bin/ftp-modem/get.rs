//! `get`: downloads a file to a local file or to stdout.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use ftp_modem::modem::{Assurance, EntryKind, Metadata, Modified, Operation};
use ftp_modem::transfer::{Attempt, Download, Needs, local_name};
use ftp_modem::{Entry, Error, ErrorKind, FtpModem, Retrieve};
use log::warn;

use crate::args::Get;
use crate::batch;
use crate::cause::Aim;
use crate::failure::{Failure, UNAVAILABLE};
use crate::item::{self, Done, Item};
use crate::pattern::is_pattern;
use crate::progress::{Bar, Counted};
use crate::settings::Settings;
use crate::{cause, connection, listing, output, pattern, stream, times};

/// Downloads files.
///
/// # Errors
/// After a failed download the local file is unchanged. The received bytes remain in the partial file next to it, where
/// a later run can continue it.
pub fn run(settings: &Settings, get: &Get) -> Result<(), Failure> {
    let (remotes, target) = split(get)?;
    let is_single = matches!(remotes.as_slice(), [one] if !is_pattern(one));
    let folder = if is_single { PathBuf::new() } else { target.clone().unwrap_or_else(|| PathBuf::from(".")) };
    let mut items = Vec::new();
    if is_single {
        let local = target.unwrap_or_default();
        if stream::is_dash(&local) || stream::is_special(&local) {
            only_regular(get)?;
            return streamed(settings, &get.remote, &local);
        }
        let is_folder = local.as_os_str().is_empty() || local.is_dir();
        let local = if is_folder { named(&get.remote, &local)? } else { local };
        check_target(&local)?;
        items.push(Item::new(get.remote.as_str(), local));
    } else if !folder.is_dir() {
        let text = format!("several files need a directory as LOCAL, which {folder:?} is not");
        return Err(Failure::usage(text, "create it, or name another one last"));
    } else {
        for remote in remotes.iter().filter(|remote| !is_pattern(remote)) {
            items.push(Item::new(remote.as_str(), named(remote, &folder)?));
        }
    }
    let patterns: Vec<&str> = remotes.iter().map(String::as_str).filter(|remote| is_pattern(remote)).collect();
    let find = |modem: &mut dyn FtpModem| {
        check_module(modem, get)?;
        found(modem, items.clone(), &patterns, &folder)
    };
    // The download of a file whose removal failed. A retry removes it only.
    let mut downloaded: Option<Downloaded> = None;
    batch::run(settings, "get", is_single, find, |modem, settings, attempt, item| {
        let mut file = match downloaded.take().filter(|file| file.done.remote == item.remote) {
            Some(file) => file,
            None => Downloaded { done: fetch(modem, settings, attempt, get, item)?, may_be_removed: false },
        };
        if !get.delete_after || file.done.skipped {
            return Ok(file.done);
        }
        match file.remove(modem) {
            Ok(()) => Ok(file.done),
            Err(failure) => {
                downloaded = Some(file);
                Err(failure)
            }
        }
    })
}

/// A downloaded file that is to be removed from the server.
struct Downloaded {
    done: Done,
    /// Whether a removal was tried that may have been carried out, although its result was lost.
    may_be_removed: bool,
}

impl Downloaded {
    fn remove(&mut self, modem: &mut dyn FtpModem) -> Result<(), Failure> {
        let Done { remote, local, .. } = &self.done;
        match modem.remove(remote) {
            Err(error) if self.may_be_removed && error.kind() == ErrorKind::Unavailable => {
                warn!("{remote}: not found by the second removal; the first one was probably carried out");
                Ok(())
            }
            Err(error) => {
                self.may_be_removed |= error.ftp_reply().is_none();
                let note = format!("{remote} was downloaded completely, to {local}, but is not deleted");
                Err(Failure::from(error).with_note(&note))
            }
            Ok(()) => Ok(()),
        }
    }
}

/// Refuses what the module lacks, before anything is downloaded. Warns of what is then left out.
fn check_module(modem: &dyn FtpModem, get: &Get) -> Result<(), Failure> {
    let capabilities = modem.capabilities();
    if get.delete_after && !capabilities.supports(Operation::Remove) {
        let detail = "this module cannot remove files, which --delete-after needs";
        return Err(Error::new(ErrorKind::Unsupported, detail).into());
    }
    if (get.keep_time || get.skip_same) && !capabilities.supports(Operation::Modified) {
        warn!("this module cannot query times: no time is kept, and no file is the same");
    }
    Ok(())
}

/// Downloads a file to stdout.
///
/// # Errors
/// Those of the download.
pub fn print(settings: &Settings, remote: &str) -> Result<(), Failure> {
    streamed(settings, remote, Path::new("-"))
}

/// Refuses options that need a regular file.
fn only_regular(get: &Get) -> Result<(), Failure> {
    let options = [
        ("--resume", get.resume),
        ("--verify", get.verify),
        ("--keep-time", get.keep_time),
        ("--skip-same", get.skip_same),
        ("--delete-after", get.delete_after),
    ];
    match options.into_iter().find(|(_, is_set)| *is_set) {
        Some((option, _)) => {
            Err(Failure::usage(format!("{option} needs a regular file as LOCAL"), "name one, or leave the option out"))
        }
        None => Ok(()),
    }
}

/// Returns the remote files and LOCAL, which is the last of several paths.
fn split(get: &Get) -> Result<(Vec<String>, Option<PathBuf>), Failure> {
    let mut remotes = vec![get.remote.clone()];
    let Some((local, more)) = get.rest.split_last() else { return Ok((remotes, None)) };
    for remote in more {
        let text = remote
            .to_str()
            .ok_or_else(|| Failure::usage(format!("{remote:?} is not UTF-8"), "name REMOTE in UTF-8"))?;
        remotes.push(text.to_owned());
    }
    Ok((remotes, Some(local.clone())))
}

/// Number of files in one directory from which on their sizes come from its listing.
const WORTH_A_LISTING: usize = 3;

/// Completes `items` by what listings state, and adds the files that match `patterns`. Lists each directory once.
fn found(
    modem: &mut dyn FtpModem,
    mut items: Vec<Item>,
    patterns: &[&str],
    folder: &Path,
) -> Result<Vec<Item>, Failure> {
    let mut listings: HashMap<String, Vec<Entry>> = HashMap::new();
    for pattern in patterns {
        let (directory, pattern) = pattern::split(pattern);
        if !listings.contains_key(directory) {
            listings.insert(directory.to_owned(), list(modem, directory)?);
        }
        let entries = listings.get(directory).map(Vec::as_slice).unwrap_or_default();
        let before = items.len();
        let unreadable = entries.iter().filter(|entry| std::str::from_utf8(&entry.name).is_err()).count();
        if unreadable > 0 {
            warn!(
                "{directory}: {unreadable} names are not in the charset and were left out; {}",
                listing::CHARSET_HINT
            );
        }
        for entry in entries.iter().filter(|entry| matches!(entry.kind, EntryKind::File | EntryKind::Link)) {
            let Ok(name) = std::str::from_utf8(last(entry)) else { continue };
            let remote = format!("{directory}{name}");
            if pattern::matches(pattern, name) && !items.iter().any(|item| item.remote == remote) {
                let local = named(&remote, folder)?;
                items.push(Item { remote, local, size: None, modified: None });
            }
        }
        if items.len() == before {
            let text = format!("no file matches {directory}{pattern}");
            return Err(Failure::new(UNAVAILABLE, text, "check the pattern and the directory"));
        }
    }
    let directory_of = |item: &Item| pattern::split(&item.remote).0.to_owned();
    let directories: Vec<String> = items.iter().map(directory_of).collect();
    let can_list = modem.capabilities().supports(Operation::List);
    for directory in &directories {
        let count = directories.iter().filter(|other| *other == directory).count();
        if can_list && count >= WORTH_A_LISTING && !listings.contains_key(directory) {
            // Without a listing each size is queried.
            let entries = list(modem, directory).unwrap_or_default();
            listings.insert(directory.clone(), entries);
        }
    }
    for item in &mut items {
        let (directory, name) = pattern::split(&item.remote);
        let entries = listings.get(directory).map(Vec::as_slice).unwrap_or_default();
        if let Some(entry) = entries.iter().find(|entry| last(entry) == name.as_bytes()) {
            let metadata = Metadata::from(entry);
            (item.size, item.modified) = (metadata.size, metadata.modified);
        }
    }
    Ok(items)
}

/// Returns the name in a row; some servers write the path before it.
fn last(entry: &Entry) -> &[u8] {
    entry.name.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
}

fn list(modem: &mut dyn FtpModem, directory: &str) -> Result<Vec<Entry>, Failure> {
    let path = if directory == "/" { directory } else { directory.trim_end_matches('/') };
    Ok(modem.list(path)?)
}

/// Downloads one file.
fn fetch(
    modem: &mut dyn FtpModem,
    settings: &Settings,
    attempt: &mut Attempt,
    get: &Get,
    item: &Item,
) -> Result<Done, Failure> {
    let mut modified = item.modified;
    if (get.keep_time || get.skip_same) && modified.is_none() && modem.capabilities().supports(Operation::Modified) {
        modified = modem.modified(&item.remote).map_err(|error| warn!("{error}")).ok();
    }
    if get.skip_same && is_same(modem, item, modified.as_ref()) {
        return Ok(Done::skipped(item));
    }
    let bar = Bar::new(item.remote.clone(), settings.progress, modem);
    let before = attempt.before();
    let mut download = Download::new(item.remote.as_str(), &item.local)
        .resume(get.resume || before > 0)
        .verify_content(get.verify)
        .retry(attempt.take_retries())
        .reconnect_with(settings.reconnect())
        .on_progress(|progress| bar.show(progress, before));
    if let Some(size) = item.size.filter(|_| before == 0) {
        download = download.size(size);
    }
    let report = download.run(modem);
    let report = report.map_err(|error| cause::explained(modem, Aim::Read(&item.remote), error))?.after(attempt);
    if let Some(time) = modified.filter(|_| get.keep_time) {
        times::keep(&item.local, &time).map_err(|error| Failure::local(&item.local, &error))?;
    }
    if get.delete_after {
        item::check_deletable(&report, &item.remote)?;
    }
    Ok(Done::of(&report, item))
}

/// Whether the local file has the size and the time of the server's.
fn is_same(modem: &mut dyn FtpModem, item: &Item, modified: Option<&Modified>) -> bool {
    let Ok(local) = item.local.metadata() else { return false };
    let (Ok(time), Some(modified)) = (local.modified(), modified) else { return false };
    let is_same_time = local.is_file() && times::is_same(time, modified);
    is_same_time && item.size.or_else(|| modem.size(&item.remote).ok()) == Some(local.len())
}

/// Returns the path of a local file in `folder` that has the name of the remote one. The name must not mean stdout, and
/// must not lead out of the folder through a link.
fn named(remote: &str, folder: &Path) -> Result<PathBuf, Failure> {
    let last = remote.rsplit('/').next().unwrap_or_default();
    if last.is_empty() {
        let remedy = format!("name a file, or '{remote}*' for all files in the directory");
        return Err(Failure::usage(format!("{remote:?} does not name a file"), remedy));
    }
    let name = local_name(last.as_bytes()).filter(|name| !stream::is_dash(name));
    let name =
        name.ok_or_else(|| Failure::usage(format!("{last:?} is not a valid local file name"), "specify LOCAL"))?;
    let local = folder.join(name);
    if local.is_symlink() {
        return Err(Failure::usage(format!("{} is a symbolic link", local.display()), "specify LOCAL"));
    }
    Ok(local)
}

/// Checks that the directory of the local file exists, before anything is sent.
fn check_target(local: &Path) -> Result<(), Failure> {
    let failed = |path: &Path, kind: std::io::ErrorKind| Err(Failure::local(path, &kind.into()));
    if local.as_os_str().as_encoded_bytes().ends_with(b"/") {
        local.metadata().map_err(|error| Failure::local(local, &error))?;
    }
    if local.is_dir() {
        return failed(local, std::io::ErrorKind::IsADirectory);
    }
    match local.parent().filter(|folder| !folder.as_os_str().is_empty()).map(|folder| (folder, folder.metadata())) {
        Some((folder, Err(error))) => Err(Failure::local(folder, &error)),
        Some((folder, Ok(metadata))) if !metadata.is_dir() => failed(folder, std::io::ErrorKind::NotADirectory),
        _ => Ok(()),
    }
}

/// Downloads to stdout or to a device. Retries only if nothing has been written.
fn streamed(settings: &Settings, remote: &str, local: &Path) -> Result<(), Failure> {
    let opened = stream::Output::open(local, settings.interrupt.clone());
    let mut sink = opened.map_err(|error| settings.interrupt.local(local, &error))?;
    let begun = Instant::now();
    let (done, attempts) = connection::run(settings, Needs::Session, |modem, attempt| {
        Ok((stream_once(modem, settings, remote, &mut sink)?, attempt.before() + 1))
    })
    .map_err(|failure| match failure.kind() {
        Some(ErrorKind::LocalIo) if stream::is_dash(local) => failure.with_remedy(output::CHECK_READER),
        _ => failure,
    })?;
    let done = Done {
        remote: remote.to_owned(),
        local: local.to_string_lossy().into_owned(),
        size: done.0,
        moved: done.0,
        attempts,
        assurance: crate::info::assurance(done.1),
        grown_to: None,
        skipped: false,
        seconds: begun.elapsed().as_secs_f64(),
    };
    if stream::is_dash(local) {
        // The file itself goes to stdout.
        item::tell(&done);
        return Ok(());
    }
    item::report(settings, &done)
}

fn stream_once(
    modem: &mut dyn FtpModem,
    settings: &Settings,
    remote: &str,
    sink: &mut dyn Write,
) -> Result<(u64, Assurance), Failure> {
    let stated = if modem.capabilities().supports(Operation::Size) { modem.size(remote) } else { Ok(0) };
    let total = match stated {
        Ok(0) => None,
        Ok(size) => Some(size),
        Err(error) if error.is_retryable() => return Err(error.into()),
        // The server may lack SIZE, or refuse it for a file that it sends.
        Err(_) => None,
    };
    let bar = Bar::new(remote.to_owned(), settings.progress, modem);
    let mut counted = Counted::new(sink, &bar, total);
    let what = total.map_or(Retrieve::whole(), |size| Retrieve::whole().with_size(size));
    let outcome = modem.retrieve(remote, &what, &mut counted);
    let count = counted.count;
    let transfer = outcome.map_err(|error| {
        let failure = settings.interrupt.failure(cause::explained(modem, Aim::Read(remote), error));
        if count > 0 { failure.without_retry() } else { failure }
    })?;
    match total {
        Some(total) if total != count => {
            Err(Failure::verification(format!("{count} bytes received, the file on the server has {total} bytes")))
        }
        _ => Ok((count, transfer.assurance)),
    }
}
