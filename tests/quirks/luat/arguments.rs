//! The texts that only the calls of this dialect take: none becomes a second command or shifts a parameter.

use ftp_modem::backend::luat::Luat;
use ftp_modem::modem::{AccessPoint, Authentication};

use crate::hostile::calls::{call, with};
use crate::hostile::check_own;

#[test]
fn no_argument_of_a_call_of_its_own_becomes_a_command() {
    use crate::hostile::calls::Empty::{Meant, Refused};
    use crate::hostile::calls::Needs::Nothing;
    check_own(&[
        call("private, access point", Nothing, Refused, |luat: &mut Luat, text| {
            luat.set_private_access_point(&AccessPoint::new(text))
        }),
        call("private, user", Nothing, Meant, |luat, text| {
            luat.set_private_access_point(&with(text, "p", Authentication::Pap))
        }),
        call("private, password", Nothing, Meant, |luat, text| {
            luat.set_private_access_point(&with("u", text, Authentication::Chap))
        }),
        call("attach to private, access point", Nothing, Refused, |luat, text| {
            luat.attach_private(&AccessPoint::new(text)).map(drop)
        }),
    ]);
}
