'use strict';
// Arguments and errors, between JavaScript and the addon.
// Input: what JavaScript passes; what the addon throws. Output: checked values for the addon; errors of our class.
// State: none.

const { types } = require('node:util');
const { SluicegateError } = require('./error.js');
const { printable } = require('./printable.js');

/** Calls the addon, and gives what it throws our class. */
function attempt(call) {
  try {
    return call();
  } catch (thrown) {
    throw ours(thrown);
  }
}

/** What the addon threw, of our class. */
function ours(thrown) {
  if (thrown.cause instanceof Error) return raised(thrown.message, JSON.parse(thrown.cause.message));
  return thrown.code === 'GenericFailure' || thrown.name === 'RuntimeError' ? faulted(thrown) : thrown;
}

/** A panic in the addon; in the WebAssembly module it is a trap, a RuntimeError. */
function faulted(cause) {
  return new SluicegateError(`a fault in sluicegate: ${cause.message}`, { code: 'internal' }, { cause });
}

/** `items`: the events and errors of the call, in order; `text` has a line for each error. */
function raised(text, items) {
  const events = items.filter((item) => !item.error);
  const bodies = items.filter((item) => item.error).map(({ error, envelope }) => ({ ...error, envelope }));
  const messages = bodies.length === 1 ? [text] : text.split('\n');
  const [first, ...further] = bodies.map((body, at) => new SluicegateError(messages[at], body));
  return Object.assign(first, { events, further });
}

/** What a store failed with, whatever it is, as the one error that hosts look for. */
function storeFailed(cause) {
  if (cause instanceof SluicegateError && cause.code === 'store') return cause;
  const message = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new SluicegateError(`cannot use the store: ${message}`, { code: 'store' }, { cause });
}

function isObject(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Options as the core reads them: JSON, member names in snake_case. What is inside of a member is left alone. */
function optionsJson(options = {}) {
  if (!isObject(options)) throw new TypeError('options must be an object');
  const members = Object.entries(options).map(([name, value]) => {
    // JSON.stringify would leave these out, and the default would count in silence.
    const isLost = Number.isNaN(value) || value === Infinity || value === -Infinity;
    if (isLost || ['function', 'symbol', 'bigint'].includes(typeof value)) {
      throw new TypeError(`option ${printable(name)} must be a JSON value`);
    }
    return [snakeCase(name), value];
  });
  return JSON.stringify(Object.fromEntries(members));
}

function snakeCase(name) {
  return name.replace(/(?!^)[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** JSON as it was given, bytes or text, or written of an object. */
function document(given, name) {
  if (typeof given === 'string') return given;
  if (types.isUint8Array(given)) return bytes(given, name);
  const json = written(given);
  if (json === undefined) throw new TypeError(`${name} must be a Uint8Array, a string or an object`);
  return json;
}

/** An object as JSON, or undefined. JSON.stringify finds numbers in a view, and nothing in a promise, a Response or a Map. */
function written(value) {
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return undefined;
  const json = JSON.stringify(value);
  return json === '{}' && !isPlain(value) ? undefined : json;
}

/** An object of names and values by turns. */
function inTurns(turns) {
  const names = turns.filter((_, nth) => nth % 2 === 0);
  return Object.fromEntries(names.map((name, nth) => [name, turns[2 * nth + 1]]));
}

/** Headers of any shape as names and values by turns. */
function headersInTurns(headers) {
  if (typeof headers !== 'object') throw new TypeError('headers must be an object, pairs or a Headers');
  const isIterable = typeof headers[Symbol.iterator] === 'function';
  return Array.from(isIterable ? headers : Object.entries(headers), header).flat();
}

/** One header; a list of values is as many headers of the name, and no value is none. */
function header(given) {
  if (!Array.isArray(given) || given.length !== 2 || typeof given[0] !== 'string') {
    throw new TypeError('headers must be pairs of name and value');
  }
  const [name, value] = given;
  const values = Array.isArray(value) ? value : [value ?? []].flat();
  return values.flatMap((value) => {
    if (['string', 'number', 'boolean'].includes(typeof value)) return [name, String(value)];
    throw new TypeError(`header ${printable(name)} must be a string, number or boolean, or a list of them`);
  });
}

/** A string. */
function text(value, name) {
  if (typeof value !== 'string') throw new TypeError(`${name} must be a string`);
  return value;
}

/** A string, or null. */
function optionalText(value, name) {
  return value === undefined || value === null ? null : text(value, name);
}

/** A number without a fraction, or null. */
function integer(value, name, most = Number.MAX_SAFE_INTEGER, least = 0) {
  if (value === undefined || value === null) return null;
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new TypeError(`${name} must be an integer from ${least} to ${most}`);
}

/** The members that a function knows; an unknown one would be ignored in silence. */
function known(given, names, name) {
  if (!isObject(given)) throw new TypeError(`${name} must be an object`);
  const unknown = Object.keys(given).find((member) => !names.includes(member));
  if (unknown !== undefined) throw new TypeError(`${name} has no ${printable(unknown)}`);
  return given;
}

/** The next bytes of a stream, or all of one; text as UTF-8. `others`: what else the caller takes. */
function chunkBytes(chunk, others = '') {
  if (types.isUint8Array(chunk)) return settled(chunk, 'a chunk');
  if (typeof chunk === 'string') return Buffer.from(chunk);
  const hint = others === '' && isPlain(chunk) ? ': feedEvent takes events' : '';
  throw new TypeError(`a chunk must be a Uint8Array${others} or a string${hint}`);
}

/** Whether it is an object of members alone, as `JSON.parse` makes them: no view, promise or instance of a class. */
function isPlain(value) {
  if (value === null || typeof value !== 'object') return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** JSON of an event, as it was given or written of an object. */
function eventJson(event) {
  if (typeof event === 'string') return event;
  if (isPlain(event)) return JSON.stringify(event);
  if (types.isUint8Array(event)) return bytes(event, 'an event');
  throw new TypeError('an event must be a string, a Uint8Array or a plain object');
}

function bytes(chunk, name) {
  if (!types.isUint8Array(chunk)) throw new TypeError(`${name} must be a Uint8Array`);
  return settled(chunk, name);
}

/** Bytes that nobody changes while the addon reads them. */
function settled(chunk, name) {
  const { buffer } = chunk;
  if (buffer.constructor !== ArrayBuffer && types.isSharedArrayBuffer(buffer)) return Uint8Array.from(chunk);
  if (chunk.length === 0) checkBounds(chunk, name);
  return chunk;
}

/** What is detached, or past the end of a buffer that shrank, looks empty, and its bytes would be lost in silence. */
function checkBounds(chunk, name) {
  try {
    Uint8Array.prototype.at.call(chunk, 0);
  } catch {
    throw new TypeError(`${name} is not inside its buffer: that was detached, or made smaller`);
  }
}

module.exports = {
  attempt,
  bytes,
  chunkBytes,
  document,
  eventJson,
  headersInTurns,
  inTurns,
  integer,
  isObject,
  isPlain,
  known,
  optionalText,
  optionsJson,
  ours,
  snakeCase,
  storeFailed,
  text,
  written,
};
