//! Waiting for several descriptors at once, for as long as nothing happens.

use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags};

/// What is waited for on a descriptor, and afterwards what has happened.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ready {
    /// There is something to read, if only the end.
    pub(super) input: bool,
    /// There is room to write.
    pub(super) output: bool,
    /// No program has the other end open.
    pub(super) hung_up: bool,
}

/// Waits for the first of `wanted`, at most for `time`; `hung_up` is always waited for.
pub(super) fn wait<const N: usize>(
    wanted: [(&dyn AsRawFd, Ready); N],
    time: Option<Duration>,
) -> io::Result<[Ready; N]> {
    let mut list = wanted.map(|(end, ready)| {
        let mut flags = PollFlags::empty();
        flags.set(PollFlags::POLLIN, ready.input);
        flags.set(PollFlags::POLLOUT, ready.output);
        PollFd::new(end.as_raw_fd(), flags)
    });
    match poll(&mut list, time) {
        // A signal is as good as a wait that is over.
        Ok(_) | Err(Errno::EINTR) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(list.map(|end| {
        let flags = end.revents().unwrap_or(PollFlags::empty());
        Ready {
            input: flags.contains(PollFlags::POLLIN),
            output: flags.contains(PollFlags::POLLOUT),
            hung_up: flags.intersects(PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL),
        }
    }))
}

/// Signals that a program opens a device. Where the system has no such signal, there is nothing to wait for.
pub(super) struct Openings {
    #[cfg(target_os = "linux")]
    watch: Option<nix::sys::inotify::Inotify>,
}

#[cfg(target_os = "linux")]
impl Openings {
    /// Watches the device at `path`. A system grants a limited number of watches; without one there is no signal.
    pub(super) fn of(path: &str) -> Self {
        use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};

        let watch = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)
            .and_then(|watch| watch.add_watch(path, AddWatchFlags::IN_OPEN).map(|_| watch));
        Self { watch: watch.ok() }
    }

    /// Returns the descriptor that becomes readable when a program opens the device.
    pub(super) fn signal(&self) -> Option<&dyn AsRawFd> {
        self.watch.as_ref().map(|watch| watch as &dyn AsRawFd)
    }

    /// Forgets the openings up to now.
    pub(super) fn forget(&self) {
        if let Some(watch) = &self.watch {
            // There is nothing in them that is not seen at the device itself.
            drop(watch.read_events());
        }
    }
}

#[cfg(target_os = "linux")]
impl Drop for Openings {
    fn drop(&mut self) {
        // In this version of nix it is a mere number, which is not closed when dropped.
        if let Some(watch) = self.watch
            && let Err(error) = nix::unistd::close(watch.as_raw_fd())
        {
            log::warn!("a watch on a pseudo-terminal cannot be closed: {error}");
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Openings {
    pub(super) const fn of(_path: &str) -> Self {
        Self {}
    }

    pub(super) const fn signal(&self) -> Option<&dyn AsRawFd> {
        None
    }

    pub(super) const fn forget(&self) {}
}

/// To the microsecond, as a fast line needs it.
#[cfg(target_os = "linux")]
fn poll(list: &mut [PollFd], time: Option<Duration>) -> nix::Result<i32> {
    use nix::sys::time::TimeSpec;

    /// Longer than any wait, and short enough for every system's clock.
    const LONGEST: Duration = Duration::from_secs(1_000_000);
    nix::poll::ppoll(list, time.map(|time| TimeSpec::from(time.min(LONGEST))), None)
}

/// To the millisecond, never too early.
#[cfg(not(target_os = "linux"))]
fn poll(list: &mut [PollFd], time: Option<Duration>) -> nix::Result<i32> {
    let milliseconds = time.map(|time| i32::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX));
    nix::poll::poll(list, milliseconds.unwrap_or(-1))
}

/// Makes reading and writing return at once.
pub(super) fn never_block(end: RawFd) -> io::Result<()> {
    use nix::fcntl::{FcntlArg, OFlag, fcntl};

    let flags = OFlag::from_bits_truncate(fcntl(end, FcntlArg::F_GETFL)?);
    fcntl(end, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
    Ok(())
}

/// Closes a descriptor in every program that this process starts.
///
/// serialport's pair lacks this. A port whose module is gone would stay open for as long as such a program runs.
pub(super) fn never_inherit(end: RawFd) -> io::Result<()> {
    use nix::fcntl::{FcntlArg, FdFlag, fcntl};

    fcntl(end, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
    Ok(())
}
