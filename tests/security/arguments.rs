//! The calls that every dialect has; those of one dialect are checked in `tests/quirks/<dialect>/arguments.rs`.

use ftp_modem::{Server, Vendor};

use crate::hostile::check_common;
use crate::support::dialects::for_each_dialect;

for_each_dialect! {
    fn no_argument_becomes_a_command_or_shifts_a_parameter(vendor: Vendor) {
        check_common(vendor);
    }
}

#[test]
fn an_address_with_something_behind_it_is_refused() {
    for url in ["ftp://u@[::1]garbage", "ftp://u@h:+21", "ftp://@h", "ftp://u@h h"] {
        assert!(url.parse::<Server>().is_err(), "{url}: {:?}", url.parse::<Server>());
    }
}
