//! What can be made to fail.

/// An operation that can be made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// [`Remote::connect`](crate::emulator::Remote::connect)
    Connect,
    /// [`Remote::login`](crate::emulator::Remote::login)
    Login,
    /// [`Remote::pwd`](crate::emulator::Remote::pwd)
    Pwd,
    /// [`Remote::cwd`](crate::emulator::Remote::cwd)
    Cwd,
    /// [`Remote::list`](crate::emulator::Remote::list)
    List,
    /// [`Remote::size`](crate::emulator::Remote::size)
    Size,
    /// [`Remote::modified`](crate::emulator::Remote::modified)
    Modified,
    /// [`Remote::make_dir`](crate::emulator::Remote::make_dir)
    MakeDir,
    /// [`Remote::remove_dir`](crate::emulator::Remote::remove_dir)
    RemoveDir,
    /// [`Remote::remove`](crate::emulator::Remote::remove)
    Remove,
    /// [`Remote::rename`](crate::emulator::Remote::rename)
    Rename,
    /// [`Remote::retrieve`](crate::emulator::Remote::retrieve)
    Retrieve,
    /// [`Remote::store`](crate::emulator::Remote::store)
    Store,
    /// [`Upload::finish`](crate::emulator::Upload::finish)
    Finish,
    /// [`Remote::command`](crate::emulator::Remote::command)
    Command,
    /// [`Remote::quit`](crate::emulator::Remote::quit)
    Quit,
}
