//! A reader and a writer joined: one answer, from one dialect into another.
//!
//! Input: events. Output: what the writer writes. State: both, the options, and the facts on the answer.

use crate::answer::{Amended, Context, Facts, Known, RunWriter, Writer};
use crate::envelope::{Envelope, Failure, error_envelope};
use crate::error::Error;
use crate::input::{Consumer, Event, Input, InputLayer, RepeatedDelta, is_document, is_sse};
use crate::options::Options;
use crate::outcome::Outcome;

/// Decides what an answer consists of, from the events of one dialect.
pub(crate) trait Reader {
    type Event<'a>: Event<'a>;
    /// Where the text of a delta went.
    type Target: Copy;

    fn input(&mut self, input: &Input<'_, Self::Event<'_>>, writer: &mut dyn Writer, cx: &mut Context<'_>);
    /// See [`Consumer::rename_back`].
    fn rename_back(&self, _event: &Self::Event<'_>) -> Option<Vec<u8>> {
        None
    }
    /// See [`Consumer::repeat_target`].
    fn target(&self) -> Option<Self::Target>;
    /// See [`Consumer::on_repeats`].
    fn on_repeats<'c>(
        &mut self,
        target: Self::Target,
        repeats: impl Iterator<Item = RepeatedDelta<'c>>,
        writer: &mut impl RunWriter,
        cx: &mut Context<'_>,
    );
    /// The upstream gave this failure in place of an answer.
    fn refused(&mut self, failure: Envelope, writer: &mut dyn Writer, cx: &mut Context<'_>);
    /// The upstream's bytes are over.
    fn end(&mut self, writer: &mut dyn Writer, cx: &mut Context<'_>);
}

/// A consumer that makes an answer for a client.
pub(crate) trait Answer: Consumer {
    /// See [`Reader::refused`].
    fn refused(&mut self, failure: Envelope, out: &mut Vec<u8>);
    /// What is known of the answer, before its end too.
    fn known(&self) -> Known;
}

/// An upstream body, and what is made of it.
#[derive(Debug, Clone)]
pub(crate) struct Stream<C: Consumer> {
    pub(crate) input: InputLayer<C::Target>,
    pub(crate) consumer: C,
}

impl<R: Reader, W: RunWriter> Stream<Translation<R, W>> {
    pub(crate) fn new(options: Options, reader: R, writer: W) -> Self {
        let input = InputLayer::new(options.max_event_bytes);
        Self { input, consumer: Translation::new(options, reader, writer) }
    }
}

impl<C: Answer> Stream<C> {
    /// Takes a whole body, and the HTTP status that it came with.
    pub(crate) fn document(
        &mut self,
        body: &[u8],
        status: Option<u16>,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
        let status = status.filter(|status| !(200..300).contains(status));
        if status.is_none() && (is_document(body) == Some(true) || is_sse(body) == Some(true)) {
            return self.input.document(body, &mut self.consumer, out);
        }
        self.input.give()?;
        let failure = error_envelope(&Failure { status, body, ..Failure::default() });
        self.consumer.refused(failure, out);
        Ok(())
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Translation<R, W> {
    pub(crate) options: Box<Options>,
    pub(crate) reader: R,
    pub(crate) writer: Amended<W>,
    pub(crate) facts: Facts,
}

impl<R: Reader, W: RunWriter> Translation<R, W> {
    pub(crate) fn new(options: Options, reader: R, writer: W) -> Self {
        let writer = Amended::new(writer, &options);
        Self { options: Box::new(options), reader, writer, facts: Facts::default() }
    }

    /// What the stream turned out to be; `None` before its end.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.facts.outcome(&self.writer)
    }

    /// Whether anything but a failure was written.
    pub(crate) fn has_output(&self) -> bool {
        self.writer.has_output()
    }
}

impl<R: Reader, W: RunWriter> Answer for Translation<R, W> {
    fn refused(&mut self, failure: Envelope, out: &mut Vec<u8>) {
        let Self { options, reader, writer, facts } = self;
        reader.refused(failure, writer, &mut Context { options, facts, out });
    }

    fn known(&self) -> Known {
        self.facts.known(&self.writer)
    }
}

impl<R: Reader, W: RunWriter> Consumer for Translation<R, W> {
    type Event<'a> = R::Event<'a>;
    type Target = R::Target;

    fn input(&mut self, input: &Input<'_, R::Event<'_>>, _: &[u8], out: &mut Vec<u8>) {
        let Self { options, reader, writer, facts } = self;
        reader.input(input, writer, &mut Context { options, facts, out });
    }

    fn rename_back(&self, event: &R::Event<'_>) -> Option<Vec<u8>> {
        self.reader.rename_back(event)
    }

    fn repeat_target(&self) -> Option<R::Target> {
        self.reader.target()
    }

    #[expect(clippy::inline_always, reason = "a run is ten words: as a call they go through memory")]
    #[inline(always)]
    fn on_repeats<'c>(
        &mut self,
        target: R::Target,
        repeats: impl Iterator<Item = RepeatedDelta<'c>>,
        out: &mut Vec<u8>,
    ) {
        let Self { options, reader, writer, facts } = self;
        reader.on_repeats(target, repeats, writer, &mut Context { options, facts, out });
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        let Self { options, reader, writer, facts } = self;
        reader.end(writer, &mut Context { options, facts, out });
    }
}
