'use strict';
// The classes that are fed bytes.
// Input: chunks. Output: bytes, or objects made from the addon's JSON. State: the addon's object.
// They check arguments; every decision about content is core's.

const { attempt, bytes, optionsJson } = require('./arguments.js');
const native = require('./native.js');

class SseParser {
  #native;

  constructor(options) {
    const json = optionsJson(options);
    this.#native = attempt(() => new native.SseParser(json));
  }

  feed(chunk) {
    const given = bytes(chunk, 'chunk');
    return JSON.parse(attempt(() => this.#native.feed(given)) ?? '[]');
  }

  finish() {
    return JSON.parse(attempt(() => this.#native.finish()) ?? '[]');
  }

  get retry() {
    return this.#native.retry;
  }

  get lastEventId() {
    return this.#native.lastEventId;
  }

  get bytesTouched() {
    return this.#native.bytesTouched;
  }
}

/** The addon's object of a consumer, for the members that only some have. */
let nativeOf;

/** Takes one upstream response. */
class Consumer {
  #native;

  static {
    nativeOf = (consumer) => consumer.#native;
  }

  constructor(Native, options) {
    const json = optionsJson(options);
    this.#native = attempt(() => new Native(json));
  }

  feed(chunk) {
    const given = bytes(chunk, 'chunk');
    return orEmpty(attempt(() => this.#native.feed(given)));
  }

  feedEvent(frame) {
    const given = typeof frame === 'string' ? frame : bytes(frame, 'frame');
    return orEmpty(attempt(() => this.#native.feedEvent(given)));
  }

  finish() {
    return orEmpty(attempt(() => this.#native.finish()));
  }

  get outcome() {
    return JSON.parse(this.#native.outcomeJson ?? 'null');
  }

  get outcomeJson() {
    return this.#native.outcomeJson;
  }
}

/** The addon gives null for no bytes, and undefined where there never are any. */
function orEmpty(out) {
  return out === null ? Buffer.alloc(0) : out;
}

class ChatTranscoder extends Consumer {
  constructor(options) {
    super(native.ChatTranscoder, options);
  }

  get committed() {
    return nativeOf(this).committed;
  }

  static heartbeat(block = false) {
    if (typeof block !== 'boolean') throw new TypeError('block must be a boolean');
    return native.ChatTranscoder.heartbeat(block);
  }
}

class ResponsesRelay extends Consumer {
  constructor(options) {
    super(native.ResponsesRelay, options);
  }

  response() {
    return attempt(() => nativeOf(this).response());
  }

  get committed() {
    return nativeOf(this).committed;
  }
}

class ResponsesTranscoder extends Consumer {
  constructor(options) {
    super(native.ResponsesTranscoder, options);
  }

  response() {
    return nativeOf(this).response();
  }

  get committed() {
    return nativeOf(this).committed;
  }
}

class ResponseCollector extends Consumer {
  constructor(options) {
    super(native.ResponseCollector, options);
  }

  chatCompletion() {
    return nativeOf(this).chatCompletion();
  }
}

module.exports = { SseParser, ChatTranscoder, ResponsesRelay, ResponsesTranscoder, ResponseCollector };
