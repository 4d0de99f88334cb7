'use strict';
// Translates a stream as it arrives.
// Input: a source of upstream chunks. Output: SSE bytes with a proper ending. State: one transcoder or relay.

const { ChatTranscoder, ResponsesRelay, ResponsesTranscoder } = require('./transcoders.js');
const { Source } = require('./source.js');

class ChatTranscoderStream extends TransformStream {
  constructor(options, writableStrategy, readableStrategy) {
    const transcoder = new ChatTranscoder(options);
    super(transformer(transcoder), writableStrategy, readableStrategy);
    this.transcoder = transcoder;
  }
}

class ResponsesRelayStream extends TransformStream {
  constructor(options, writableStrategy, readableStrategy) {
    const relay = new ResponsesRelay(options);
    super(transformer(relay), writableStrategy, readableStrategy);
    this.relay = relay;
  }
}

class ResponsesTranscoderStream extends TransformStream {
  constructor(options, writableStrategy, readableStrategy) {
    const transcoder = new ResponsesTranscoder(options);
    super(transformer(transcoder), writableStrategy, readableStrategy);
    this.transcoder = transcoder;
  }
}

function transformer(consumer) {
  const send = (controller, out) => {
    if (out.length > 0) controller.enqueue(out);
  };
  return {
    transform: (chunk, controller) => send(controller, consumer.feed(chunk)),
    flush: (controller) => send(controller, consumer.finish()),
  };
}

function chatSse(source, options, hooks) {
  return drive(source, new ChatTranscoder(options), hooks);
}

function responsesSse(source, options, hooks) {
  return drive(source, new ResponsesRelay(options), hooks);
}

function respondSse(source, options, hooks) {
  return drive(source, new ResponsesTranscoder(options), hooks);
}

/**
 * @param source
 * @param consumer
 * @param {{ onOutcome?: (outcome: any) => void }} [hooks]
 */
function drive(source, consumer, { onOutcome } = {}) {
  if (onOutcome !== undefined && typeof onOutcome !== 'function') {
    throw new TypeError('onOutcome must be a function');
  }
  const input = new Source(source);
  let isClosed = false;

  async function* run() {
    try {
      for await (const chunk of input) {
        const out = consumer.feed(chunk);
        if (out.length > 0) yield out;
      }
      if (isClosed) return;
      const ending = consumer.finish();
      if (ending.length > 0) yield ending;
      if (input.failure !== null) throw input.failure.error;
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

module.exports = {
  ChatTranscoderStream,
  ResponsesRelayStream,
  ResponsesTranscoderStream,
  chatSse,
  responsesSse,
  respondSse,
};
