//! Instructions of the driver per block, counted by callgrind. Unlike times they are the same in every run, so that a
//! change of the code is visible.

use std::process::Command;

use ftp_modem::Vendor;

use crate::bounds::Exchange;
use crate::processor;
use crate::rig::{Table, Way};

/// Argument that starts this program as the counted process.
pub const CLIENT: &str = "blocks";

/// Numbers of blocks of the two runs. Their difference contains only the cost of blocks.
const FEW: u64 = 20;
const MANY: u64 = 120;

fn block(vendor: Vendor, way: Way) -> u64 {
    // A transfer that is not split into commands is split into reads.
    Exchange::of(vendor, way).command_block.unwrap_or(64 * 1024) as u64
}

/// Counts the instructions per block from the difference of two runs of different length.
pub fn per_block() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("\nvalgrind not found: instructions are not counted");
        return;
    }
    let mut table = Table::new(
        "Instructions of the driver per block of payload (callgrind), on a recorded module",
        &["dialect", "", "block", "instructions", "per byte"],
    );
    for vendor in Vendor::ALL {
        for way in Way::BOTH {
            let [few, many] = [FEW, MANY].map(|blocks| instructions(vendor, way, blocks));
            let block = block(vendor, way);
            let each = (many - few) as f64 / (MANY - FEW) as f64;
            let per_byte = each / block as f64;
            table.row(&[&vendor, &way.name(), &block, &format_args!("{each:.0}"), &format_args!("{per_byte:.3}")]);
        }
    }
    table.print();
}

fn instructions(vendor: Vendor, way: Way, blocks: u64) -> u64 {
    let output = Command::new("valgrind")
        // Only the second call of `processor::run` is counted. The first one is the recording.
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--collect-atstart=no"])
        .arg("--toggle-collect=*counted_run*")
        .arg(std::env::current_exe().unwrap())
        .args([CLIENT, vendor.name(), way.name(), &blocks.to_string()])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find(|line| line.contains("Collected :")).unwrap_or_else(|| panic!("{text}"));
    line.split_whitespace().last().unwrap().parse().unwrap()
}

/// Runs the counted process.
pub fn move_blocks(vendor: &str, way: &str, blocks: u64) {
    let vendor: Vendor = vendor.parse().unwrap();
    let way = Way::BOTH.into_iter().find(|known| known.name() == way).unwrap();
    let size = block(vendor, way) * blocks;
    let mut modem = processor::on_tape(vendor, way, size);
    counted_run(&mut *modem, way, size);
}

#[inline(never)]
fn counted_run(modem: &mut dyn ftp_modem::FtpModem, way: Way, size: u64) {
    processor::run(modem, way, size);
}
