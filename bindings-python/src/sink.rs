//! Input: what Python calls a sink; images in pieces. Output: files, or calls. State: the files so far.

use crate::convert::{WHOLE, guarded, run, to_py_err};
use crate::objects::loads;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyType};
use sluicegate::{CallbackSink, Error, FileSink, ImageEvent, ImageSink};
use std::io;
use std::path::PathBuf;

pub(crate) enum Sink {
    Directory {
        files: FileSink,
        written: Vec<WrittenImage>,
    },
    Callable(Py<PyAny>),
    /// The garbage collector took it.
    Gone,
}

/// What `WrittenImage` in Python is made of.
#[derive(Clone)]
pub(crate) struct WrittenImage(sluicegate::WrittenImage);

impl Sink {
    pub(crate) fn new(sink: &Bound<'_, PyAny>) -> PyResult<Self> {
        if sink.is_callable() {
            return Ok(Self::Callable(sink.clone().unbind()));
        }
        let Ok(directory) = sink.extract::<PathBuf>() else {
            let kind = sink.get_type().name()?;
            let message = format!("sink must be a directory (str or os.PathLike) or a callable, not {kind}");
            return Err(PyTypeError::new_err(message));
        };
        let files = FileSink::new(&directory).map_err(|error| {
            let message = format!("{}: {error}", directory.display());
            to_py_err(&Error::Sink { kind: error.kind(), message })
        })?;
        Ok(Self::Directory { files, written: Vec::new() })
    }

    /// Calls the core. What a callable raises is raised as it is, and no other thread runs between its calls: getting
    /// the interpreter back for each piece would cost more than the work. Files may be slow, whatever the size.
    pub(crate) fn lend(
        &mut self,
        py: Python<'_>,
        verb: impl FnOnce(&mut dyn ImageSink) -> Result<(), Error> + Send,
    ) -> PyResult<()> {
        match self {
            Self::Directory { files, .. } => run(py, WHOLE, || verb(files)),
            Self::Callable(callable) => {
                let mut raised = None;
                let mut sink = CallbackSink(|event: ImageEvent<'_>| {
                    let Err(error) = tell(callable.bind(py), event) else { return Ok(()) };
                    raised.get_or_insert(error);
                    Err(io::Error::other("raised"))
                });
                let done = guarded(|| verb(&mut sink))?;
                raised.map_or(done.map_err(|error| to_py_err(&error)), Err)
            }
            Self::Gone => Ok(()),
        }
    }

    pub(crate) fn written(&mut self) -> Vec<WrittenImage> {
        let Self::Directory { files, written } = self else { return Vec::new() };
        written.extend(files.take_written().into_iter().map(WrittenImage));
        written.clone()
    }

    pub(crate) fn callable(&self) -> Option<&Py<PyAny>> {
        if let Self::Callable(callable) = self { Some(callable) } else { None }
    }
}

impl<'py> IntoPyObject<'py> for WrittenImage {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        static WRITTEN_IMAGE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
        let class = WRITTEN_IMAGE.import(py, "sluicegate.image_types", "WrittenImage")?;
        let sluicegate::WrittenImage { path, meta, .. } = self.0;
        class.call1((path, meta.mime, meta.bytes, meta.item_id, meta.partial))
    }
}

fn tell(callable: &Bound<'_, PyAny>, event: ImageEvent<'_>) -> PyResult<()> {
    callable.call1((to_py_event(callable.py(), event)?,))?;
    Ok(())
}

fn to_py_event<'py>(py: Python<'py>, event: ImageEvent<'_>) -> PyResult<Bound<'py, PyAny>> {
    static IMAGE_EVENT: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let (kind, key, data, meta) = match event {
        ImageEvent::Begin(key) => ("begin", key, None, None),
        ImageEvent::Write(key, bytes) => ("write", key, Some(PyBytes::new(py, bytes)), None),
        ImageEvent::Finish(key, meta) => ("finish", key, None, Some(loads(py, &meta.to_json())?)),
        ImageEvent::Abort(key) => ("abort", key, None, None),
    };
    let class = IMAGE_EVENT.import(py, "sluicegate.image_types", "ImageEvent")?;
    class.call1((kind, key.as_u64(), data, meta))
}
