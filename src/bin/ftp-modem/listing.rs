//! `ls`: lists a directory as columns or JSON.

use ftp_modem::Entry;
use ftp_modem::modem::EntryKind;
use ftp_modem::transfer::Needs;
use log::warn;
use serde::Serialize;

use crate::cause::Aim;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::text::{iso, shown};
use crate::{cause, connection, output};

/// JSON of one entry.
#[derive(Serialize)]
struct Row {
    name: String,
    kind: &'static str,
    size: Option<u64>,
    modified: Option<String>,
}

/// Lists the directory `path`.
///
/// # Errors
/// The errors of the session, and a directory that does not exist.
pub fn run(settings: &Settings, path: &str) -> Result<(), Failure> {
    let entries = connection::run(settings, Needs::Session, |modem, _| {
        modem.list(path).map_err(|error| cause::explained(modem, Aim::List(path), error).into())
    })?;
    if settings.json {
        output::json(&entries.iter().map(row).collect::<Vec<_>>())?;
    } else {
        entries.iter().try_for_each(|entry| output::line(&columns(entry)))?;
    }
    if entries.iter().any(|entry| entry.name_lossy().contains(char::REPLACEMENT_CHARACTER)) {
        warn!("names with \u{fffd} are not in the charset; {CHARSET_HINT}");
    }
    Ok(())
}

/// What helps where names are in another charset than the one chosen.
pub const CHARSET_HINT: &str = "choose that of the server, such as --charset gbk or --charset latin1";

fn row(entry: &Entry) -> Row {
    Row {
        name: entry.name_lossy().into_owned(),
        kind: kind(entry.kind),
        size: entry.size,
        modified: entry.modified.as_ref().map(iso),
    }
}

fn kind(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::File => "file",
        EntryKind::Directory => "dir",
        EntryKind::Link => "link",
        _ => "other",
    }
}

/// Formats kind, size, time and name. The name comes last, because it may contain any character.
fn columns(entry: &Entry) -> String {
    let size = entry.size.map_or("-".to_owned(), |size| size.to_string());
    let modified = entry.modified.as_ref().map_or("-".to_owned(), iso);
    let name = shown(&entry.name_lossy());
    let target = entry.target.as_deref().map(|target| format!(" -> {}", shown(&String::from_utf8_lossy(target))));
    format!("{:<5} {size:>12} {modified:<19} {name}{}", kind(entry.kind), target.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use ftp_modem::modem::listing;

    use super::*;

    #[test]
    fn entries_are_formatted_as_columns_and_json() {
        let text = b"-rw-r--r-- 1 u g 39 Jun 11 2024 there.txt\r\n\
                     drwxr-xr-x 2 u g 4096 Jun 11 10:20 d\x1b[31m\r\n\
                     lrwxrwxrwx 1 u g 3 Jun 11 2024 link -> there.txt\r\n\
                     nonsense\r\n";
        let entries = listing::parse(text);
        let lines: Vec<String> = entries.iter().map(columns).collect();
        assert_eq!(
            lines,
            [
                "file            39 2024-06-11          there.txt",
                "dir              - --06-11T10:20       d\\u{1b}[31m",
                "link             3 2024-06-11          link -> there.txt",
                "other            - -                   nonsense",
            ]
        );
        let rows = serde_json::to_string(&entries.iter().map(row).collect::<Vec<_>>()).unwrap();
        assert!(
            rows.starts_with(r#"[{"name":"there.txt","kind":"file","size":39,"modified":"2024-06-11"},"#),
            "{rows}"
        );
        assert!(
            rows.contains(r#"{"name":"d\u001b[31m","kind":"dir","size":null,"modified":"--06-11T10:20"}"#),
            "{rows}"
        );
    }
}
