'use strict';
// The answers of the transport.
// Input: what a call came to. Output: the client's answer. State: none.

const { SluicegateError } = require('../error.js');
const { failureHeaders } = require('../failures.js');

/** The answer to a request that must not be sent; throws what is no such thing. */
function rejection(error) {
  if (!(error instanceof SluicegateError) || error.envelope === null) throw error;
  return failed(error.status, error.envelope, null);
}

/** The answer to a failure of the upstream. */
function envelope(verdict, body) {
  return failed(verdict.status, body, verdict.retry_after_ms);
}

/** `isWhole`: there is no more than this body. */
function failed(status, body, retryAfterMs) {
  return { status, headers: failureHeaders(retryAfterMs), body: Buffer.from(JSON.stringify(body)), isWhole: true };
}

module.exports = { envelope, rejection };
