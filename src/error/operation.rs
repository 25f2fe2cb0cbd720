//! The operations in the words of a message.

/// What the caller did, for `… failed`: the name of an operation is that of the method, which is not always a noun.
pub(super) fn words(operation: &'static str) -> &'static str {
    match operation {
        "open" => "opening",
        "ports" => "search for ports",
        "identify" => "identification",
        "detect" => "detection of the dialect",
        "configure" => "configuration",
        "recover" => "recovery",
        "unlock" => "entry of the PIN",
        "command" => "raw command",
        "network" => "query of the network",
        "status" => "query of the session",
        "pwd" => "query of the directory",
        "cwd" => "change of directory",
        "cdup" => "change to the parent directory",
        "list" => "listing",
        "names" => "listing of names",
        "size" => "query of the size",
        "modified" => "query of the time of modification",
        "metadata" => "query of size and time",
        "mkdir" => "creation of the directory",
        "rmdir" => "removal of the directory",
        "remove" => "removal of the file",
        // attach, login, rename, download, upload and others are nouns.
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use crate::error::{Error, ErrorKind};

    #[test]
    fn a_message_says_in_words_what_the_caller_did() {
        for (operation, words) in [
            ("modified", "query of the time of modification failed: "),
            ("size", "query of the size failed: "),
            ("pwd", "query of the directory failed: "),
            ("login", "login failed: "),
        ] {
            let error = Error::new(ErrorKind::Unavailable, "").during(operation);
            assert_eq!(error.operation(), Some(operation));
            assert!(error.to_string().starts_with(words), "{error}");
        }
    }
}
