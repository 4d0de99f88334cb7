'use strict';
// How to answer a failure of the upstream.
// Input: what a gateway knows of the failure. Output: an answer, and what to do. State: none.

const {
  attempt, document, headersInTurns, inTurns, integer, isObject, optionalText, snakeCase,
} = require('./arguments.js');
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
  const headers = headersInTurns(members.headers ?? {});
  const body = document(members.body ?? '', 'body');
  const dialect = optionalText(members.dialect, 'dialect');
  const requestId = optionalText(members.request_id, 'requestId');
  return JSON.parse(attempt(() => native.errorEnvelope(status, headers, body, nowMs, dialect, requestId)));
}

function failureHeaders(retryAfterMs) {
  const given = integer(retryAfterMs, 'retryAfterMs');
  return inTurns(attempt(() => native.failureHeaders(given)));
}

module.exports = { errorEnvelope, failureHeaders };
