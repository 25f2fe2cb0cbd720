//! The registry of the dialects. A further dialect has its module and its row here, and a folder beside the others.
//! Nothing else of the emulator names it.

mod china_mobile;
mod fibocom;
mod generic;
mod kind;
mod luat;
mod profile;
mod quectel;
mod registry;

pub use kind::{Family, UnknownFamily};
pub use profile::Profile;

/// Hands the rows to the macro `declare`: the family, its module, its options and their setter, and what the emulator
/// knows of it.
macro_rules! with_families {
    ($declare:ident! { $($common:tt)* }) => {
        $declare! {
            { $($common)* }

            Luat: luat, LuatOptions, with_luat {
                name: "luat",
                description: "Luat (Air780E and relatives), with the SIMCom modules as profiles",
                client: "+FTP",
                answers: ["+FTPGET", "+FTPPUT", "+FTPSIZE", "+FTPLIST", "+FTPDELE", "+SAPBR"],
            }
            Fibocom: fibocom, FibocomOptions, with_fibocom {
                name: "fibocom",
                description: "Fibocom (L610 and relatives)",
                client: "+FTP",
                answers: [
                    "+FTPGET", "+FTPPUT", "+FTPRECV", "+FTPOPEN", "+FTPSIZE", "+FTPLIST", "+FTPCLOSE", "+MIPCALL",
                ],
            }
            Quectel: quectel, QuectelOptions, with_quectel {
                name: "quectel",
                description: "Quectel (EC2x and relatives)",
                client: "+QFTP",
                answers: [
                    "CONNECT", "+QFTPOPEN", "+QFTPGET", "+QFTPPUT", "+QFTPSIZE", "+QFTPLIST", "+QFTPSTAT", "+QFLST",
                ],
            }
            ChinaMobile: china_mobile, ChinaMobileOptions, with_china_mobile {
                name: "cmcc",
                description: "China Mobile IoT, OneMO (ML30x)",
                client: "+MFTP",
                answers: ["+MFTPCONN", "+MFTPRETR", "+MFTPSTOR", "+MFTPLIST", "+MFTPURC", "+MFGET", ">"],
            }
            Generic: generic, GenericOptions, with_generic {
                name: "generic",
                description: "The `FTPSERV` dialect that names no vendor (UC8088)",
                client: "+FTP",
                answers: ["+FTPSERV", "+FTPGET", "+FTPLIST"],
            }
        }
    };
}

pub(crate) use with_families;

/// Collects the options of all families.
macro_rules! all_options {
    ({} $($family:ident: $module:ident, $options:ident, $setter:ident $row:tt)*) => {
        /// What can be chosen where the modules of a dialect differ.
        pub(super) mod options {
            $(pub use super::$module::options::*;)*
        }
    };
}

with_families! { all_options! {} }
