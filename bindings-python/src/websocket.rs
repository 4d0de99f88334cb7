//! Input: bodies and WebSocket frames. Output: the other of the two, and what to do when one did not get through.
//! State: the core's baseline.

use crate::convert::{guarded, read_options, run, to_document, to_py_err, with_text};
use crate::envelope::to_headers;
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyBytes, PyString};
use sluicegate::{ClientFrame, Envelope, RequestOptions};
use std::collections::BTreeMap;

/// What the upstream has of a conversation at the other end of one connection.
#[pyclass(module = "sluicegate")]
pub(crate) struct Baseline(sluicegate::Baseline);

#[pymethods]
impl Baseline {
    #[new]
    fn new(request: &Bound<'_, PyAny>) -> PyResult<Self> {
        let document = to_document(request)?;
        let bytes = document.as_bytes();
        run(request.py(), bytes.len(), || sluicegate::Baseline::new(bytes)).map(Self)
    }

    /// Takes a frame of the answer.
    fn frame(&mut self, json: &Bound<'_, PyAny>) -> PyResult<()> {
        with_text(json, |text| {
            run(json.py(), text.len(), || {
                self.0.frame(text);
                Ok(())
            })
        })
    }

    /// The connection is gone, or what came over it is not what was asked for.
    fn close(&mut self) {
        self.0.close();
    }

    /// The response that the next request can go on from.
    #[getter]
    fn response_id(&self) -> Option<&str> {
        self.0.response_id()
    }
}

/// The frame that sends a request body.
#[pyfunction]
#[pyo3(signature = (body, baseline = None))]
pub(crate) fn ws_request<'py>(
    body: &Bound<'py, PyAny>,
    baseline: Option<&Bound<'py, Baseline>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let (document, baseline) = (to_document(body)?, baseline.map(Bound::try_borrow).transpose()?);
    let baseline = baseline.as_deref().map(|baseline| &baseline.0);
    let bytes = document.as_bytes();
    let frame = run(body.py(), bytes.len(), || sluicegate::ws_request(bytes, baseline))?;
    Ok(PyBytes::new(body.py(), &frame))
}

/// The request body that a client's frame is.
#[pyfunction]
pub(crate) fn http_body<'py>(frame: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    let document = to_document(frame)?;
    let bytes = document.as_bytes();
    let body = run(frame.py(), bytes.len(), || sluicegate::http_body(bytes))?;
    Ok(PyBytes::new(frame.py(), &body))
}

/// What a client's frame asks for.
#[pyfunction]
pub(crate) fn client_frame(frame: &Bound<'_, PyAny>) -> PyResult<&'static str> {
    let document = to_document(frame)?;
    let bytes = document.as_bytes();
    Ok(match run(frame.py(), bytes.len(), || sluicegate::client_frame(bytes))? {
        ClientFrame::Create => "create",
        ClientFrame::WarmUp => "warm_up",
        ClientFrame::Append => "append",
        ClientFrame::Processed => "processed",
        ClientFrame::Steer => "steer",
        ClientFrame::Interrupt => "interrupt",
    })
}

/// Headers that a frame has because a WebSocket has none.
#[pyfunction]
pub(crate) fn frame_headers(frame: &Bound<'_, PyAny>) -> PyResult<BTreeMap<String, String>> {
    let document = to_document(frame)?;
    let bytes = document.as_bytes();
    let headers = run(frame.py(), bytes.len(), || Ok(sluicegate::frame_headers(bytes)))?;
    Ok(headers.into_iter().collect())
}

/// The frames that answer a warm-up frame: a response without output, to go on from.
#[pyfunction]
pub(crate) fn warm_up_frames<'py>(response_id: &Bound<'py, PyString>) -> PyResult<[Bound<'py, PyBytes>; 2]> {
    let frames = guarded(|| sluicegate::warm_up_frames(&response_id.to_string_lossy()))?;
    Ok(frames.map(|frame| PyBytes::new(response_id.py(), frame.as_bytes())))
}

/// The response that they have, to be recorded.
#[pyfunction]
pub(crate) fn warm_up_response<'py>(response_id: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyBytes>> {
    let response = guarded(|| sluicegate::warm_up_response(&response_id.to_string_lossy()))?;
    Ok(PyBytes::new(response_id.py(), &response))
}

/// What to do about a request that failed over `transport`.
#[pyfunction]
pub(crate) fn after_failure(
    transport: &Bound<'_, PyString>,
    envelope: &Bound<'_, PyAny>,
    committed: bool,
) -> PyResult<&'static str> {
    let options = [("transport", transport)].into_py_dict(transport.py())?;
    let options = read_options(Some(&options), RequestOptions::from_json)?;
    Ok(sluicegate::after_failure(options.transport, &to_envelope(envelope)?, committed).as_str())
}

/// The frame that tells a WebSocket client of a failure; `headers` are what an HTTP client would get beside the body.
#[pyfunction]
#[pyo3(signature = (envelope, headers = None))]
pub(crate) fn error_frame<'py>(
    envelope: &Bound<'py, PyAny>,
    headers: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let read = to_envelope(envelope)?;
    let headers = headers.map_or(Ok(Vec::new()), to_headers)?;
    let headers: Vec<_> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    let frame = guarded(|| sluicegate::error_frame_with_headers(&read, &headers))?;
    Ok(PyBytes::new(envelope.py(), &frame))
}

fn to_envelope(envelope: &Bound<'_, PyAny>) -> PyResult<Envelope> {
    let document = to_document(envelope)?;
    guarded(|| Envelope::from_json(document.as_bytes()))?.map_err(|error| to_py_err(&error))
}
