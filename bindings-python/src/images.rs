//! Input: a body or frames with generated images. Output: the images, to a directory or a callable, while they arrive.
//! State: the core's extractor, and where its images go.

use crate::convert::{guarded, read_options, run, to_chunk, to_document, with_text};
use crate::objects::loads;
use crate::sink::{Sink, WrittenImage};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};
use sluicegate::{Error, ImageOptions, ImageOutcome, ImageSink};

/// Takes the generated images out of one Responses stream, the same ones for any chunking of the input. One extractor
/// per stream. The sink is a directory or a callable that takes `ImageEvent`s. Options: `ImageOptions`.
#[pyclass(module = "sluicegate")]
pub(crate) struct ImageExtractor {
    extractor: sluicegate::ImageExtractor,
    sink: Sink,
}

#[pymethods]
impl ImageExtractor {
    #[new]
    #[pyo3(signature = (sink, **options))]
    fn new(sink: &Bound<'_, PyAny>, options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let extractor = sluicegate::ImageExtractor::new(&read_options(options, ImageOptions::from_json)?);
        Ok(Self { extractor, sink: Sink::new(sink)? })
    }

    /// Takes the next bytes of the upstream body. What the sink raises costs one image: all of `chunk` is read first.
    fn feed(&mut self, chunk: &Bound<'_, PyAny>) -> PyResult<()> {
        let bytes = to_chunk(chunk)?;
        let bytes = bytes.as_bytes();
        self.drive(chunk.py(), |extractor, sink| extractor.feed(bytes, sink))
    }

    /// Takes one event as JSON without SSE framing: a WebSocket text frame.
    fn feed_event(&mut self, frame: &Bound<'_, PyAny>) -> PyResult<()> {
        with_text(frame, |json| self.drive(frame.py(), |extractor, sink| extractor.feed_event(json, sink)))
    }

    /// Ends the stream. Where no final image came, the last partial one is it.
    fn finish(&mut self, py: Python<'_>) -> PyResult<()> {
        self.drive(py, sluicegate::ImageExtractor::finish)
    }

    /// What the stream turned out to be; `None` before `finish`.
    #[getter]
    fn outcome<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.outcome_json()?.map(|json| loads(py, &json)).transpose()
    }

    /// `outcome` as the exact JSON text that all three languages give.
    #[getter]
    fn outcome_json(&self) -> PyResult<Option<String>> {
        guarded(|| self.extractor.outcome().as_ref().map(ImageOutcome::to_json))
    }

    /// Where there is no image, the failure to answer with.
    #[getter]
    fn envelope<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let envelope = guarded(|| self.extractor.outcome()?.envelope())?;
        envelope.map(|envelope| loads(py, &envelope.to_json())).transpose()
    }

    /// The files that are complete, in order; none for a callable.
    #[getter]
    fn written(&mut self) -> Vec<WrittenImage> {
        self.sink.written()
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(self.sink.callable())
    }

    fn __clear__(&mut self) {
        self.sink = Sink::Gone;
    }
}

impl ImageExtractor {
    fn drive(
        &mut self,
        py: Python<'_>,
        verb: impl FnOnce(&mut sluicegate::ImageExtractor, &mut dyn ImageSink) -> Result<(), Error> + Send,
    ) -> PyResult<()> {
        let extractor = &mut self.extractor;
        self.sink.lend(py, |sink| verb(extractor, sink))
    }
}

/// Folds a final Response (JSON) into what the Images API would have answered (JSON).
#[pyfunction]
pub(crate) fn images_api<'py>(response: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    let (py, bytes) = (response.py(), to_document(response)?);
    let bytes = bytes.as_bytes();
    run(py, bytes.len(), || sluicegate::images_api(bytes)).map(|json| PyBytes::new(py, &json))
}

/// Makes a request to the Images API one that a Responses backend answers by its image tool; `host_model` calls the tool.
#[pyfunction]
pub(crate) fn images_request<'py>(
    body: &Bound<'py, PyAny>,
    host_model: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyBytes>> {
    let (py, document, host_model) = (body.py(), to_document(body)?, host_model.to_string_lossy());
    let bytes = document.as_bytes();
    run(py, bytes.len(), || sluicegate::images_request(bytes, &host_model))
        .map(|json| PyBytes::new(py, &json))
}
