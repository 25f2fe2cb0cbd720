//! SIMCom's modules.

use std::time::Duration;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn sim7000_put_resume_and_quit() {
    let mut bench = simcom(LuatProfile::Sim7000);
    bench.server.put("/test.txt", "0123456789012345678901234567x");
    play(
        &mut bench,
        &[
            ("AT+FTPGET=1", &opened("+FTPGET: 1,1")),
            ("AT+FTPGET=2,1024", &(data("+FTPGET: 2,29", "0123456789012345678901234567x") + "\r\n+FTPGET:1,0\r\n")),
            ("AT+FTPREST=20", OK),
            ("AT+FTPGET=1", &opened("+FTPGET: 1,1")),
            ("AT+FTPGET=2,1024", &(data("+FTPGET: 2,9", "01234567x") + "\r\n+FTPGET:1,0\r\n")),
            ("AT+FTPSIZE", &opened("+FTPSIZE: 1,0,29")),
            ("AT+FTPMDTM", &opened("+FTPMDTM: 1,0,20240722040900")),
            ("AT+FTPPUTNAME=\"new\"", OK),
            ("AT+FTPRENAME", &opened("+FTPRENAME: 1,0")),
            ("AT+FTPRENAME", &opened("+FTPRENAME: 1,77")),
            ("AT+FTPMDTM", &opened("+FTPMDTM: 1,77")),
            ("AT+FTPGETNAME=\"new\"", OK),
            ("AT+FTPDELE", &opened("+FTPDELE: 1,0")),
            ("AT+FTPPUT=1", &opened("+FTPPUT: 1,1,1360")),
            ("AT+FTPPUT=2,3", "\r\n+FTPPUT: 2,3\r\n"),
        ],
    );
    assert_eq!(bench.exchange(b"abc"), opened("+FTPPUT: 1,1,1360").as_bytes());
    play(
        &mut bench,
        &[
            ("AT+FTPPUT=2,0", &opened("+FTPPUT: 1,0")),
            ("AT+FTPPUT=2,100", ERROR),
            ("AT+FTPGET=1", &opened("+FTPGET:1,0")),
            ("AT+FTPREST=0", OK),
            ("AT+FTPGET=1", &opened("+FTPGET: 1,1")),
            ("AT+FTPQUIT", &opened("+FTPGET: 1,80")),
            ("AT+FTPQUIT", ERROR),
        ],
    );
}

#[test]
fn sim7000_failures() {
    let mut bench = simcom(LuatProfile::Sim7000);
    bench.server.add_user("luat", "123456");
    play(
        &mut bench,
        &[
            ("AT+FTPPW=wrong", OK),
            ("AT+FTPGET=1", &opened("+FTPGET: 1,72")),
            ("AT+FTPGETNAME=\"\"", OK),
            ("AT+FTPGET=1", &opened("+FTPGET: 1,66")),
            ("AT+FTPPW=123456", OK),
        ],
    );
    // Sent without waiting: the second command reaches the module while the first session is being opened.
    assert_eq!(bench.exchange(b"AT+FTPPUT=1\rAT+FTPPUT=1\r"), (OK.to_owned() + &opened("+FTPPUT: 1,66")).as_bytes());
    bench.server.put("/test.txt", "x".repeat(50));
    play(&mut bench, &[("AT+FTPGETNAME=\"test.txt\"", OK)]);
    assert_eq!(
        bench.exchange(b"AT+FTPGET=1\rAT+FTPGET=2,1000\r"),
        (OK.to_owned() + ERROR + "\r\n+FTPGET: 1,1\r\n").as_bytes()
    );
    for time in [10, 10, 10, 10, 10, 10, 10] {
        assert_eq!(bench.after(time * SECOND), b"\r\n+FTPGET: 1,1\r\n");
    }
    assert_eq!(bench.after(5 * SECOND), b"\r\n+FTPGET: 1,64\r\n");
    assert_eq!(bench.after(100 * SECOND), b"");
}

#[test]
fn format_errors_follow_cmee() {
    let mut bench = simcom(LuatProfile::Sim7000);
    play(
        &mut bench,
        &[
            ("AT+FTPPORT=0", ERROR),
            ("AT+CMEE=1", OK),
            ("AT+FTPPORT=0", "\r\n+CME ERROR: 50\r\n"),
            ("AT+FTPGET=2,10", ERROR),
        ],
    );
}

#[test]
fn coded_streams() {
    for profile in [LuatProfile::Sim800, LuatProfile::Sim7000, LuatProfile::Sim7080] {
        let blank = if profile == LuatProfile::Sim7000 { "" } else { " " };
        let mut bench = simcom(profile);
        play(
            &mut bench,
            &[
                ("AT+FTPETPUT=2", ERROR),
                ("AT+FTPETPUT=1", &opened("+FTPETPUT: 1,1")),
                ("AT+FTPPUT=2,1", ERROR),
                ("AT+FTPETPUT=2", "\r\nOK\r\n\r\n+FTPETPUT:2,1\r\n"),
            ],
        );
        assert_eq!(bench.exchange(b"A\x10\x03AT\r\x10"), b"");
        assert_eq!(
            bench.exchange(b"\x10\x03AT\r"),
            (opened(&format!("+FTPETPUT:{blank}1,0")) + OK)
                .replace(
                    &(opened(&format!("+FTPETPUT:{blank}1,0")) + OK),
                    &(OK.to_owned() + OK + &format!("\r\n+FTPETPUT:{blank}1,0\r\n"))
                )
                .as_bytes()
        );
        assert_eq!(bench.server.file("/test.txt").unwrap(), b"A\x03AT\r\x10");
        assert_eq!(
            bench.exchange(b"AT+FTPETGET=1\r"),
            format!("\r\nOK\r\n\r\n+FTPETGET: 1,1\r\nA\x10\x03AT\r\x10\x10\x03\r\n+FTPETGET:{blank}1,0\r\n").as_bytes()
        );
        assert_eq!(bench.server.sessions(), 0);
    }
}

#[test]
fn blanks_are_left_out_where_logs_or_the_manuals_leave_them_out() {
    let ends = |profile, manual_blanks| {
        let mut bench = ready(|options| {
            options.profile = profile;
            options.manual_blanks = manual_blanks;
        });
        bench.server.put("/test.txt", "abc");
        bench.command("AT+FTPGET=1");
        let end = bench.command("AT+FTPGET=2,10");
        let mut said = vec![end.lines().rfind(|line| !line.is_empty()).unwrap().to_owned()];
        for line in ["AT+FTPSIZE", "AT+FTPDELE", "AT+FTPGET=1"] {
            said.push(bench.command(line).trim_start_matches(OK).trim().to_owned());
        }
        said.join(" ")
    };
    let blank = "+FTPGET: 1,0 +FTPSIZE: 1,0,3 +FTPDELE: 1,0 +FTPGET: 1,77";
    let none = "+FTPGET:1,0 +FTPSIZE:1,0,3 +FTPDELE:1,0 +FTPGET:1,77";
    assert_eq!(ends(LuatProfile::Air780e, true), blank);
    assert_eq!(ends(LuatProfile::Sim800, true), blank);
    assert_eq!(ends(LuatProfile::Sim7080, false), blank);
    assert_eq!(ends(LuatProfile::Sim7080, true), none);
    assert_eq!(ends(LuatProfile::Sim7000, false), blank.replace("+FTPGET: 1,0", "+FTPGET:1,0"));
    assert_eq!(ends(LuatProfile::Sim7000, true), none.replace("+FTPGET:1,77", "+FTPGET: 1,77"));
}

#[test]
fn a_sim800_moves_binary_files_without_ftptype() {
    let bytes = *b"\xff\xd8\r\n\xe0";
    for (line, stored) in [("AT", bytes), ("AT+FTPTYPE=A", *b"\x7f\x58\r\n\x60")] {
        let mut bench = bench(|options| options.profile = LuatProfile::Sim800);
        for line in ["AT+SAPBR=1,1", "AT+FTPSERV=h", "AT+FTPPUTNAME=f", line, "AT+FTPPUT=1", "AT+FTPPUT=2,5"] {
            bench.command(line);
        }
        bench.exchange(&bytes);
        bench.command("AT+FTPPUT=2,0");
        assert_eq!(bench.server.file("/f").unwrap(), stored, "{line}");
    }
}

#[test]
fn the_end_of_a_download_comes_seconds_after_the_last_byte() {
    let mut options = options(|options| options.profile = LuatProfile::Sim800);
    options.luat.bearer_open = true;
    options.luat.end_delay = Duration::from_secs(3);
    let mut bench = Bench::new(Family::Luat, options);
    bench.server.put("/f", "abc");
    for line in ["AT+FTPSERV=h", "AT+FTPGETNAME=f", "AT+FTPGET=1"] {
        bench.command(line);
    }
    assert_eq!(bench.command("AT+FTPGET=2,10"), data("+FTPGET: 2,3", "abc"));
    bench.after(Duration::from_secs(2));
    assert_eq!(bench.command("AT+FTPGET=2,10"), "\r\n+FTPGET: 2,0\r\n\r\nOK\r\n");
    assert_eq!(bench.after(Duration::from_secs(1)), b"\r\n+FTPGET: 1,0\r\n");
    assert_eq!(bench.command("AT+FTPGET=2,10"), ERROR);
}

#[test]
fn sim7000_application_network() {
    let mut bench = bench(|options| options.profile = LuatProfile::Sim7000);
    play(
        &mut bench,
        &[
            ("AT+FTPSERV=\"h\"", OK),
            ("AT+FTPLIST=1", &opened("+FTPLIST: 1,61")),
            ("AT+CNACT?", "\r\n+CNACT: 0,\"0.0.0.0\"\r\n\r\nOK\r\n"),
            ("AT+CNACT=1,\"cmnbiot\"", &opened("+APP PDP: ACTIVE")),
            ("AT+CNACT=1,\"cmnbiot\"", ERROR),
            ("AT+CNACT?", "\r\n+CNACT: 1,\"10.225.11.107\"\r\n\r\nOK\r\n"),
            ("AT+FTPLIST=1", &opened("+FTPLIST: 1,0")),
            ("AT+FTPPUTNAME=f", OK),
            ("AT+FTPPUT=1", &opened("+FTPPUT: 1,1,1360")),
            ("AT+CNACT=0", "\r\nOK\r\n\r\n+APP PDP: DEACTIVE\r\n\r\n+FTPPUT: 1,61\r\n"),
        ],
    );
}

#[test]
fn sim7080_bearers_and_files() {
    let mut bench = bench(|options| options.profile = LuatProfile::Sim7080);
    bench.server.put("/test.txt", "12345");
    play(
        &mut bench,
        &[
            ("AT+CNACT=0,1", &opened("+APP PDP: 0,ACTIVE")),
            (
                "AT+CNACT?",
                concat!(
                    "\r\n+CNACT: 0,1,\"10.225.11.107\"\r\n\r\n+CNACT: 1,0,\"0.0.0.0\"\r\n",
                    "\r\n+CNACT: 2,0,\"0.0.0.0\"\r\n\r\n+CNACT: 3,0,\"0.0.0.0\"\r\n\r\nOK\r\n"
                ),
            ),
            ("AT+FTPCID?", "\r\n+FTPCID: 0\r\n\r\nOK\r\n"),
            ("AT+FTPTYPE?", "\r\n+FTPTYPE: \"I\"\r\n\r\nOK\r\n"),
            ("AT+FTPTYPE=?", "\r\n+FTPPORT: (\"A\",\"I\")\r\n\r\nOK\r\n"),
            ("AT+FTPPUT=?", "\r\n+FTPPUT: (1,2),1460,(1-1460)\r\n\r\nOK\r\n"),
            ("AT+FTPSERV=\"h\"", OK),
            ("AT+FTPPUT=1", &opened("+FTPPUT: 1,66")),
            ("AT+FTPGETNAME=test.txt", OK),
            ("AT+FTPEXTGET=2,4", ERROR),
            ("AT+FTPEXTGET=2,3", &opened("+FTPEXTGETFILE: 1,0")),
            ("AT+FTPEXTGET=2,3", ERROR),
            ("AT+FTPEXTPUT=1", OK),
            ("AT+FTPEXTPUT=2,0,0,1000", ERROR),
            ("AT+CNACT=0,0", &opened("+APP PDP: 0,DEACTIVE")),
        ],
    );
}

#[test]
fn boot_lines_and_power_down() {
    let mut bench = simcom(LuatProfile::Sim800);
    let boot = "\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\nCall Ready\r\n\r\nSMS Ready\r\n";
    play(&mut bench, &[("AT+CPOWD=2", ERROR), ("AT+CPOWD=1", &format!("\r\nNORMAL POWER DOWN\r\n{boot}"))]);
    assert!(bench.command("AT+FTPSERV?").ends_with("\r\n+FTPSERV: \"\"\r\n\r\nOK\r\n"));
}

#[test]
fn the_tcp_ip_application_comes_up_step_by_step() {
    let mut bench = bench(|options| options.profile = LuatProfile::Sim800);
    let status = |state: &str| format!("\r\nOK\r\n\r\nSTATE: {state}\r\n");
    play(
        &mut bench,
        &[
            ("AT+CIPSTATUS", &status("IP INITIAL")),
            ("AT+CIICR", ERROR),
            ("AT+CSTT=\"internet\"", OK),
            ("AT+CSTT=\"internet\"", ERROR),
            ("AT+CIICR", OK),
            ("AT+CIPSTATUS", &status("IP GPRSACT")),
            ("AT+CIFSR", "\r\n10.225.11.107\r\n"),
            ("AT+CIPSTATUS", &status("IP STATUS")),
            ("AT+CIPMUX=1", OK),
        ],
    );
    assert!(bench.command("AT+CIPSTATUS").ends_with("\r\nC: 5,,\"\",\"\",\"\",\"INITIAL\"\r\n"));
    play(
        &mut bench,
        &[("AT+CIPMUX=0", OK), ("AT+CIPSHUT", "\r\nSHUT OK\r\n"), ("AT+CIPSTATUS", &status("IP INITIAL"))],
    );
}
