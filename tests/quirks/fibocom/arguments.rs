//! The texts that only the calls of this dialect take: none becomes a second command or shifts a parameter.

use std::io::sink;

use ftp_modem::backend::fibocom::Fibocom;
use ftp_modem::{Retrieve, Store};

use crate::hostile::calls::call;
use crate::hostile::check_own;

#[test]
fn no_argument_of_a_call_of_its_own_becomes_a_command() {
    use crate::hostile::calls::Empty::{Meant, Refused};
    use crate::hostile::calls::Needs::{File, Login};
    check_own(&[
        call("stat", File, Meant, |fibocom: &mut Fibocom, text| fibocom.stat(text).map(drop)),
        call("retrieve streamed", File, Refused, |fibocom, text| {
            fibocom.retrieve_streamed(text, &Retrieve::whole(), &mut sink()).map(drop)
        }),
        call("store streamed", Login, Refused, |fibocom, text| {
            fibocom.store_streamed(text, &Store::create(), &mut &b"12345"[..]).map(drop)
        }),
    ]);
}
