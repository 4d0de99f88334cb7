//! What a host asked for besides bytes: frames, objects, events.
//!
//! Input: keyword arguments; what the core gives. Output: lists; calls of the host's function. State: the frame that is not
//! whole; bytes of a call whose event the host's function failed on.

use crate::objects::{self, Names};
use pyo3::exceptions::PyTypeError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString};
use sluicegate::{Frame, Frames};

/// Types of upstream events, and what is called with each event of them.
pub(crate) struct OnEvent {
    /// With Python's own strings of them.
    names: Vec<(String, Py<PyString>)>,
    callback: Py<PyAny>,
}

/// Type and data of events, for after the object is no longer borrowed: the host's function may use it.
pub(crate) type Events<'py> = Vec<(Bound<'py, PyString>, Bound<'py, PyString>)>;

impl OnEvent {
    /// A pair; `None` where there is none, or no type in it.
    pub(crate) fn new(given: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Self>> {
        let Some(given) = given else { return Ok(None) };
        let wrong = || PyTypeError::new_err("on_event must be a pair: names of event types, and a callable");
        let (names, callback): (Bound<'_, PyAny>, Bound<'_, PyAny>) = given.extract().map_err(|_| wrong())?;
        if names.is_instance_of::<PyString>() || !callback.is_callable() {
            return Err(wrong());
        }
        let names = names.try_iter().map_err(|_| wrong())?;
        let name = |name: PyResult<Bound<'_, PyAny>>| {
            let name = name?.cast_into::<PyString>().map_err(|_| wrong())?;
            Ok((name.extract()?, name.unbind()))
        };
        let names = names.map(name).collect::<PyResult<Vec<_>>>()?;
        Ok((!names.is_empty()).then(|| Self { names, callback: callback.unbind() }))
    }

    /// Calls the host's function with each event; the first exception, when all were told.
    pub(crate) fn tell(callback: &Bound<'_, PyAny>, events: Events<'_>) -> PyResult<()> {
        let told = events.into_iter().map(|event| callback.call1(event).map(drop));
        told.fold(Ok(()), Result::and)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|(name, _)| &**name)
    }

    /// What the core found, as the host's function takes it.
    pub(crate) fn events<'py, 'e>(
        &self,
        py: Python<'py>,
        events: impl Iterator<Item = (&'e str, &'e str)>,
    ) -> Events<'py> {
        let known = |name: &str| self.names.iter().find(|(own, _)| own == name);
        let name =
            |name| known(name).map_or_else(|| PyString::new(py, name), |(_, own)| own.bind(py).clone());
        events.map(|(event, data)| (name(event), PyString::new(py, data))).collect()
    }

    pub(crate) fn callback<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        self.callback.bind(py).clone()
    }

    pub(crate) fn traverse(own: Option<&Self>, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(own.map(|own| &own.callback))
    }
}

/// What is given in place of bytes.
pub(crate) struct Shape {
    frames: Frames,
    is_objects: bool,
    names: Names,
}

impl Shape {
    /// `None`: bytes.
    pub(crate) fn new(frames: Frames, wants_frames: bool, is_objects: bool) -> Option<Self> {
        (wants_frames || is_objects).then(|| Self { frames, is_objects, names: Names::default() })
    }

    /// The frames, or their objects, that are whole now; at the end all.
    pub(crate) fn give<'py>(
        &mut self,
        py: Python<'py>,
        out: &[u8],
        is_end: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let Self { frames, is_objects, names } = self;
        let (list, mut done) = (PyList::empty(py), Ok(()));
        let mut push = |frame: Frame<'_>| {
            if done.is_ok() {
                done = push(&list, frame, is_objects.then_some(&mut *names));
            }
        };
        frames.feed(out, &mut push);
        if is_end {
            frames.finish(&mut push);
        }
        done.map(|()| list.into_any())
    }
}

/// A frame without data, of comments, is no object.
fn push(list: &Bound<'_, PyList>, frame: Frame<'_>, names: Option<&mut Names>) -> PyResult<()> {
    let Some(names) = names else { return list.append(PyBytes::new(list.py(), frame.bytes)) };
    let Some(json) = frame.json() else { return Ok(()) };
    list.append(objects::of_json(list.py(), &json, names)?)
}
