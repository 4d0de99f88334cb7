'use strict';
// Enters: a source of upstream chunks. Leaves: chat SSE bytes with a proper ending. Kept: one transcoder.

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

/**
 * @param source
 * @param [options]
 * @param {{ onOutcome?: (outcome: any) => void }} [hooks]
 */
function chatSse(source, options, { onOutcome } = {}) {
  if (onOutcome !== undefined && typeof onOutcome !== 'function') {
    throw new TypeError('onOutcome must be a function');
  }
  const transcoder = new ChatTranscoder(options);
  const input = open(source);
  let isClosed = false;

  async function* run() {
    let failure = null;
    try {
      for (;;) {
        let step;
        try {
          // Around the source only: what the consumer throws in is no upstream failure.
          step = await input.next();
        } catch (error) {
          failure = { error };
          break;
        }
        if (step.done) break;
        const out = transcoder.feed(step.value);
        if (out.length > 0) yield out;
      }
      if (isClosed) return;
      const ending = transcoder.finish();
      if (ending.length > 0) yield ending;
      if (failure !== null) throw failure.error;
    } finally {
      await leave();
    }
  }

  const leave = once(async () => {
    try {
      await input.close();
    } finally {
      const { outcome } = transcoder;
      if (outcome !== null) onOutcome?.(outcome);
    }
  });

  const output = run();
  const end = output.return.bind(output);
  // The generator's own return would wait for the next chunk of a silent source, and close nothing if it never ran.
  output.return = async (value) => {
    isClosed = true;
    await leave();
    return end(value);
  };
  return output;
}

/** `next`, and a `close` that gives up what has not been read. */
function open(source) {
  if (typeof source?.getReader === 'function') {
    // Not the stream's own iterator: its return waits for the read that is under way.
    const reader = source.getReader();
    return untilOver(() => reader.read(), () => reader.cancel());
  }
  if (typeof source?.[Symbol.asyncIterator] !== 'function') {
    throw new TypeError('source must be a ReadableStream or an async iterable');
  }
  const chunks = source[Symbol.asyncIterator]();
  return untilOver(() => chunks.next(), () => chunks.return?.());
}

/** A source that has ended or failed is not closed again. */
function untilOver(read, cancel) {
  let isOver = false;
  return {
    async next() {
      try {
        const step = await read();
        isOver = step.done;
        return step;
      } catch (error) {
        isOver = true;
        throw error;
      }
    },
    async close() {
      if (!isOver) await cancel();
    },
  };
}

function once(call) {
  let result;
  return () => (result ??= call());
}

module.exports = { ChatTranscoderStream, chatSse };
