//! The models of the family. What a row sets is what a document or a log of that model shows.

use super::options::LuatProfile;
use crate::emulator::choices::Identity;
use crate::emulator::family::kind::Family;
use crate::emulator::family::profile::Profile;

pub(crate) const PROFILES: &[Profile] = &[
    Profile::new("air780e", "Luat Air780E, firmware V1169 (Luat Air780E FTP guide)", Family::Luat, |_| {}),
    Profile::new(
        "air780ep",
        "Luat Air780EP, firmware V1007 (time-stamped log of August 2024)",
        Family::Luat,
        |options| {
            options.identity = Some(Identity::new("AirM2M", "Air780EP", "AirM2M_780EP_LTE_AT_V1007"));
            // After a chunk the log shows no new maximum.
            options.luat.put_reannounced = false;
        },
    ),
    Profile::new("sim800", "SIMCom SIM800 (SIM800 Series AT Command Manual V1.09)", Family::Luat, |options| {
        options.luat.profile = LuatProfile::Sim800
    }),
    Profile::new("sim7000", "SIMCom SIM7000 (SIM7000 Series AT Command Manual V1.06)", Family::Luat, |options| {
        options.luat.profile = LuatProfile::Sim7000
    }),
    Profile::new(
        "sim7080",
        "SIMCom SIM7070, SIM7080 and SIM7090 (SIM7080 Series AT Command Manual V1.05)",
        Family::Luat,
        |options| options.luat.profile = LuatProfile::Sim7080,
    ),
    Profile::new(
        "a7670",
        "SIMCom A7670: AT+CFTPS commands only (SIMCom FTP Tool), which are none of these dialects",
        Family::Luat,
        |options| {
            options.luat.profile = LuatProfile::Sim800;
            // The revision is invented.
            options.identity = Some(Identity::new("SIMCOM INCORPORATED", "A7670C", "A7670M7_V1.11.1"));
            options.missing_commands = ["+FTP*", "+SAPBR"].map(str::to_owned).into();
            // https://github.com/SIMComWireless/SIMCom-FTP-Tools; what their test forms print is invented.
            options.extra_commands = ["START", "STOP", "LOGIN", "LOGOUT", "GET", "PUT", "LIST", "SIZE"]
                .map(|command| (format!("+CFTPS{command}"), Vec::new()))
                .into();
        },
    ),
];
