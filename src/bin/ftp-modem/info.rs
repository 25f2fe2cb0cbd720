//! `info`: identity, registration and capabilities of the module.

use std::collections::BTreeMap;

use ftp_modem::modem::{
    Assurance, BinaryUpload, Capabilities, Identity, LoginCheck, Network, Operation, Registration, SimState, Support,
};
use ftp_modem::transfer::Needs;
use serde::Serialize;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::settings::Settings;
use crate::text::shown;
use crate::{connection, output};

/// JSON of `info`.
#[derive(Serialize)]
struct Info<'a> {
    port: &'a str,
    manufacturer: &'a str,
    model: &'a str,
    information: &'a [String],
    dialect: &'static str,
    sim: &'static str,
    signal_dbm: Option<i16>,
    registration: &'static str,
    operations: BTreeMap<&'static str, &'static str>,
    limits: Value,
    download_assurance: &'static str,
    upload_assurance: &'static str,
    binary_upload: &'static str,
    login_check: &'static str,
    resolves_names: bool,
}

/// Prints what the module reports about itself.
///
/// # Errors
/// The errors of opening the module and of its queries.
pub fn run(settings: &Settings) -> Result<(), Failure> {
    let (identity, capabilities, network) = connection::run(settings, Needs::Module, |modem, _| {
        let network = modem.network()?;
        Ok((modem.identity().clone(), modem.capabilities().clone(), network))
    })?;
    let info = info(settings.port.name(), &identity, &capabilities, network);
    if settings.json {
        return output::json(&info);
    }
    lines(&info, &identity).iter().try_for_each(|line| output::line(&shown(line)))
}

fn info<'a>(port: &'a str, identity: &'a Identity, capabilities: &Capabilities, network: Network) -> Info<'a> {
    let limits = &capabilities.limits;
    Info {
        port,
        manufacturer: &identity.manufacturer,
        model: &identity.model,
        information: &identity.information,
        dialect: capabilities.dialect,
        sim: sim(network.sim),
        signal_dbm: network.signal,
        registration: registration(network.registration),
        operations: Operation::ALL.map(|operation| (operation.name(), support(capabilities.support(operation)))).into(),
        limits: json!({
            "host": limits.host,
            "user": limits.user,
            "password": limits.password,
            "path": limits.path,
            "download_block": limited(limits.download_block),
            "upload_block": limited(limits.upload_block),
        }),
        download_assurance: assurance(capabilities.download_assurance),
        upload_assurance: assurance(capabilities.upload_assurance),
        binary_upload: match capabilities.binary_upload {
            BinaryUpload::Safe => "safe",
            _ => "opt-in",
        },
        login_check: match capabilities.login_check {
            LoginCheck::AtLogin => "at-login",
            _ => "at-first-operation",
        },
        resolves_names: capabilities.resolves_names,
    }
}

fn lines(info: &Info<'_>, identity: &Identity) -> Vec<String> {
    let signal = info.signal_dbm.map_or("unknown".to_owned(), |dbm| format!("{dbm} dBm"));
    let with = |wanted: &str| {
        let listed = Operation::ALL.map(Operation::name).into_iter();
        let names: Vec<&str> = listed.filter(|name| info.operations.get(name) == Some(&wanted)).collect();
        if names.is_empty() { "-".to_owned() } else { names.join(", ") }
    };
    vec![
        format!("module        {identity}"),
        format!("port          {}", info.port),
        format!("dialect       {}", info.dialect),
        format!("SIM           {}", info.sim),
        format!("signal        {signal}"),
        format!("registration  {}", info.registration),
        format!("native        {}", with("native")),
        format!("built         {}", with("built")),
        format!("unsupported   {}", with("unsupported")),
        format!("downloads     {}", verified(info.download_assurance)),
        format!("uploads       {}", verified(info.upload_assurance)),
        format!("binary files  {}", if info.binary_upload == "safe" { "yes" } else { "uploads need --force-binary" }),
    ]
}

/// Returns the name of an assurance in JSON.
pub fn assurance(assurance: Assurance) -> &'static str {
    match assurance {
        Assurance::ContentCompared => "content-compared",
        Assurance::ServerSize => "server-size",
        Assurance::ModuleCount => "module-count",
        _ => "unconfirmed",
    }
}

/// Returns the description of an assurance in text output.
pub fn verified(assurance: &str) -> &'static str {
    match assurance {
        "content-compared" => "verified by a comparison of every byte",
        "server-size" => "verified by the file size on the server",
        "module-count" => "verified by the module's byte count",
        _ => "not verified: the module reports no size and no count",
    }
}

/// Returns `None` for no limit, which the library represents as the largest number.
fn limited(limit: u64) -> Option<u64> {
    Some(limit).filter(|limit| *limit < u64::MAX)
}

fn support(support: Support) -> &'static str {
    match support {
        Support::Native => "native",
        Support::Built => "built",
        _ => "unsupported",
    }
}

fn sim(state: SimState) -> &'static str {
    match state {
        SimState::Ready => "ready",
        SimState::NotInserted => "not-inserted",
        SimState::PinRequired => "pin-required",
        SimState::PukRequired => "puk-required",
        SimState::Locked => "locked",
        SimState::Failed => "failed",
        _ => "unknown",
    }
}

fn registration(registration: Registration) -> &'static str {
    match registration {
        Registration::Home => "home",
        Registration::Roaming => "roaming",
        Registration::Searching => "searching",
        Registration::NotSearching => "not-searching",
        Registration::Denied => "denied",
        _ => "unknown",
    }
}
