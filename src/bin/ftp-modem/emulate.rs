//! `emulate`: a module on a pty or a TCP port, for programs and tests without hardware.

use crate::args::{Emulate, Options};
use crate::failure::Failure;
use crate::interrupt::Interrupt;

/// Serves an emulated module until interrupted.
///
/// # Errors
/// No module was named, the system gives no pty or port, or the emulator is not built in.
#[cfg(all(unix, feature = "emulator"))]
pub fn run(options: &Options, emulate: &Emulate, interrupt: &Interrupt) -> Result<(), Failure> {
    use std::time::Duration;

    use serde_json::json;

    use crate::output;

    let (module, description) = emulated::module(options, emulate)?;
    interrupt.install()?;
    let served = emulated::Served::start(module, emulate.bind)?;
    let port = served.port();
    if options.json {
        let emulated::Description { dialect, profile } = description;
        output::json(&json!({ "port": port, "dialect": dialect, "profile": profile }))?;
    } else {
        output::line(&port)?;
    }
    while interrupt.pause(Duration::from_secs(60)).is_ok() {}
    Ok(())
}

/// Serves nothing: the emulator is not built in.
///
/// # Errors
/// Always.
#[cfg(not(all(unix, feature = "emulator")))]
pub fn run(_: &Options, _: &Emulate, _: &Interrupt) -> Result<(), Failure> {
    Err(Failure::usage("emulate is not built in", "build with --features cli,emulator, on a Unix"))
}

#[cfg(all(unix, feature = "emulator"))]
mod emulated {
    use std::net::{SocketAddr, TcpListener};

    use ftp_modem::emulator::{
        Family, Fault, Faulty, FtpRemote, Module, Options as Behaviour, Plan, Profile, PtyModule, TcpModule,
    };

    use super::{Emulate, Failure, Options};

    /// What is emulated, for programs.
    pub struct Description {
        pub dialect: &'static str,
        pub profile: Option<&'static str>,
    }

    /// Where the module is served.
    pub enum Served {
        Pty(PtyModule),
        Tcp(TcpModule),
    }

    impl Served {
        pub fn start(module: Faulty, bind: Option<SocketAddr>) -> Result<Self, Failure> {
            match bind {
                None => PtyModule::serve(module).map(Self::Pty).map_err(|error| {
                    Failure::other(format!("the system gives no pseudo-terminal: {error}"), "use --bind")
                }),
                Some(address) => TcpListener::bind(address)
                    .and_then(|listener| TcpModule::serve(listener, module))
                    .map(Self::Tcp)
                    .map_err(|error| {
                        let remedy = "use an address of this machine and a free port, such as 127.0.0.1:0";
                        Failure::other(format!("--bind {address} cannot be served: {error}"), remedy)
                    }),
            }
        }

        /// What `--port` of another run takes.
        pub fn port(&self) -> String {
            match self {
                Self::Pty(module) => module.path().to_owned(),
                Self::Tcp(module) => format!("tcp://{}", module.address()),
            }
        }
    }

    /// The module that the options describe.
    pub fn module(options: &Options, emulate: &Emulate) -> Result<(Faulty, Description), Failure> {
        let family = options.vendor.0.and_then(|vendor| vendor.name().parse::<Family>().ok());
        let profile = emulate.profile.as_deref().map(profile).transpose()?;
        let family = match (family, profile) {
            (Some(family), Some(profile)) if profile.family() != family => {
                let (name, own) = (profile.name(), profile.family());
                let text = format!("--profile {name} is a module of the dialect {own}, not {family}");
                return Err(Failure::usage(text, format!("leave --vendor out, or use --vendor {own}")));
            }
            (_, Some(profile)) => profile.family(),
            (Some(family), None) => family,
            (None, None) => {
                return Err(Failure::usage(
                    "no dialect to emulate",
                    format!("use --vendor {}, or --profile", families()),
                ));
            }
        };
        let behaviour = profile.map_or_else(Behaviour::default, Profile::options).with_real_times();
        let mut behaviour = behaviour.with_echo(!emulate.no_echo);
        behaviour.line_rate = emulate.line_rate;
        behaviour.latency = emulate.latency.unwrap_or(behaviour.latency);
        behaviour.network_latency = emulate.network_latency.unwrap_or(behaviour.network_latency);
        let plan = emulate.faults.as_deref().map_or(Ok(Plan::none()), plan)?;
        let module = Module::new(family, Box::new(FtpRemote::new()), behaviour);
        Ok((Faulty::new(module, plan), Description { dialect: family.name(), profile: profile.map(Profile::name) }))
    }

    fn families() -> String {
        let names = Family::ALL.map(Family::name);
        names.join("|")
    }

    fn profile(name: &str) -> Result<&'static Profile, Failure> {
        Profile::named(name).ok_or_else(|| {
            let names: Vec<_> = Profile::all().map(Profile::name).collect();
            Failure::usage(format!("there is no profile {name:?}"), format!("use one of {}", names.join(", ")))
        })
    }

    /// What to type for `--faults`.
    const EXAMPLE: &str = "write it such as 'in@17 delete; line#0 \"OK\" delay 2s'";

    fn plan(text: &str) -> Result<Plan, Failure> {
        let plan: Plan = text.parse().map_err(|error| Failure::usage(format!("--faults: {error}"), EXAMPLE))?;
        if plan.faults.iter().any(|fault| matches!(fault, Fault::Server(_))) {
            let text = "--faults: the module reaches a real server, which has no faults of the plan";
            return Err(Failure::usage(text, "leave the faults of the server out"));
        }
        Ok(plan)
    }
}
