//! The sink that writes files.
//!
//! Input: images in pieces. Output: files, each under its own name only once it is complete. State: the open files.

use super::meta::{ImageMeta, extension};
use super::sink::{ImageKey, ImageSink};
use crate::json::write;
use crate::outcome::clip;
use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::{mem, process};

/// Longest part of a file name that is taken from an item id.
const STEM_BYTES: usize = 100;

/// Writes images to a directory: to a hidden temporary file while they arrive, renamed when complete.
///
/// A file is named after its item, else `image` and its place: `ig_1.png`, `ig_1.partial-0.png`, `image-2.webp`. Two
/// images of one sink never share a name; an older file of the name is replaced.
#[derive(Debug)]
pub struct FileSink {
    directory: PathBuf,
    open: HashMap<ImageKey, Temporary>,
    names: HashSet<String>,
    written: Vec<WrittenImage>,
}

/// A complete file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenImage {
    /// What the extractor called it.
    pub key: ImageKey,
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub meta: ImageMeta,
}

/// An incomplete file; removed when it goes.
#[derive(Debug)]
struct Temporary {
    file: Option<BufWriter<File>>,
    /// None once it was renamed: the name may be another stream's by then.
    path: Option<PathBuf>,
}

impl WrittenImage {
    /// `{path, mime, bytes, sha256, item_id, partial}` as one compact JSON object; `sha256` is the caller's.
    pub fn to_json(&self, sha256: &str) -> String {
        let Self { path, meta, .. } = self;
        let mut out = b"{\"path\":".to_vec();
        write::string(&mut out, &path.to_string_lossy());
        out.extend_from_slice(b",\"mime\":");
        write::string(&mut out, meta.mime);
        out.extend_from_slice(b",\"bytes\":");
        write::number(&mut out, meta.bytes);
        out.extend_from_slice(b",\"sha256\":");
        write::string(&mut out, sha256);
        out.extend_from_slice(b",\"item_id\":");
        write::optional(&mut out, meta.item_id.as_deref());
        out.extend_from_slice(if meta.partial { b",\"partial\":true}" } else { b",\"partial\":false}" });
        String::from_utf8_lossy(&out).into_owned()
    }
}

impl FileSink {
    /// Files go to `directory`, which is made if need be.
    pub fn new(directory: impl Into<PathBuf>) -> io::Result<Self> {
        let directory = directory.into();
        fs::create_dir_all(&directory)?;
        let (open, names, written) = (HashMap::new(), HashSet::new(), Vec::new());
        Ok(Self { directory, open, names, written })
    }

    /// The files completed since the last call.
    pub fn take_written(&mut self) -> Vec<WrittenImage> {
        mem::take(&mut self.written)
    }

    fn temporary(&mut self, key: ImageKey) -> io::Result<&mut Temporary> {
        self.open.get_mut(&key).ok_or_else(|| io::Error::other("image was not begun"))
    }

    /// A name that no other image of this sink has, also where case does not count.
    fn name(&mut self, meta: &ImageMeta) -> String {
        let stem = stem(meta);
        let extension = extension(meta.mime);
        let names = (1..).map(|nth| match nth {
            1 => format!("{stem}.{extension}"),
            _ => format!("{stem}-{nth}.{extension}"),
        });
        let free = names.take(self.names.len() + 1).find(|name| self.names.insert(name.to_lowercase()));
        free.unwrap_or(stem)
    }
}

impl ImageSink for FileSink {
    fn begin(&mut self, key: ImageKey) -> io::Result<()> {
        let temporary = Temporary::create(&self.directory, key)?;
        self.open.insert(key, temporary);
        Ok(())
    }

    fn write(&mut self, key: ImageKey, bytes: &[u8]) -> io::Result<()> {
        self.temporary(key)?.write(bytes)
    }

    fn finish(&mut self, key: ImageKey, meta: &ImageMeta) -> io::Result<()> {
        self.temporary(key)?.close()?;
        let name = self.name(meta);
        let path = self.directory.join(name);
        self.temporary(key)?.rename(&path)?;
        self.open.remove(&key);
        self.written.push(WrittenImage { key, path, meta: meta.clone() });
        Ok(())
    }

    fn abort(&mut self, key: ImageKey) -> io::Result<()> {
        self.open.remove(&key);
        Ok(())
    }
}

impl Temporary {
    /// Another stream, or a run that was killed, may have left a file of the name.
    fn create(directory: &Path, key: ImageKey) -> io::Result<Self> {
        let mut nth = 0;
        loop {
            let path = directory.join(format!(".sluicegate-{}-{}-{nth}.part", process::id(), key.as_u64()));
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => return Ok(Self { file: Some(BufWriter::new(file)), path: Some(path) }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && nth < 1000 => nth += 1,
                Err(error) => return Err(error),
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), |file| file.write_all(bytes))
    }

    fn rename(&mut self, to: &Path) -> io::Result<()> {
        self.path.as_ref().map_or(Ok(()), |path| fs::rename(path, to))?;
        self.path = None;
        Ok(())
    }

    fn close(&mut self) -> io::Result<()> {
        self.file.take().map_or(Ok(()), |mut file| file.flush())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        self.file = None; // some systems do not remove open files
        if let Some(path) = &self.path {
            let _ = fs::remove_file(path); // rubbish that nothing more can be done about
        }
    }
}

/// A file name without its extension. Item ids come from the upstream: only harmless characters of them are kept.
fn stem(meta: &ImageMeta) -> String {
    let harmless = |c: char| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' };
    let mut stem = match (&meta.item_id, meta.output_index) {
        (Some(id), _) => clip(id, STEM_BYTES).chars().map(harmless).collect(),
        (None, Some(index)) => format!("image-{index}"),
        (None, None) => "image".to_owned(),
    };
    if meta.partial {
        stem.push_str(".partial");
        if let Some(index) = meta.partial_index {
            stem.push_str(&format!("-{index}"));
        }
    }
    stem
}
