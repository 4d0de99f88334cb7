'use strict';
// The answers of the transport.
// Input: what a call came to. Output: the client's answer. State: none.

const { SluicegateError } = require('../error.js');
const { errorEnvelope, failureHeaders } = require('../failures.js');

/** The answer to a request that must not be sent; throws what is no such thing. */
function rejection(client, error) {
  if (!(error instanceof SluicegateError) || error.envelope === null) throw error;
  return failed(client, error.status, error.envelope, null);
}

/** The answer to a failure of the upstream. */
function envelope(client, verdict, body) {
  return failed(client, verdict.status, body, verdict.retry_after_ms);
}

/** `isWhole`: there is no more than this body. */
function failed(client, status, body, retryAfterMs) {
  // The others share one form.
  const own = client === 'messages' ? errorEnvelope({ status, body, dialect: client }).body : body;
  return { status, headers: failureHeaders(retryAfterMs), body: Buffer.from(JSON.stringify(own)), isWhole: true };
}

module.exports = { envelope, rejection };
