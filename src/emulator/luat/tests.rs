use crate::emulator::testing::Bench;
use crate::emulator::{LuatOptions, Options, Vendor};

const OK: &str = "\r\nOK\r\n";

fn bench(choose: impl FnOnce(&mut LuatOptions)) -> Bench {
    let mut options = Options::default().with_echo(false);
    choose(&mut options.luat);
    Bench::new(Vendor::Luat, options)
}

fn play(bench: &mut Bench, exchanges: &[(&str, &str)]) {
    for (line, answer) in exchanges {
        assert_eq!(bench.command(line), *answer, "{line:?}");
    }
}

/// A module with its bearer open and its server set.
fn ready(choose: impl FnOnce(&mut LuatOptions)) -> Bench {
    let mut bench = bench(choose);
    play(
        &mut bench,
        &[
            ("AT+SAPBR=3,1,\"Contype\",\"GPRS\"", OK),
            ("AT+SAPBR=3,1,\"APN\",\"\"", OK),
            ("AT+SAPBR=1,1", OK),
            (
                "AT+SAPBR=2,1",
                "\r\n+SAPBR: 1,1,\"10.225.11.107\"\r\n\r\nOK\r\n",
            ),
            ("AT+FTPCID=1", OK),
            ("AT+FTPSERV=\"airtest.openluat.com\"", OK),
            ("AT+FTPUN=luat", OK),
            ("AT+FTPPW=123456", OK),
            ("AT+FTPTYPE=\"I\"", OK),
            ("AT+FTPGETPATH=\"/\"", OK),
            ("AT+FTPGETNAME=\"test.txt\"", OK),
            ("AT+FTPPUTPATH=\"/\"", OK),
            ("AT+FTPPUTNAME=\"test.txt\"", OK),
        ],
    );
    bench
}

#[test]
fn plain_path() {
    let mut bench = ready(|_| ());
    play(
        &mut bench,
        &[
            ("AT+FTPPUT=1", "\r\nOK\r\n\r\n+FTPPUT: 1,1,1360\r\n"),
            ("AT+FTPPUT=2,10", "\r\n+FTPPUT: 2,10\r\n"),
        ],
    );
    assert_eq!(
        bench.exchange(b"12345\r\n890"),
        b"\r\nOK\r\n\r\n+FTPPUT: 1,1,1360\r\n"
    );
    play(
        &mut bench,
        &[
            ("AT+FTPPUT=2,0", "\r\nOK\r\n\r\n+FTPPUT: 1,0\r\n"),
            ("AT+FTPSIZE", "\r\nOK\r\n\r\n+FTPSIZE: 1,0,10\r\n"),
            ("AT+FTPGET=1", "\r\nOK\r\n\r\n+FTPGET: 1,1\r\n"),
            ("AT+FTPGET=2,7", "\r\n+FTPGET: 2,7\r\n12345\r\n\r\nOK\r\n"),
            (
                "AT+FTPGET=2,1460",
                "\r\n+FTPGET: 2,3\r\n890\r\nOK\r\n\r\n\r\n+FTPGET: 1,0\r\n",
            ),
            ("AT+FTPQUIT", "\r\nERROR\r\n"),
            ("AT+FTPLIST=1", "\r\nOK\r\n\r\n+FTPLIST: 1,1\r\n"),
            ("AT+FTPQUIT", "\r\nOK\r\n\r\n+FTPLIST: 1,86\r\n"),
            ("AT+FTPDELE", "\r\nOK\r\n\r\n+FTPDELE: 1,0\r\n"),
            ("AT+FTPDELE", "\r\nOK\r\n\r\n+FTPDELE: 1,77\r\n"),
            ("AT+FTPGETPATH=\"/d\"", OK),
            ("AT+FTPMKD", "\r\nOK\r\n\r\n+FTPMKD: 1,0\r\n"),
            ("AT+FTPRMD", "\r\nOK\r\n\r\n+FTPRMD: 1,0\r\n"),
        ],
    );
    assert_eq!(bench.server.sessions(), 0);
}
