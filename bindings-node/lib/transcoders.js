'use strict';
// The classes that are fed bytes.
// Input: chunks. Output: bytes, or objects made from the addon's JSON. State: the addon's object.
// They check arguments; every decision about content is core's.

const { attempt, chunkBytes, document, eventJson, integer, isObject, known: members, optionsJson, ours, text } = require('./arguments.js');
const { Host, hostOptions, joined, shapeOf, tell } = require('./host.js');
const native = require('./native.js');

const perEvent = native.perEvent();

class SseParser {
  #native;

  constructor(options) {
    const json = optionsJson(options);
    this.#native = attempt(() => new native.SseParser(json));
  }

  feed(chunk) {
    const given = chunkBytes(chunk);
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

  get responseId() {
    return attempt(() => this.#native.responseId);
  }

  get usage() {
    return JSON.parse(attempt(() => this.#native.usageJson) ?? 'null');
  }

  get failure() {
    return JSON.parse(attempt(() => this.#native.failureJson) ?? 'null');
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

/** Added to a length where there are events to be told. */
const HAS_EVENTS = 2 ** 30;

class Transcoder extends Consumer {
  #id;
  #slab = Buffer.alloc(0);
  #at = 0;
  #size = LEAST_SLAB_BYTES;
  /** There for hosts that want more than bytes. */
  #host;
  #hasObjects = false;
  #hasEvents = false;

  constructor(options) {
    const { own: given, wants, onEvent } = hostOptions(known(options));
    const { client, upstream, ...own } = given;
    super(made(native.Transcoder, [text(client, 'client'), text(upstream, 'upstream')], own));
    this.#id = nativeOf(this).id;
    this.#host = this.#hostOf(wants, onEvent);
  }

  #hostOf(wants, onEvent) {
    const isShaped = wants.frames || wants.objects;
    if (!isShaped && onEvent === null) return null;
    if (onEvent !== null) attempt(() => nativeOf(this).watchEvents(onEvent.names));
    this.#hasObjects = wants.objects;
    const frames = wants.frames && !wants.objects ? attempt(() => nativeOf(this).frames()) : null;
    const shape = frames === null ? (out) => out : shapeOf(frames, wants);
    const isOne = onEvent !== null && onEvent.names.length === 1;
    return new Host({ onEvent, events: () => this.#events(isOne), shape, join: joined });
  }

  /** Null, too, where the call has said that there are none. */
  #events(isOne) {
    if (!this.#hasEvents && !this.#hasObjects) return null;
    this.#hasEvents = false;
    try {
      return perEvent.events(this.#id, isOne);
    } catch (thrown) {
      throw ours(thrown);
    }
  }

  feed(chunk) {
    const given = chunkBytes(chunk);
    if (this.#host === null) return this.#feed(given);
    return this.#host.give(() => (this.#hasObjects ? this.#parsed(perEvent.objectsOf, given) : this.#feed(given)), false);
  }

  feedEvent(frame) {
    const given = eventJson(frame);
    if (this.#host === null) return this.#feedEvent(given);
    return this.#host.give(
      () => (this.#hasObjects ? this.#parsed(perEvent.objectsOfEvent, given) : this.#feedEvent(given)),
      false,
    );
  }

  feedDocument(body, options = {}) {
    const given = document(body, 'body');
    const status = statusOf(options);
    if (this.#host === null) return this.#feedDocument(given, status);
    return this.#host.give(
      () => (this.#hasObjects ? this.#parsed(native.objectsOfDocument, given, status) : this.#feedDocument(given, status)),
      false,
    );
  }

  finish() {
    if (this.#host === null) return this.#finish();
    return this.#host.give(() => (this.#hasObjects ? this.#parsed(native.objectsOfEnd) : this.#finish()), true);
  }

  /** The objects that a call of the addon gives as JSON. */
  #parsed(call, ...given) {
    try {
      const json = call(this.#id, ...given);
      return json === null ? [] : JSON.parse(json);
    } catch (thrown) {
      throw ours(thrown);
    }
  }

  // These three are written out: they are called for every event.
  #feed(given) {
    const slab = this.#room();
    try {
      return this.#taken(perEvent.feedInto(this.#id, given, slab, this.#at));
    } catch (thrown) {
      throw ours(thrown);
    }
  }

  #feedEvent(given) {
    const slab = this.#room();
    try {
      return this.#taken(perEvent.feedEventInto(this.#id, given, slab, this.#at));
    } catch (thrown) {
      throw ours(thrown);
    }
  }

  #finish() {
    const slab = this.#room();
    try {
      return this.#taken(native.finishInto(this.#id, slab, this.#at));
    } catch (thrown) {
      throw ours(thrown);
    }
  }

  #feedDocument(given, status) {
    const slab = this.#room();
    return this.#taken(attempt(() => native.feedDocumentInto(this.#id, given, slab, this.#at, status)));
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
    if (length < 0 || length >= HAS_EVENTS) this.#hasEvents = true;
    if (length < 0) return native.written();
    const from = this.#at;
    this.#at += length & (HAS_EVENTS - 1);
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
  /** @type {any} */
  #onEvent = null;

  /** @param options or the addon's object of a snapshot */
  constructor(options) {
    const isSnapshot = options instanceof native.Collector;
    const { own, onEvent } = isSnapshot ? { own: options, onEvent: null } : collectorOptions(options);
    super(isSnapshot ? own : collector(own));
    if (onEvent === null) return;
    attempt(() => nativeOf(this).watchEvents(onEvent.names));
    this.#onEvent = onEvent;
  }

  feed(chunk) {
    const given = chunkBytes(chunk);
    attempt(() => nativeOf(this).feed(given));
    this.#tell();
  }

  feedEvent(frame) {
    const given = eventJson(frame);
    attempt(() => nativeOf(this).feedEvent(given));
    this.#tell();
  }

  feedDocument(body, options = {}) {
    const [given, status] = [document(body, 'body'), statusOf(options)];
    attempt(() => nativeOf(this).feedDocument(given, status));
    this.#tell();
  }

  finish() {
    attempt(() => nativeOf(this).finish());
    this.#tell();
  }

  #tell() {
    if (this.#onEvent === null) return;
    const failure = tell(this.#onEvent, attempt(() => nativeOf(this).events()));
    if (failure !== null) throw failure.error;
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

/** What a collector does not give in frames is no option of it. */
function collectorOptions(options) {
  const { frames, objects, ...rest } = known(options);
  const { own, onEvent } = hostOptions(rest);
  return { own: { ...own, ...optional({ frames, objects }) }, onEvent };
}

const optional = (members) => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

function collector(options) {
  const { upstream, client, ...own } = options;
  const role = client == null ? null : text(client, 'client');
  return made(native.Collector, [text(upstream, 'upstream'), role], own);
}

/** Several consumers of one Responses stream. */
class Tee extends Consumer {
  #host;

  constructor(options = {}) {
    const { own: given, wants, onEvent } = hostOptions(known(options));
    const { chat, relay, collect, ...own } = given;
    const consumers = [flag(chat ?? false, 'chat'), flag(relay ?? false, 'relay'), flag(collect ?? false, 'collect')];
    super(made(native.Tee, consumers, own));
    const tee = nativeOf(this);
    if (onEvent !== null) attempt(() => tee.watchEvents(onEvent.names));
    const shapes = wants.frames || wants.objects ? [tee.chatFrames(), tee.responsesFrames()].map((own) => shapeOf(own, wants)) : null;
    const shape = ([chat, responses], isEnd) =>
      shapes === null ? { chat, responses } : { chat: shapes[0](chat, isEnd), responses: shapes[1](responses, isEnd) };
    const join = (held, out) => ({ chat: joined(held.chat, out.chat), responses: joined(held.responses, out.responses) });
    this.#host = new Host({ onEvent, events: () => attempt(() => tee.events()), shape, join });
  }

  feed(chunk) {
    const given = chunkBytes(chunk);
    return this.#host.give(() => attempt(() => nativeOf(this).feed(given)), false);
  }

  feedEvent(frame) {
    const given = eventJson(frame);
    return this.#host.give(() => attempt(() => nativeOf(this).feedEvent(given)), false);
  }

  finish() {
    return this.#host.give(() => attempt(() => nativeOf(this).finish()), true);
  }

  finalResponse() {
    return attempt(() => nativeOf(this).finalResponse());
  }

  finalCompletion() {
    return attempt(() => nativeOf(this).finalCompletion());
  }
}

/** The HTTP status that a body came with, or null. */
function statusOf(options) {
  return integer(members(options, ['status'], 'options').status, 'status', 65535);
}

function flag(value, name) {
  if (typeof value !== 'boolean') throw new TypeError(`${name} must be a boolean`);
  return value;
}

function known(options) {
  if (!isObject(options)) throw new TypeError('options must be an object');
  return options;
}

module.exports = { Collector, SseParser, Tee, Transcoder };
