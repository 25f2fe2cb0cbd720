//! The texts that only the calls of this dialect take: none becomes a second command or shifts a parameter.

use std::io::sink;

use ftp_modem::Retrieve;
use ftp_modem::backend::china_mobile::ChinaMobile;
use ftp_modem::modem::StoreMode;

use crate::hostile::calls::{Call, call, own_file};
use crate::hostile::check_own;

#[test]
fn no_argument_of_a_call_of_its_own_becomes_a_command() {
    use crate::hostile::calls::Empty::Refused;
    use crate::hostile::calls::Needs::{File, Login};
    check_own(&[
        call("retrieve to module, path", File, Refused, |module: &mut ChinaMobile, text| {
            module.retrieve_to_module(text, "/usr/own", &Retrieve::whole()).map(drop)
        }),
        own_file("retrieve to module, name", "", |module, text| {
            module.retrieve_to_module("/there", text, &Retrieve::whole()).map(drop)
        }),
        Call {
            first: |module| module.write_file("own", 5, &mut &b"12345"[..]),
            ..call("store from module, path", Login, Refused, |module, text| {
                module.store_from_module("own", text, StoreMode::Create).map(drop)
            })
        },
        own_file("store from module, name", "", |module, text| {
            module.store_from_module(text, "/up", StoreMode::Append).map(drop)
        }),
        own_file("write file", "", |module, text| module.write_file(text, 5, &mut &b"12345"[..])),
        own_file("write a long file", "", |module, text| module.write_file(text, 600, &mut &[b'x'; 600][..])),
        own_file("read file", "", |module, text| module.read_file(text, &mut sink()).map(drop)),
        own_file("remove file", "", |module, text| module.remove_file(text)),
    ]);
}
