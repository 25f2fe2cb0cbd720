//! Faults of the server, seen through two dialects.

use super::{OK, QUECTEL_GET, Scene, china_mobile, download, generic, got, later, quectel};
use crate::emulator::{Plan, ServerFault};

const GENERIC_ERROR: &str = "\r\nERROR\r\n";

#[test]
fn operations_fail_after_some() {
    // A download asks for the size first with the generic module only.
    for (plan, from_generic, sessions) in [
        ("server drop 0", GENERIC_ERROR, 0),
        ("server drop 1", GENERIC_ERROR, 0),
        ("server 421 1", GENERIC_ERROR, 0),
        ("server 425 0", GENERIC_ERROR, 1),
        ("server 425 1", super::GENERIC_GET, 1),
        ("server drop 2", super::GENERIC_GET, 1),
    ] {
        let mut bench = generic();
        bench.play(plan);
        assert_eq!(download(&mut bench), from_generic, "{plan}");
        assert_eq!(bench.server.sessions(), sessions, "{plan}");
    }
    for plan in ["server drop 0", "server 421 0", "server 425 0"] {
        let text = got(quectel(), plan);
        assert!(!text.contains("+QFTPGET: 0"), "{plan}: {text:?}");
    }
}

#[test]
fn downloads_are_aborted_short_or_begin_at_the_beginning() {
    assert_eq!(got(generic(), "server 426 2"), "\r\n+FTPGET:5,12\r\nERROR\r\n");
    assert!(got(quectel(), "server 426 2").starts_with("\r\nCONNECT\r\n12\r\n"));
    assert_eq!(got(generic(), "server short 2"), "\r\n+FTPGET:5,123\r\nOK\r\n");
    assert_eq!(got(quectel(), "server short 2"), QUECTEL_GET.replace("12345", "123").replace("0,5", "0,3"));
    let mut bench = generic();
    bench.play("server norest");
    assert_eq!(bench.command("AT+FTPRESET=3"), OK);
    assert_eq!(download(&mut bench), "\r\n+FTPGET:2,12\r\nOK\r\n");
    let mut bench = quectel();
    bench.play("server norest");
    assert!(bench.command("AT+QFTPGET=\"f\",\"COM:\",3").contains("\r\n12345\r\n"));
}

#[test]
fn both_connections_break_in_the_middle() {
    let mut bench = generic();
    bench.play("server break 2");
    assert_eq!(download(&mut bench), "\r\n+FTPGET:5,12\r\nERROR\r\n");
    assert_eq!(bench.server.sessions(), 0);
    assert_eq!(download(&mut bench), GENERIC_ERROR);
    let text = got(quectel(), "server break 2");
    // "Data connection closed" (Quectel EC2x FTP(S) application note V1.0, table 3).
    assert!(text.starts_with("\r\nCONNECT\r\n12\r\n") && text.contains("+QFTPGET: 607,0"), "{text:?}");
    let mut bench = china_mobile();
    bench.play("server break 0");
    let text = download(&mut bench);
    assert!(text.ends_with("+MFTPRETR: 0,11\r\n\r\n+MFTPURC: 0,\"conn\",0\r\n"), "{text:?}");
    assert_eq!(bench.server.sessions(), 0);
    let mut bench = generic();
    bench.play("server break 3");
    assert_eq!(bench.command("AT+FTPPUT=5,abcde"), GENERIC_ERROR);
    assert_eq!(bench.server.file("/g").unwrap(), b"abc");
    assert_eq!(bench.server.sessions(), 0);
    let mut bench = quectel();
    bench.play("server break 3");
    bench.server.set_listing("/", "abcdef\r\n");
    assert!(bench.command("AT+QFTPLIST=\".\"").starts_with("\r\nCONNECT\r\nabc\r\n"));
    assert_eq!(bench.server.sessions(), 0);
}

#[test]
fn a_size_is_wrong_once() {
    for says in ["0", "4", "6", "18446744073709551615"] {
        let mut bench = quectel();
        bench.play(&format!("server size {says}"));
        let size = |bench: &mut Scene| bench.command("AT+QFTPSIZE=\"f\"") + &later(bench);
        assert_eq!(size(&mut bench), format!("{OK}\r\n+QFTPSIZE: 0,{says}\r\n"));
        assert_eq!(size(&mut bench), format!("{OK}\r\n+QFTPSIZE: 0,5\r\n"));
    }
    assert_eq!(got(generic(), "server size 9"), "\r\n+FTPGET:9,12345\r\nOK\r\n");
    assert_eq!(got(generic(), "server size 3"), "\r\n+FTPGET:3,123\r\nOK\r\n");
}

#[test]
fn a_whole_transfer_is_denied() {
    assert_eq!(got(generic(), "server deny 451"), "\r\n+FTPGET:5,12345\r\nERROR\r\n");
    let text = got(quectel(), "server deny 451");
    assert!(text.starts_with("\r\nCONNECT\r\n12345\r\n") && text.contains("+QFTPGET: 618,451"), "{text:?}");
    let mut bench = generic();
    bench.play("server deny 451");
    assert_eq!(bench.command("AT+FTPPUT=5,abcde"), OK);
    assert_eq!(bench.command("AT+FTPPUT=0"), GENERIC_ERROR);
    assert_eq!(bench.server.file("/g").unwrap(), b"abcde");
    bench.play("server deny 426");
    assert!(bench.command("AT+FTPLIST").contains("ERROR"));
    assert!(!bench.command("AT+FTPLIST").contains("ERROR"));
}

#[test]
fn a_file_changes_between_two_downloads() {
    for mut bench in [generic(), quectel()] {
        bench.play("server replace \"abc\"");
        assert!(download(&mut bench).contains("12345"));
        for _ in 0..2 {
            let text = download(&mut bench);
            assert!(text.contains("abc") && !text.contains("12345"), "{text:?}");
        }
    }
}

#[test]
fn listings_are_cut_short() {
    let mut bench = generic();
    bench.server.set_listing("/", "abcdef\r\n");
    bench.play("server listing 3");
    assert_eq!(bench.command("AT+FTPLIST"), "\r\n+FTPLIST:1,3\r\nabc\r\nOK\r\n");
    let mut bench = quectel();
    bench.play("server listing 3");
    bench.server.set_listing("/", "abcdef\r\n");
    let text = bench.command("AT+QFTPLIST=\".\"");
    assert_eq!(text, "\r\nCONNECT\r\nabc\r\nOK\r\n\r\n+QFTPLIST: 0,3\r\n");
    assert!(bench.command("AT+QFTPLIST=\".\"").contains("abcdef"));
}

#[test]
fn uploads_are_stored_in_part() {
    for (plan, answer, stored) in [
        ("server part 3", OK, "abc"),
        ("server full 3 452", GENERIC_ERROR, "abc"),
        ("server full 5 552", OK, "abcde"),
        ("server 426 0", GENERIC_ERROR, ""),
    ] {
        let mut bench = generic();
        bench.play(plan);
        assert_eq!(bench.command("AT+FTPPUT=5,abcde"), answer, "{plan}");
        assert_eq!(bench.command("AT+FTPPUT=0"), answer, "{plan}");
        assert_eq!(bench.server.file("/g").unwrap(), stored.as_bytes(), "{plan}");
    }
    for (plan, failed, stored) in
        [("server part 3", false, "abc"), ("server full 3 552", true, "abc"), ("server 426 2", true, "ab")]
    {
        let mut bench = quectel();
        bench.play(plan);
        bench.command("AT+QFTPPUT=\"g\",\"COM:\",0,5,1");
        let mut text = String::from_utf8(bench.exchange(b"abcde")).unwrap();
        text.push_str(&String::from_utf8(bench.after(super::LONG)).unwrap());
        assert_eq!(!text.contains("+QFTPPUT: 0,5"), failed, "{plan}: {text:?}");
        assert_eq!(bench.server.file("/g").unwrap(), stored.as_bytes(), "{plan}");
    }
}

#[test]
fn faults_add_up_until_another_plan_is_played() {
    let mut bench = generic();
    bench.play("server part 1");
    bench.server.misbehave(ServerFault::Full { after: 0, code: 552 });
    assert_eq!(bench.command("AT+FTPPUT=5,abcde"), GENERIC_ERROR);
    assert_eq!(bench.command("AT+FTPPUT=0"), GENERIC_ERROR);
    bench.server.play(&Plan::none());
    assert_eq!(bench.command("AT+FTPPUT=5,abcde"), OK);
    assert_eq!(bench.command("AT+FTPPUT=0"), OK);
    assert_eq!(bench.server.file("/g").unwrap(), b"abcde");
}
