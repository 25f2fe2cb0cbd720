//! More modules as the kernel shows them.

pub use crate::machine::devices::*;

use crate::machine::Device;

pub const EC200S: Device = Device {
    place: "1-4",
    identity: ("2c7c", "6002"),
    manufacturer: "Android",
    product: "Android",
    serial: "0000",
    ports: &[(2, "ttyUSB7"), (3, "ttyUSB8"), (4, "ttyUSB9")],
};
pub const L610_ECM: Device = Device {
    place: "1-6",
    identity: ("1782", "4d11"),
    manufacturer: "FIBOCOM",
    product: "L610",
    serial: "",
    ports: &[(2, "ttyUSB17"), (3, "ttyUSB18"), (4, "ttyUSB19"), (5, "ttyUSB20"), (7, "ttyUSB21")],
};
pub const AIR780E: Device = Device {
    place: "1-1.4",
    identity: ("19d1", "0001"),
    manufacturer: "AirM2M",
    product: "AirM2M Compo",
    serial: "000000000001",
    ports: &[(2, "ttyACM0"), (4, "ttyACM1"), (6, "ttyACM2")],
};
pub const AIR724UG: Device = Device {
    place: "1-7",
    identity: ("1782", "4e00"),
    manufacturer: "UNISOC",
    product: "UNISOC-8910",
    serial: "",
    ports: &[(2, "ttyUSB22"), (3, "ttyUSB23"), (4, "ttyUSB24")],
};
pub const ML307: Device = Device {
    place: "1-8",
    identity: ("2ecc", "3012"),
    manufacturer: "CMIoT",
    product: "ML307A",
    serial: "",
    ports: &[(2, "ttyUSB25"), (3, "ttyUSB26")],
};
pub const SIM7600: Device = Device {
    place: "1-9",
    identity: ("1e0e", "9001"),
    manufacturer: "SimTech, Incorporated",
    product: "SimTech, Incorporated",
    serial: "0123456789ABCDEF",
    ports: &[(0, "ttyUSB27"), (1, "ttyUSB28"), (2, "ttyUSB29"), (3, "ttyUSB30"), (4, "ttyUSB31")],
};
