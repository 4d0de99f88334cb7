'use strict';
// What a host asks of a consumer besides bytes: frames, objects, events.
// Input: options; what a call of the addon gave. Output: lists; calls of the host's function. State: what was given in a call
// that the host's function failed, for the next one.

const { attempt, isObject } = require('./arguments.js');

/** The members of options that are the host's, checked, and the others. */
function hostOptions(options) {
  const { onEvent, on_event, frames, objects, ...own } = options;
  const wants = { frames: isSet(frames, 'frames'), objects: isSet(objects, 'objects') };
  return { own, wants, onEvent: eventOption(onEvent ?? on_event) };
}

function isSet(value, name) {
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean') throw new TypeError(`${name} must be a boolean`);
  return value;
}

/** Names of event types, and the function; null where there is none, or no name. */
function eventOption(given) {
  if (given === undefined || given === null) return null;
  const [names, call] = Array.isArray(given) && given.length === 2 ? given : [];
  const isList = isObject(names) || Array.isArray(names);
  const list = isList && typeof names[Symbol.iterator] === 'function' ? [...names] : null;
  if (list === null || typeof call !== 'function' || !list.every((name) => typeof name === 'string')) {
    throw new TypeError('onEvent must be a pair: names of event types, and a function');
  }
  return list.length === 0 ? null : { names: list, call };
}

/**
 * Calls the host's function with each event; gives what it threw first, when all were told.
 *
 * @returns {{ error: unknown } | null}
 */
function tell({ names, call }, told) {
  if (told === null) return null;
  // One alone, and there is one name.
  if (typeof told === 'string') return failureOf(call, names[0], told);
  /** @type {{ error: unknown } | null} */
  let failure = null;
  for (let at = 0; at < told.length; at += 2) {
    const own = failureOf(call, told[at], told[at + 1]);
    failure ??= own;
  }
  return failure;
}

/** @returns {{ error: unknown } | null} */
function failureOf(call, name, data) {
  try {
    call(name, data);
    return null;
  } catch (error) {
    return { error };
  }
}

/** Makes of bytes what is wanted. `frames`: the addon's object. */
function shapeOf(frames, { objects }) {
  const each = objects
    ? (out, isEnd) => JSON.parse(frames.objects(out, isEnd) ?? '[]')
    : (out, isEnd) => frames.feed(out, isEnd);
  return (out, isEnd) => attempt(() => each(out, isEnd));
}

class Host {
  #onEvent;
  #events;
  #shape;
  #join;
  #held = null;

  /** `events`: those of the last call; `shape`: makes of what a call gave what is wanted; `join`: puts two of these together. */
  constructor({ onEvent, events, shape, join }) {
    this.#onEvent = onEvent;
    this.#events = events;
    this.#shape = shape;
    this.#join = join;
  }

  give(call, isEnd) {
    const held = this.#held;
    let out = this.#called(call, isEnd);
    if (held !== null && out !== held) out = this.#join(held, out);
    this.#held = null;
    const failure = this.#onEvent === null ? null : tell(this.#onEvent, this.#events());
    if (failure === null) return out;
    this.#held = out;
    throw failure.error;
  }

  /** What is held, where the stream is over. */
  #called(call, isEnd) {
    try {
      return this.#shape(call(), isEnd);
    } catch (thrown) {
      if (this.#held === null) throw thrown;
      return this.#held;
    }
  }
}

const joined = (held, out) => (Array.isArray(out) ? [...held, ...out] : Buffer.concat([held, out]));

module.exports = { Host, hostOptions, joined, shapeOf, tell };
