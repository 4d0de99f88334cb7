//! Enters: upstream bytes or frames. Leaves: the bytes of a stream for the client. Kept: the core's own objects.

use crate::convert::{WHOLE, emit, read_options, to_bytes, to_outcome_json, to_py_outcome, with_text};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use sluicegate::{ChatOptions, ResponsesOptions};

/// Of a core class that appends to the client's bytes, the class Python sees. All methods of a class stand in one block,
/// so what it has beside the others comes with it.
macro_rules! stream_class {
    ($(#[$docs:meta])* $Class:ident, $Options:ident, feed_event: $feed_event:literal, finish: $finish:literal, {$($own:tt)*}) => {
        $(#[$docs])*
        #[pyclass(module = "sluicegate")]
        pub(crate) struct $Class(sluicegate::$Class);

        #[pymethods]
        impl $Class {
            #[new]
            #[pyo3(signature = (**options))]
            fn new(options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
                Ok(Self(sluicegate::$Class::new(read_options(options, $Options::from_json)?)))
            }

            /// Takes the next bytes of the upstream body; what the client must be sent now, possibly nothing.
            fn feed<'py>(&mut self, chunk: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
                let bytes = to_bytes(chunk)?;
                let bytes = bytes.as_bytes();
                emit(chunk.py(), bytes.len(), |out| self.0.feed(bytes, out))
            }

            #[doc = $feed_event]
            fn feed_event<'py>(&mut self, frame: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
                with_text(frame, |json| emit(frame.py(), json.len(), |out| self.0.feed_event(json, out)))
            }

            #[doc = $finish]
            fn finish<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
                emit(py, WHOLE, |out| self.0.finish(out))
            }

            /// What the stream turned out to be; `None` before its end or `finish`.
            #[getter]
            fn outcome<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
                to_py_outcome(py, self.0.outcome())
            }

            /// `outcome` as the exact JSON text that all three languages give.
            #[getter]
            fn outcome_json(&self) -> Option<String> {
                to_outcome_json(self.0.outcome())
            }

            /// Whether anything but a failure was emitted.
            #[getter]
            fn committed(&self) -> bool {
                self.0.committed()
            }

            $($own)*
        }
    };
}

stream_class!(
    /// Turns one Responses stream into one chat completion stream, the same bytes for any chunking of the input. One
    /// transcoder per stream: calling it from two threads at once raises `RuntimeError`. Options: `ChatOptions`.
    ChatTranscoder,
    ChatOptions,
    feed_event: "Takes one event as JSON without SSE framing: a WebSocket text frame.",
    finish: "Ends the stream; without a terminal event that is the error frame and `[DONE]`.",
    {
        /// A comment to send while the upstream is silent, between any two results.
        #[staticmethod]
        #[pyo3(signature = (block = false))]
        fn heartbeat(block: bool) -> &'static [u8] {
            sluicegate::ChatTranscoder::heartbeat(block)
        }
    }
);

stream_class!(
    /// Passes one Responses stream on byte for byte, with exactly one terminal event: filled where it was hollow, made
    /// where it was missing. One relay per stream. Of the `ChatOptions` it uses `context`, `fc_ids`,
    /// `previous_response_id`, `done_is_complete` and `max_event_bytes`.
    ResponsesRelay,
    ChatOptions,
    feed_event: "Takes one WebSocket text frame; it goes on as an SSE block.",
    finish: "Ends the stream; without a terminal event that is a `response.failed` with what had arrived.",
    {
        /// The final Response as JSON; `None` before a terminal event or `finish`.
        fn response<'py>(&mut self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
            self.0.response().map(|response| PyBytes::new(py, &response))
        }
    }
);

stream_class!(
    /// Turns one chat completion stream, or one chat completion, into one Responses stream, the same bytes for any
    /// chunking of the input. One transcoder per stream: calling it from two threads at once raises `RuntimeError`.
    /// Options: `ResponsesOptions`.
    ResponsesTranscoder,
    ResponsesOptions,
    feed_event: "Takes one chunk as JSON without SSE framing.",
    finish: "Ends the stream; without a finish reason that is `response.failed`.",
    {
        /// The final Response as JSON; `None` before the end.
        fn response<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
            self.0.response().map(|response| PyBytes::new(py, &response))
        }

        /// A comment to send while the upstream is silent, between any two results.
        #[staticmethod]
        #[pyo3(signature = (block = false))]
        fn heartbeat(block: bool) -> &'static [u8] {
            sluicegate::ResponsesTranscoder::heartbeat(block)
        }
    }
);
