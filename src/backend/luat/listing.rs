//! Listings: FTPLIST, which is read as FTPGET is.

use super::LuatFtp;
use super::download::read_session;
use crate::at::Sink;
use crate::backend::context::Context;
use crate::backend::driver::Part;
use crate::backend::listing_buffer::ListingBuffer;
use crate::error::Result;

impl LuatFtp {
    /// The text of a directory's listing.
    pub(super) fn listing(&mut self, cx: &mut Context, directory: &str) -> Result<Vec<u8>> {
        const ALL: Part = Part { offset: 0, length: None, size: None };
        self.target.point_to_directory(cx, directory)?;
        let mut text = ListingBuffer::default();
        let unexpected = cx.engine.inbox().unexpected();
        read_session(&mut self.client, cx, "+FTPLIST", ALL, &mut Sink::new(&mut text))?;
        let text = text.into_bytes();
        if text.trim_ascii().is_empty() {
            cx.engine.no_more_lines(unexpected)?;
        }
        Ok(cx.engine.charset.convert_lines(text))
    }
}
