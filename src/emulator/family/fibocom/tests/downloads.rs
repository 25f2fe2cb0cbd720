use super::{DROPPED, ERROR, OK, SECOND, done, opened, opened_with, play};
use crate::emulator::{
    EmptyList, EmptyRead, Family, FullCache, GetCompletion, ListCoding, Noise, Operation, Options, RecvName,
    testing::Bench,
};

#[test]
fn lists() {
    let lines = "+FTPLIST: 1\r\n\x03\x10";
    let plain = format!("\r\nOK\r\n\r\n+FTPLIST: 2\r\n{lines}\r\n+FTPLIST: 1\r\n");
    let coded = "\r\nOK\r\n\r\n+FTPLIST: 2\r\n+FTPLIST: 1\r\n\x10\x03\x10\x10\x03\r\n+FTPLIST: 1\r\n";
    let marked = plain.replace("\x10", "\x10\x03");
    let empty = done(&["+FTPLIST: 2", "+FTPLIST: 1"]);
    let refused = done(&["+FTPLIST: 0"]);
    for (coding, answer) in
        [(ListCoding::Plain, plain.as_str()), (ListCoding::Terminated, &marked), (ListCoding::Escaped, coded)]
    {
        let mut bench = opened(|options| options.list_coding = coding);
        bench.server.set_listing("/d", lines);
        assert_eq!(bench.command("AT+FTPLIST=\"d\""), answer);
    }
    let mut bare = opened(|_| ());
    play(&mut bare, &[("AT+FTPLIST", &empty), ("AT+FTPLIST=\".\"", &empty), ("AT+FTPLIST=\"none\"", &refused)]);
    let mut short = opened(|options| {
        options.empty_list = EmptyList::ResultAlone;
        options.extra_line_feed = true;
    });
    assert_eq!(short.command("AT+FTPLIST"), "\r\nOK\r\n\r\n\n+FTPLIST: 1\r\n");
    let mut silent = opened(|options| options.silent = vec!["+FTPLIST".to_owned()]);
    assert_eq!(silent.command("AT+FTPLIST"), done(&["+FTPLIST: 2"]));
    let mut active = opened(|options| options.active_mode_works = false);
    play(&mut active, &[("AT+FTPMODE=1", OK), ("AT+FTPLIST", &refused), ("AT+FTPMODE=0", OK), ("AT+FTPLIST", &empty)]);
}

#[test]
fn a_list_without_a_path_may_repeat_the_last_one() {
    for (repeats, name) in [(false, "inner"), (true, "update")] {
        let mut bench = opened(|options| options.list_repeats = repeats);
        bench.server.add_directory("/update/inner");
        assert!(bench.command("AT+FTPLIST=\".\"").contains(" update\r\n"));
        bench.command("AT+FTPCWD=\"update\"");
        let listing = bench.command("AT+FTPLIST");
        assert!(listing.contains(&format!(" {name}\r\n")), "{listing}");
    }
}

#[test]
fn a_file_larger_than_the_cache_takes_rounds() {
    let round = done(&["+FTPGET: 2", "+FTPGET: 1"]);
    let mut bench = opened(|options| options.cache_size = 4);
    bench.server.put("f", "abcdefgh");
    play(
        &mut bench,
        &[
            ("AT+FTPGET=\"f\",1,0", &round),
            ("AT+FTPRECV=3", "\r\n+FTPRECV: 3\r\nabc\r\nOK\r\n"),
            ("AT+FTPRECV=3", "\r\n+FTPRECV: 1\r\nd\r\nOK\r\n"),
            ("AT+FTPRECV=3", "\r\n+FTPRECV: 0\r\n\r\nOK\r\n"),
            ("AT+FTPGET=\"f\",1,4,2", &round),
            ("AT+FTPRECV=9", "\r\n+FTPRECV: 2\r\nef\r\nOK\r\n"),
            ("AT+FTPGET=\"f\",1,4,-1", &round),
            ("AT+FTPRECV=9", "\r\n+FTPRECV: 4\r\nefgh\r\nOK\r\n"),
            ("AT+FTPGET=\"f\",1,8", &round),
            ("AT+FTPRECV=9", "\r\n+FTPRECV: 0\r\n\r\nOK\r\n"),
            ("AT+FTPREST=6", &done(&["+FTPREST: 1"])),
            ("AT+FTPGET=\"f\"", &round),
            ("AT+FTPRECV=9", "\r\n+FTPRECV: 2\r\ngh\r\nOK\r\n"),
            ("AT+FTPGET=\"none\"", &done(&["+FTPGET: 0"])),
        ],
    );
    let mut deaf = opened(|options| options.get_offset_ignored = true);
    deaf.server.put("f", "ab");
    play(&mut deaf, &[("AT+FTPGET=\"f\",1,1", &round), ("AT+FTPRECV=9", "\r\n+FTPRECV: 2\r\nab\r\nOK\r\n")]);
}

#[test]
fn reception_may_pause_while_the_cache_is_full() {
    let mut bench = opened(|options| {
        options.cache_size = 4;
        options.full_cache = FullCache::Pauses(Some(SECOND));
        options.recv_limit = Some(3);
    });
    bench.server.put("f", "abcdefgh");
    let get = "AT+FTPGET=\"f\",1,0";
    play(
        &mut bench,
        &[
            (get, &done(&["+FTPGET: 2"])),
            (get, ERROR),
            ("AT+FTPPWD", ERROR),
            ("AT+FTPCACHE=2048", ERROR),
            ("AT+FTPRECV=4", "\r\n+FTPRECV: 3\r\nabc\r\nOK\r\n"),
            ("AT+FTPRECV=4", "\r\n+FTPRECV: 3\r\ndef\r\nOK\r\n\r\n+FTPGET: 1\r\n"),
            ("AT+FTPRECV=4", "\r\n+FTPRECV: 2\r\ngh\r\nOK\r\n"),
            (get, &done(&["+FTPGET: 2"])),
        ],
    );
    assert_eq!(bench.after(SECOND), b"\r\n+FTPGET: 0\r\n");
    play(
        &mut bench,
        &[
            ("AT+FTPRECV=4", "\r\n+FTPRECV: 3\r\nabc\r\nOK\r\n"),
            (get, &done(&["+FTPGET: 2"])),
            ("AT+FTPCLOSE", &done(&["+FTPCLOSE: 1"])),
            ("AT+FTPRECV=4", ERROR),
        ],
    );
}

#[test]
fn completion_comes_early_or_late() {
    let slow = |options: &mut Options| {
        options.network_latency = SECOND;
        options.fibocom.fill_piece = Some(2);
    };
    let mut bench = opened_with(slow);
    bench.server.put("f", "abc");
    assert_eq!(bench.command("AT+FTPGET=\"f\",1,0"), OK);
    assert_eq!(bench.after(SECOND), b"\r\n+FTPGET: 2\r\n");
    play(&mut bench, &[("AT+FTPRECV=9", "\r\n+FTPRECV: 0\r\n\r\nOK\r\n")]);
    assert_eq!(bench.after(SECOND), b"");
    play(&mut bench, &[("AT+FTPRECV=9", "\r\n+FTPRECV: 2\r\nab\r\nOK\r\n")]);
    assert_eq!(bench.after(SECOND), b"\r\n+FTPGET: 1\r\n");
    play(&mut bench, &[("AT+FTPRECV=9", "\r\n+FTPRECV: 1\r\nc\r\nOK\r\n")]);

    let mut between = opened(|options| {
        options.get_completion = GetCompletion::AfterReads(3, SECOND);
        options.zero_reads = 1;
        options.recv_limit = Some(1);
    });
    between.server.put("f", "abc");
    play(
        &mut between,
        &[
            ("AT+FTPGET=\"f\",1,0", &done(&["+FTPGET: 2"])),
            ("AT+FTPRECV=9", "\r\n+FTPRECV: 0\r\n\r\nOK\r\n"),
            ("AT+FTPRECV=9", "\r\n+FTPRECV: 1\r\na\r\nOK\r\n"),
            ("AT+FTPRECV=9", "\r\n+FTPRECV: 1\r\nb\r\nOK\r\n\r\n+FTPGET: 1\r\n"),
            ("AT+FTPRECV=9", "\r\n+FTPRECV: 1\r\nc\r\nOK\r\n"),
            ("AT+FTPGET=\"f\",1,0", &done(&["+FTPGET: 2"])),
        ],
    );
    assert_eq!(between.after(SECOND), b"\r\n+FTPGET: 1\r\n");

    let mut delayed = opened(|options| {
        options.get_completion = GetCompletion::Delayed(SECOND);
        options.empty_read = EmptyRead::Error;
    });
    delayed.server.put("f", "");
    play(&mut delayed, &[("AT+FTPGET=\"f\"", &done(&["+FTPGET: 2"])), ("AT+FTPRECV=9", ERROR)]);
    assert_eq!(delayed.after(SECOND), b"\r\n+FTPGET: 1\r\n");
}

#[test]
fn the_cache_is_read_by_either_name() {
    for (name, plain, underscore) in [
        (RecvName::Plain, true, false),
        (RecvName::Underscore, false, true),
        (RecvName::Both, true, true),
        (RecvName::Absent, false, false),
    ] {
        let mut bench = opened(|options| options.recv_name = name);
        for (command, known) in [("FTPRECV", plain), ("FTP_RECV", underscore)] {
            bench.server.put("f", "ab");
            bench.command("AT+FTPGET=\"f\"");
            let answer = if known { format!("\r\n+{command}: 2\r\nab\r\nOK\r\n") } else { ERROR.to_owned() };
            assert_eq!(bench.command(&format!("AT+{command}=100")), answer);
        }
    }
}

#[test]
fn downloads_that_break() {
    let mut bench = opened(|_| ());
    bench.server.put("f", "abcd");
    bench.server.break_download_after(2);
    play(
        &mut bench,
        &[
            ("AT+FTPGET=\"f\"", &done(&["+FTPGET: 2", "+FTPGET: 0"])),
            ("AT+FTPRECV=9", "\r\n+FTPRECV: 2\r\nab\r\nOK\r\n"),
        ],
    );
    bench.server.break_download_after(2);
    play(&mut bench, &[("AT+FTPRETR=\"f\"", "\r\nOK\r\n\r\n+FTPRETR: 2\r\nab\x03\r\n+FTPRETR: 0\r\n")]);
    bench.server.fail_next(Operation::Retrieve, DROPPED);
    play(&mut bench, &[("AT+FTPRETR=\"f\"", &done(&["+FTPRETR: 0", "+FTPCLOSE: 1"])), ("AT+FTPRETR=\"f\"", ERROR)]);
    let mut forgetful = opened(|options| options.failed_get_readable = false);
    forgetful.server.put("f", "abcd");
    forgetful.server.break_download_after(2);
    play(
        &mut forgetful,
        &[("AT+FTPGET=\"f\"", &done(&["+FTPGET: 2", "+FTPGET: 0"])), ("AT+FTPRECV=9", "\r\n+FTPRECV: 0\r\n\r\nOK\r\n")],
    );
}

#[test]
fn coded_downloads_swallow_what_the_host_says() {
    let mut bench = opened(|_| ());
    bench.server.put("f", "\x03\x10xyz");
    bench.send(b"AT+FTPRETR=\"f\",1,1,3\r");
    bench.send(b"AT\r");
    assert_eq!(bench.output(), b"\r\nOK\r\n\r\n+FTPRETR: 2\r\n\x10\x10xy\x03\r\n+FTPRETR: 1\r\n");
    assert_eq!(bench.command("AT"), OK);
}

#[test]
fn noise_never_comes_inside_data() {
    let listing = "-rw-r--r--    1 ftp      ftp           200 Jul 22 04:09 f\r\n";
    let content = "0123456789".repeat(20);
    for (seed, before_result) in [(1, false), (2, false), (3, true), (4, true)] {
        let mut noise = Noise::new(seed);
        noise.one_in = 1;
        noise.before_result = before_result;
        let options = Options::default()
            .with_echo(false)
            .with_pdp_active(true)
            .with_noise(noise)
            .with_blank_before_urc(true)
            .with_fragment(1);
        let mut bench = Bench::new(Family::Fibocom, options);
        bench.server.put("f", content.as_str());
        let opened = bench.command("AT+FTPOPEN=\"h\",\"u\",\"p\"");
        assert!(opened.contains("\r\n+FTPOPEN: 1\r\n"), "{opened}");
        let list = bench.command("AT+FTPLIST");
        assert!(list.contains(&format!("\r\n+FTPLIST: 2\r\n{listing}\r\n")), "{list}");
        bench.command("AT+FTPGET=\"f\",1,0");
        let read = bench.command("AT+FTPRECV=1024");
        assert!(read.contains(&format!("\r\n+FTPRECV: 200\r\n{content}\r\n")), "{read}");
        assert_eq!(read.ends_with(&format!("{content}\r\nOK\r\n")), !before_result);
    }
}
