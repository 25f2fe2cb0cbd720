//! The settings that say what the next operation is about: a file or a directory, an offset.

use super::families::FamilyFacts;
use crate::at::{Command, Parameter};
use crate::backend::context::Context;
use crate::backend::path;
use crate::charset::Charset;
use crate::error::Result;

/// FTPPUTOPT: the upload replaces a file of the same name (RFC 959 §4.1.3).
pub(super) const REPLACE: &str = "\"STOR\"";
/// FTPPUTOPT: the upload is added at the end of the file.
pub(super) const APPEND: &str = "\"APPE\"";

/// What the next operation is about, as far as the module is known to have it in force: that is not sent again. After a
/// login or an error nothing is known.
pub(super) struct Target {
    family: &'static FamilyFacts,
    put_option: Option<&'static str>,
    /// Whether FTPREST is 0.
    is_offset_zero: bool,
    /// The file that FTPGETPATH and FTPGETNAME name.
    file: Option<String>,
}

impl Target {
    pub fn new(family: &'static FamilyFacts) -> Self {
        Target { family, put_option: None, is_offset_zero: false, file: None }
    }

    /// Counts everything as unknown.
    pub fn forget(&mut self) {
        *self = Target::new(self.family);
    }

    /// Points the module to the file that the next operation is about; downloads and uploads have one each.
    pub fn point_to(&mut self, cx: &mut Context, file: &str) -> Result<()> {
        let family = self.family;
        let (directory, name) = path::split(file);
        Parameter::check_all_in(cx.engine.charset, &[(&family.get_path, directory), (&family.get_name, name)])?;
        self.point_to_directory(cx, directory)?;
        cx.set(Command::set("+FTPGETNAME").text(&family.get_name, name))?;
        self.file = Some(file.to_owned());
        Ok(())
    }

    /// Points the module to the directory that the next operation is about.
    pub fn point_to_directory(&mut self, cx: &mut Context, directory: &str) -> Result<()> {
        self.file = None;
        cx.set(Command::set("+FTPGETPATH").text(&self.family.get_path, directory))
    }

    /// Points the module to the file that is downloaded now, unless it is pointed there since its size was queried.
    pub fn point_downloads_to(&mut self, cx: &mut Context, file: &str) -> Result<()> {
        if self.file.take().as_deref() == Some(file) { Ok(()) } else { self.point_to(cx, file) }
    }

    /// Checks that a file can be uploaded under this name.
    pub fn check_upload(&self, charset: Charset, file: &str) -> Result<()> {
        let (directory, name) = path::split(file);
        Parameter::check_all_in(charset, &[(&self.family.put_path, directory), (&self.family.put_name, name)])
    }

    /// Points the module to the file of the next upload.
    pub fn point_uploads_to(&self, cx: &mut Context, file: &str) -> Result<()> {
        let (directory, name) = path::split(file);
        cx.set(Command::set("+FTPPUTNAME").text(&self.family.put_name, name))?;
        cx.set(Command::set("+FTPPUTPATH").text(&self.family.put_path, directory))
    }

    /// Chooses what becomes of a file of the same name: [`REPLACE`] or [`APPEND`].
    pub fn choose_put_option(&mut self, cx: &mut Context, option: &'static str) -> Result<()> {
        if self.put_option == Some(option) {
            return Ok(());
        }
        cx.set(Command::set("+FTPPUTOPT").literal(option))?;
        self.put_option = Some(option);
        Ok(())
    }

    /// Chooses the offset at which the next transfer starts.
    pub fn start_at(&mut self, cx: &mut Context, offset: u64) -> Result<()> {
        // Whether a session clears the offset at its end is not documented: only a 0 is known to last.
        if offset == 0 && self.is_offset_zero {
            return Ok(());
        }
        self.is_offset_zero = false;
        cx.set(Command::set("+FTPREST").number(offset))?;
        self.is_offset_zero = offset == 0;
        Ok(())
    }
}
