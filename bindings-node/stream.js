'use strict';
// Enters: a stream of upstream chunks. Leaves: a stream of chat SSE bytes that always ends properly.

const { ChatTranscoder } = require('./classes.js');

class ChatTranscoderStream extends TransformStream {
  constructor(options, writableStrategy, readableStrategy) {
    const transcoder = new ChatTranscoder(options);
    const send = (controller, out) => {
      if (out.length > 0) controller.enqueue(out);
    };
    const transformer = {
      transform: (chunk, controller) => send(controller, transcoder.feed(chunk)),
      flush: (controller) => send(controller, transcoder.finish()),
    };
    super(transformer, writableStrategy, readableStrategy);
    this.transcoder = transcoder;
  }
}

function chatSse(source, options, { onOutcome } = {}) {
  const transcoder = new ChatTranscoder(options);
  if (onOutcome !== undefined && typeof onOutcome !== 'function') {
    throw new TypeError('onOutcome must be a function');
  }
  const input = open(source);
  let isClosed = false;
  let isReported = false;

  function report() {
    if (isReported) return;
    isReported = true;
    onOutcome?.(transcoder.outcome);
  }

  async function* run() {
    let failure = null;
    try {
      try {
        for await (const chunk of input) {
          const out = transcoder.feed(chunk);
          if (out.length > 0) yield out;
        }
      } catch (error) {
        failure = { error };
      }
      if (isClosed) return;
      const ending = transcoder.finish();
      if (ending.length > 0) yield ending;
      if (failure) throw failure.error;
    } finally {
      report();
    }
  }

  const output = run();
  const end = output.return.bind(output);
  // The generator's own return waits for a chunk of a silent source, and one that never ran closes nothing.
  output.return = async (value) => {
    isClosed = true;
    try {
      await input.return();
    } finally {
      await end(value);
      report();
    }
    return { done: true, value };
  };
  return output;
}

/** An iterator over the chunks whose `return` gives the source up. */
function open(source) {
  if (typeof source?.getReader === 'function') {
    // Not the stream's own iterator: its return waits for the read that is under way.
    const reader = source.getReader();
    return iterator(() => reader.read(), () => reader.cancel());
  }
  if (typeof source?.[Symbol.asyncIterator] !== 'function') {
    throw new TypeError('source must be a ReadableStream or an async iterable');
  }
  const chunks = source[Symbol.asyncIterator]();
  return iterator(() => chunks.next(), () => chunks.return?.());
}

function iterator(next, close) {
  let closing = null;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next,
    async return() {
      closing ??= close();
      await closing;
      return { done: true, value: undefined };
    },
  };
}

module.exports = { ChatTranscoderStream, chatSse };
