'use strict';
// The classes that are fed bytes.
// Input: chunks. Output: bytes, or objects made from the addon's JSON. State: the addon's object.
// They check arguments; every decision about content is core's.

const { attempt, bytes, isObject, optionsJson, ours, text } = require('./arguments.js');
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

/** An object of the addon's class. `roles`: the dialects, as it takes them. */
function made(Native, roles, options) {
  const json = optionsJson(options);
  return attempt(() => new Native(...roles, json));
}

/** Takes one upstream answer, in an object of the addon's. */
class Consumer {
  #native;

  static {
    nativeOf = (consumer) => consumer.#native;
  }

  constructor(own) {
    this.#native = own;
  }

  get outcome() {
    return JSON.parse(this.outcomeJson ?? 'null');
  }

  get outcomeJson() {
    return attempt(() => this.#native.outcomeJson);
  }
}

/**
 * So much memory is taken at once, twice as much each time; what a call gives is a slice of it. A stream has its own: who
 * transfers a slice takes no other's.
 */
const LEAST_SLAB_BYTES = 512;
const MOST_SLAB_BYTES = 8192;
/** An event has about as much. */
const ROOM_BYTES = 256;

class Transcoder extends Consumer {
  #id;
  #slab = Buffer.alloc(0);
  #at = 0;
  #size = LEAST_SLAB_BYTES;

  constructor(options) {
    const { client, upstream, ...own } = known(options);
    super(made(native.Transcoder, [text(client, 'client'), text(upstream, 'upstream')], own));
    this.#id = nativeOf(this).id;
  }

  // These three are written out: they are called for every event.
  feed(chunk) {
    const given = bytes(chunk, 'chunk');
    const slab = this.#room();
    try {
      return this.#taken(native.feedInto(this.#id, given, slab, this.#at));
    } catch (thrown) {
      throw ours(thrown);
    }
  }

  feedEvent(frame) {
    const given = typeof frame === 'string' ? frame : bytes(frame, 'frame');
    const slab = this.#room();
    try {
      return this.#taken(native.feedEventInto(this.#id, given, slab, this.#at));
    } catch (thrown) {
      throw ours(thrown);
    }
  }

  finish() {
    const slab = this.#room();
    try {
      return this.#taken(native.finishInto(this.#id, slab, this.#at));
    } catch (thrown) {
      throw ours(thrown);
    }
  }

  /** A new one, too, where somebody transferred a slice, and the memory with it. */
  #room() {
    if (this.#slab.length - this.#at < ROOM_BYTES) {
      this.#slab = Buffer.allocUnsafeSlow(this.#size);
      this.#size = Math.min(2 * this.#size, MOST_SLAB_BYTES);
      this.#at = 0;
    }
    return this.#slab;
  }

  #taken(length) {
    if (length < 0) return native.written();
    if (length === 0) return Buffer.alloc(0);
    const from = this.#at;
    this.#at += length;
    return this.#slab.subarray(from, this.#at);
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
  /** @param options or the addon's object of a snapshot */
  constructor(options) {
    super(options instanceof native.Collector ? options : collector(options));
  }

  feed(chunk) {
    const given = bytes(chunk, 'chunk');
    attempt(() => nativeOf(this).feed(given));
  }

  feedEvent(frame) {
    const given = typeof frame === 'string' ? frame : bytes(frame, 'frame');
    attempt(() => nativeOf(this).feedEvent(given));
  }

  finish() {
    attempt(() => nativeOf(this).finish());
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

  snapshot() {
    return new Collector(attempt(() => nativeOf(this).snapshot()));
  }
}

function collector(options) {
  const { upstream, ...own } = known(options);
  return made(native.Collector, [text(upstream, 'upstream')], own);
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
