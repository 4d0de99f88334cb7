'use strict';
// The classes that are fed bytes.
// Input: chunks. Output: bytes, or objects made from the addon's JSON. State: the addon's object.
// They check arguments; every decision about content is core's.

const { attempt, bytes, isObject, optionsJson, text } = require('./arguments.js');
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
    return attempt(() => this.#native.retry);
  }

  get lastEventId() {
    return attempt(() => this.#native.lastEventId);
  }

  get bytesTouched() {
    return attempt(() => this.#native.bytesTouched);
  }
}

/** The addon's object of a consumer, for the members that only some have. */
let nativeOf;

/** Takes one upstream answer. `roles`: the dialects, as the addon's class takes them. */
class Consumer {
  #native;

  static {
    nativeOf = (consumer) => consumer.#native;
  }

  constructor(Native, roles, options) {
    const json = optionsJson(options);
    this.#native = attempt(() => new Native(...roles, json));
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
    return JSON.parse(this.outcomeJson ?? 'null');
  }

  get outcomeJson() {
    return attempt(() => this.#native.outcomeJson);
  }
}

/** The addon gives null for no bytes, and undefined where there never are any. */
function orEmpty(out) {
  return out === null ? Buffer.alloc(0) : out;
}

class Transcoder extends Consumer {
  constructor(options) {
    const { client, upstream, ...own } = known(options);
    super(native.Transcoder, [text(client, 'client'), text(upstream, 'upstream')], own);
  }

  response() {
    return attempt(() => nativeOf(this).response());
  }

  get hasOutput() {
    return attempt(() => nativeOf(this).hasOutput);
  }

  get committed() {
    return this.hasOutput;
  }

  ping(block = false) {
    const given = flag(block, 'block');
    return attempt(() => nativeOf(this).ping(given));
  }

  static heartbeat(block = false) {
    const given = flag(block, 'block');
    return attempt(() => native.Transcoder.heartbeat(given));
  }
}

class Collector extends Consumer {
  constructor(options) {
    const { upstream, ...own } = known(options);
    super(native.Collector, [text(upstream, 'upstream')], own);
  }

  finalResponse() {
    return attempt(() => nativeOf(this).finalResponse());
  }

  finalCompletion() {
    return attempt(() => nativeOf(this).finalCompletion());
  }

  finalMessage() {
    return attempt(() => nativeOf(this).finalMessage());
  }
}

function flag(value, name) {
  if (typeof value !== 'boolean') throw new TypeError(`${name} must be a boolean`);
  return value;
}

function known(options) {
  if (!isObject(options)) throw new TypeError('options must be an object');
  return options;
}

module.exports = { Collector, SseParser, Transcoder };
