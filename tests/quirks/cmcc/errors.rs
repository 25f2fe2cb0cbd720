//! Codes.

use ftp_modem::{ErrorKind, FtpModem};

use super::{code, online};

/// 3 is a wrong parameter in the manual, §5, and an offset beyond the file in a client (ec_ftpclient_api.h); 803, 804
/// and 807 differ likewise.
#[test]
fn a_code_with_two_meanings_stays_visible() {
    for result in [2, 3, 6, 12, 15, 77] {
        let mut rig = online(|it| it.results = vec![("+MFTPCWD".into(), result)]);
        let error = rig.modem.cwd("/").unwrap_err();
        assert_eq!(code(&error), result.to_string());
        assert!(error.to_string().contains(&format!("code {result}")), "{error}");
        rig.still_works();
    }
    for refusal in [50, 800, 803, 804, 807, 813, 4711] {
        let mut rig = online(|it| it.refusals = vec![("+MFTPCWD".into(), refusal)]);
        let error = rig.modem.cwd("/").unwrap_err();
        assert_eq!(code(&error), refusal.to_string(), "{error}");
        rig.still_works();
    }
}

/// 15 is "request for memory failed" (manual, §5), 16 concerns the file system.
#[test]
fn the_memory_of_the_module_is_not_its_file_system() {
    for (result, kind, word) in
        [(15, ErrorKind::ModuleRefused, "working memory"), (16, ErrorKind::ModuleStorage, "storage")]
    {
        let mut rig = online(|it| it.results = vec![("+MFTPCWD".into(), result)]);
        let error = rig.modem.cwd("/").unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(word), "{error}");
    }
}
