//! The module's own memory is full.

use super::{OK, Scene, china_mobile, download, later, quectel, scene};
use crate::emulator::Family;
use crate::emulator::testing::Bench;

fn say(bench: &mut Scene, line: &str) -> String {
    bench.command(line) + &later(bench)
}

fn big(mut bench: Scene, plan: &str) -> Scene {
    bench.server.put("/f", vec![b'x'; 9000]);
    bench.play(plan);
    bench
}

/// 613 is "File error" (Quectel EC2x FTP(S) application note V1.0, table 3), 403 "Drive full" (FILE application note).
#[test]
fn files_of_a_quectel_module() {
    for drive in ["UFS", "RAM"] {
        let mut bench = big(quectel(), "memory 12000");
        let space = say(&mut bench, &format!("AT+QFLDS=\"{drive}\""));
        assert!(space.starts_with("\r\n+QFLDS: 8192,"), "{space:?}");
        let get = format!("AT+QFTPGET=\"f\",\"{drive}:f\"");
        assert_eq!(say(&mut bench, &get), format!("{OK}\r\n+QFTPGET: 613,0\r\n"));
        assert!(say(&mut bench, &format!("AT+QFUPL=\"{drive}:g\",10")).contains("ERROR"));
        // What is deleted makes room, and a restart of the module none.
        assert_eq!(say(&mut bench, &format!("AT+QFDEL=\"{drive}:f\"")), OK);
        bench.server.put("/f", vec![b'x'; 8192]);
        assert_eq!(say(&mut bench, &get), format!("{OK}\r\n+QFTPGET: 0,8192\r\n"));
    }
    let mut bench = big(quectel(), "memory 0");
    let now = bench.now;
    bench.module.restart(now);
    later(&mut bench);
    assert!(bench.command("AT+QFLDS=\"UFS\"").contains("+QFLDS: 0,0\r\n"));
}

/// 16 is "failed to access storage" (OneMO FTP AT manual V3.1.0 §5, table 5).
#[test]
fn files_of_a_china_mobile_module() {
    let mut bench = big(china_mobile(), "memory 8999");
    assert_eq!(say(&mut bench, "AT+MFTPCFG=0,\"local_fs\",1"), OK);
    let get = "AT+MFTPRETR=0,\"f\",\"/f\"";
    assert_eq!(say(&mut bench, get), format!("{OK}\r\n+MFTPRETR: 0,16\r\n"));
    bench.server.put("/f", vec![b'x'; 8990]);
    assert_eq!(say(&mut bench, get), format!("{OK}\r\n+MFTPRETR: 0,0,8990,8990\r\n"));
    assert_eq!(say(&mut bench, "AT+MFPUT=\"/g\",9,\"123456789\""), format!("\r\n+MFPUT: 9{}", &OK[..2]) + OK);
    assert_eq!(say(&mut bench, "AT+MFPUT=\"/h\",1,\"1\""), "\r\n+CME ERROR: 1057\r\n");
}

/// 85 is "file error" (Luat AT manual, `AT+FTPGET`).
#[test]
fn files_of_a_luat_module() {
    let mut bench = big(scene(Family::Luat), "memory 8999");
    let text = say(&mut bench, "AT+FTPGETTOFS=0,\"f\"");
    assert!(text.contains("+FTPGETTOFS: 85\r\n"), "{text:?}");
    bench.server.put("/f", vec![b'x'; 8999]);
    let text = say(&mut bench, "AT+FTPGETTOFS=0,\"f\"");
    assert!(text.contains("+FTPGETTOFS: 0,8999\r\n"), "{text:?}");
    bench.play("memory 0");
    let text = say(&mut bench, "AT+FTPGETTOFS=0,\"g\"");
    assert!(!text.contains("+FTPGETTOFS: 0"), "{text:?}");
}

/// A file larger than the cache takes several rounds (L610 FTP application guide V1.0.0 §3.2 note 8).
#[test]
fn the_cache_of_a_fibocom_module() {
    let mut bench = big(scene(Family::Fibocom), "memory 3");
    let text = download(&mut bench);
    assert!(text.contains("+FTPGET: 1\r\n") && text.contains("+FTPRECV: 3\r\nxxx\r\nOK"), "{text:?}");
    let get = |bench: &mut Bench| bench.command("AT+FTPGET=\"f\",1,8998") + &bench.command("AT+FTPRECV=9");
    assert!(get(&mut bench).contains("+FTPRECV: 2\r\nxx\r\nOK"));
    // Neither a larger cache nor a restart makes room.
    assert_eq!(bench.command("AT+FTPCACHE=4096"), OK);
    assert!(download(&mut bench).contains("+FTPRECV: 3\r\n"));
    let now = bench.now;
    bench.module.restart(now);
    later(&mut bench);
    bench.command("ATE0");
    bench.command("AT+FTPOPEN=\"h\",\"u\",\"p\",\"\",,21,");
    assert!(download(&mut bench).contains("+FTPRECV: 3\r\n"));
    bench.play("memory 0");
    assert!(download(&mut bench).ends_with("\r\n+FTPRECV: 0\r\n\r\nOK\r\n"));
}
