'use strict';
// How to answer a failure of the upstream.
// Input: what a gateway knows of the failure. Output: an answer, and what to do. State: none.

const { attempt, document, integer, isObject, optionalText, snakeCase } = require('./arguments.js');
const native = require('./native.js');
const { printable } = require('./printable.js');

const MEMBERS = ['status', 'headers', 'body', 'now_ms', 'dialect', 'request_id'];

function errorEnvelope(failure = {}) {
  if (!isObject(failure)) throw new TypeError('failure must be an object');
  const members = Object.fromEntries(Object.entries(failure).map(([name, value]) => [snakeCase(name), value]));
  const unknown = Object.keys(members).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) throw new TypeError(`a failure has no ${printable(unknown)}`);
  const status = integer(members.status, 'status', 65535);
  const nowMs = integer(members.now_ms, 'nowMs');
  const headers = flat(members.headers ?? {});
  const body = document(members.body ?? '', 'body');
  const dialect = optionalText(members.dialect, 'dialect');
  const requestId = optionalText(members.request_id, 'requestId');
  return JSON.parse(attempt(() => native.errorEnvelope(status, headers, body, nowMs, dialect, requestId)));
}

function failureHeaders(retryAfterMs) {
  const given = integer(retryAfterMs, 'retryAfterMs');
  const turns = attempt(() => native.failureHeaders(given));
  const names = turns.filter((_, nth) => nth % 2 === 0);
  return Object.fromEntries(names.map((name, nth) => [name, turns[2 * nth + 1]]));
}

/** Names and values by turns. */
function flat(headers) {
  if (typeof headers !== 'object') throw new TypeError('headers must be an object, pairs or a Headers');
  const isIterable = typeof headers[Symbol.iterator] === 'function';
  return Array.from(isIterable ? headers : Object.entries(headers), pair).flat();
}

/** One header; a list of values is as many headers of the name, and no value is none. */
function pair(given) {
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

module.exports = { errorEnvelope, failureHeaders };
