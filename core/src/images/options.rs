//! Options of an image extractor, and the defaults.
//!
//! Input: a struct, or a JSON object. Output: [`ImageOptions`], or a typed error. State: none.

use crate::{error::Error, json::Value, limits, option_reader};

/// Options of an [`crate::ImageExtractor`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageOptions {
    /// Deliver partial images too, as they complete. Default off: the last one counts, and only if no final came.
    pub partials: bool,
    /// Cap on the decoded bytes of one image. Default 256 MiB.
    pub max_image_bytes: u64,
    /// Cap on the data of one event without its images' base64, in bytes. Default 64 MiB.
    pub max_event_bytes: usize,
}

impl Default for ImageOptions {
    fn default() -> Self {
        Self {
            partials: false,
            max_image_bytes: limits::MAX_IMAGE_BYTES,
            max_event_bytes: limits::MAX_EVENT_BYTES,
        }
    }
}

impl ImageOptions {
    /// Reads an object whose members are named like the fields; every member is optional, `null` is as if left out.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        let mut read = Self::default();
        option_reader::read("ImageOptions", json, |name, value| read.set(name, value))?;
        Ok(read)
    }

    fn set(&mut self, name: &str, value: Value<'_>) -> Option<()> {
        match name {
            "partials" => self.partials = value.as_bool()?,
            "max_image_bytes" => self.max_image_bytes = value.as_u64()?,
            "max_event_bytes" => self.max_event_bytes = option_reader::size(value)?,
            _ => return None,
        }
        Some(())
    }
}
