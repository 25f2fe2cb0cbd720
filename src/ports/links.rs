//! The links in `/dev/serial` that udev makes for each port.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// The links of one folder, by the name of the device that each points to.
#[derive(Default)]
pub(super) struct Links(HashMap<String, String>);

impl Links {
    /// Reads the links in `folder`. A folder that does not exist has none.
    pub fn read(folder: &Path) -> Self {
        let Ok(entries) = fs::read_dir(folder) else { return Links::default() };
        let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        // udev names a port also by its USB version (`usbv2-0:…`); the name without it comes first.
        paths.sort();
        let mut links = HashMap::new();
        for path in paths {
            let target = fs::read_link(&path).ok();
            let device = target.as_deref().and_then(Path::file_name).and_then(|name| name.to_str());
            if let (Some(device), Some(link)) = (device, path.to_str()) {
                links.entry(device.to_owned()).or_insert_with(|| link.to_owned());
            }
        }
        Links(links)
    }

    /// Returns the link to `device` (`ttyUSB2`).
    pub fn to(&self, device: &str) -> Option<String> {
        self.0.get(device).cloned()
    }
}
