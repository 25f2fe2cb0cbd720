//! What scripts read: JSON, and names that would steer a terminal.

use ftp_modem::Vendor;

use crate::rig::{Rig, for_each_dialect, text};

for_each_dialect! {
    fn ls_as_json(vendor: Vendor) {
        let rig = Rig::new(vendor);
        // The emulated China Mobile module lists a folder as a file where the server has a size for it.
        if vendor != Vendor::ChinaMobile {
            assert_eq!(rig.run(&["ls", "/", "--json"]).expect(0).text(), "[]\n");
        }
        rig.serve("there.txt", text(39));
        std::fs::create_dir(rig.folder.path().join("folder")).unwrap();
        let mut rows = rig.run(&["--json", "ls", "/"]).expect(0).json();
        let rows = rows.as_array_mut().unwrap();
        rows.sort_by_key(|row| row["name"].to_string());
        let (folder, file) = (&rows[0], &rows[1]);
        for row in [folder, file] {
            let mut keys: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
            keys.sort_unstable();
            assert_eq!(keys, ["kind", "modified", "name", "size"]);
        }
        // Where the dialect's own rows are used, directories have no time.
        let is_time = |value: &serde_json::Value| {
            value.as_str().is_some_and(|time| time.starts_with("20") || time.starts_with("--"))
        };
        let (of_file, of_folder) = (&file["modified"], &folder["modified"]);
        assert!(is_time(of_file) && (of_folder.is_null() || is_time(of_folder)), "{rows:?}");
        assert_eq!((&folder["name"], &folder["kind"], &folder["size"]), (&"folder".into(), &"dir".into(), &().into()));
        assert_eq!((&file["name"], &file["kind"], &file["size"]), (&"there.txt".into(), &"file".into(), &39.into()));
    }

    fn names_cannot_steer_a_terminal(vendor: Vendor) {
        let rig = Rig::new(vendor);
        rig.serve("a\x1b[31mb", "");
        let shown = rig.ok(&["ls", "/"]);
        assert!(shown.contains("a\\u{1b}[31mb") && !shown.contains('\x1b'), "{shown:?}");
        let listed = rig.run(&["--json", "ls", "/"]).expect(0);
        assert!(!listed.text().contains('\x1b'));
        assert_eq!(listed.json()[0]["name"], "a\x1b[31mb");
    }
}

#[test]
fn errors_leave_stdout_empty() {
    let rig = Rig::new(Vendor::Luat);
    for arguments in
        [&["--json", "get", "/missing", "x"][..], &["--json", "size", "/missing"], &["get", "/missing", "-"]]
    {
        assert_eq!(rig.run(arguments).expect(8).text(), "");
    }
}
