'use strict';
// Gives a source's chunks to a transcoder, one after the other.
// Input: a source of upstream chunks, or a stream's. Output: bytes with a proper ending. State: the transcoder.

const { Reading } = require('./page.js');
const { Source } = require('./source.js');

class TransformerStream extends TransformStream {
  constructor(transcoder, writableStrategy, readableStrategy) {
    super(transformer(transcoder), writableStrategy, readableStrategy);
    this.transcoder = transcoder;
  }
}

function transformer(consumer) {
  const reading = new Reading(consumer);
  const send = (controller, out) => {
    if (out.length > 0) controller.enqueue(out);
  };
  return {
    transform: (chunk, controller) => {
      send(controller, reading.feed(chunk));
      if (!reading.isOver) return;
      send(controller, consumer.finish());
      controller.terminate(); // the source is cancelled: it may go on for ever
    },
    flush: (controller) => send(controller, consumer.finish()),
  };
}

/**
 * Options whose `onEvent` throws nothing, and what it threw first.
 *
 * @returns {{ options: any, failure: { error: unknown } | null }}
 */
function shielded(options) {
  /** @type {{ options: any, failure: { error: unknown } | null }} */
  const shield = { options, failure: null };
  const given = options?.onEvent ?? options?.on_event;
  if (!Array.isArray(given) || typeof given[1] !== 'function') return shield;
  const tell = (name, data) => {
    try {
      given[1](name, data);
    } catch (error) {
      shield.failure ??= { error };
    }
  };
  shield.options = { ...options, onEvent: [given[0], tell, ...given.slice(2)] };
  return shield;
}

/**
 * @param source
 * @param Class of the transcoder
 * @param options its own
 * @param {{ onOutcome?: (outcome: any) => void }} [hooks]
 */
function drive(source, Class, options, { onOutcome } = {}) {
  const shield = shielded(options);
  const consumer = new Class(shield.options);
  if (onOutcome !== undefined && typeof onOutcome !== 'function') {
    throw new TypeError('onOutcome must be a function');
  }
  const [input, reading] = [new Source(source), new Reading(consumer)];
  let isClosed = false;

  async function* run() {
    try {
      for await (const chunk of input) {
        const out = reading.feed(chunk);
        if (out.length > 0) yield out;
        if (reading.isOver) break;
      }
      if (isClosed) return;
      const ending = consumer.finish();
      if (ending.length > 0) yield ending;
      const failure = input.failure ?? shield.failure;
      if (failure !== null) throw failure.error;
    } finally {
      await leave();
    }
  }

  const leave = once(async () => {
    try {
      await input.close();
    } finally {
      const { outcome } = consumer;
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

function once(call) {
  let result;
  return () => (result ??= call());
}

module.exports = { TransformerStream, drive };
