//! A directory as the storage of libunftp. The crate for it, unftp-sbe-fs, would bring 25 more crates into the first
//! build.

use std::fmt::Debug;
use std::fs::{self, File, OpenOptions};
use std::io::{Cursor, Read, Seek, SeekFrom, Write};
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use async_trait::async_trait;
use tokio::io::{AsyncRead, AsyncReadExt};
use unftp_core::auth::UserDetail;
use unftp_core::storage::{Error, ErrorKind, FEATURE_RESTART, Fileinfo, Metadata, Result, StorageBackend};

/// A directory of this machine.
#[derive(Debug)]
pub struct Folder(pub PathBuf);

impl Folder {
    /// The path on this machine. It never leaves the directory.
    fn path(&self, path: &Path) -> PathBuf {
        let names = path.components().filter(|part| matches!(part, Component::Normal(_)));
        names.fold(self.0.clone(), |folder, name| folder.join(name))
    }
}

/// What is known of a file.
#[derive(Debug)]
pub struct Properties(fs::Metadata);

impl Metadata for Properties {
    fn len(&self) -> u64 {
        self.0.len()
    }

    fn is_dir(&self) -> bool {
        self.0.is_dir()
    }

    fn is_file(&self) -> bool {
        self.0.is_file()
    }

    fn is_symlink(&self) -> bool {
        self.0.is_symlink()
    }

    fn modified(&self) -> Result<SystemTime> {
        Ok(self.0.modified()?)
    }

    fn gid(&self) -> u32 {
        0
    }

    fn uid(&self) -> u32 {
        0
    }
}

/// Files on this machine are read and written without waiting: the server runs in a thread of its own.
#[async_trait]
impl<User: UserDetail> StorageBackend<User> for Folder {
    type Metadata = Properties;

    fn supported_features(&self) -> u32 {
        FEATURE_RESTART
    }

    async fn metadata<P: AsRef<Path> + Send + Debug>(&self, _: &User, path: P) -> Result<Properties> {
        Ok(Properties(fs::symlink_metadata(self.path(path.as_ref()))?))
    }

    async fn list<P: AsRef<Path> + Send + Debug>(
        &self,
        _: &User,
        path: P,
    ) -> Result<Vec<Fileinfo<PathBuf, Properties>>> {
        let entries = fs::read_dir(self.path(path.as_ref()))?.map(|entry| {
            let entry = entry?;
            Ok(Fileinfo { path: entry.file_name().into(), metadata: Properties(entry.metadata()?) })
        });
        entries.collect()
    }

    async fn get<P: AsRef<Path> + Send + Debug>(
        &self,
        _: &User,
        path: P,
        start: u64,
    ) -> Result<Box<dyn AsyncRead + Send + Sync + Unpin>> {
        let mut file = File::open(self.path(path.as_ref()))?;
        let mut content = Vec::new();
        file.seek(SeekFrom::Start(start))?;
        file.read_to_end(&mut content)?;
        Ok(Box::new(Cursor::new(content)))
    }

    async fn put<P: AsRef<Path> + Send + Debug, R: AsyncRead + Send + Sync + Unpin + 'static>(
        &self,
        _: &User,
        mut input: R,
        path: P,
        start: u64,
    ) -> Result<u64> {
        let path = self.path(path.as_ref());
        let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        file.set_len(start)?;
        file.seek(SeekFrom::Start(start))?;
        let mut buffer = vec![0; 64 * 1024];
        let mut total = 0;
        loop {
            let count = input.read(&mut buffer).await?;
            let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else {
                return Ok(total);
            };
            file.write_all(bytes)?;
            total += bytes.len() as u64;
        }
    }

    async fn del<P: AsRef<Path> + Send + Debug>(&self, _: &User, path: P) -> Result<()> {
        Ok(fs::remove_file(self.path(path.as_ref()))?)
    }

    async fn mkd<P: AsRef<Path> + Send + Debug>(&self, _: &User, path: P) -> Result<()> {
        Ok(fs::create_dir(self.path(path.as_ref()))?)
    }

    async fn rename<P: AsRef<Path> + Send + Debug>(&self, _: &User, from: P, to: P) -> Result<()> {
        Ok(fs::rename(self.path(from.as_ref()), self.path(to.as_ref()))?)
    }

    async fn rmd<P: AsRef<Path> + Send + Debug>(&self, _: &User, path: P) -> Result<()> {
        Ok(fs::remove_dir(self.path(path.as_ref()))?)
    }

    async fn cwd<P: AsRef<Path> + Send + Debug>(&self, _: &User, path: P) -> Result<()> {
        let is_directory = self.path(path.as_ref()).is_dir();
        if is_directory { Ok(()) } else { Err(Error::from(ErrorKind::PermanentDirectoryNotAvailable)) }
    }
}
