'use strict';
// WebSocket frames, without a socket.
// Input: request bodies; frames of either side. Output: a body as a frame, in text; a frame as a body, in bytes; what
// to do after a failure. State: in a Baseline what the upstream has.

const { attempt, bytes, document, headersInTurns, inTurns, isObject, optionsJson, text, written } = require('./arguments.js');
const native = require('./native.js');

/** The addon's object of a baseline. */
let nativeOf;

class Baseline {
  #native;

  static {
    nativeOf = (baseline) => baseline.#native;
  }

  constructor(request) {
    const given = document(request, 'request');
    this.#native = attempt(() => new native.Baseline(given));
  }

  frame(frame) {
    const given = typeof frame === 'string' ? frame : bytes(frame, 'frame');
    attempt(() => this.#native.frame(given));
  }

  close() {
    attempt(() => this.#native.close());
  }

  get responseId() {
    return attempt(() => this.#native.responseId);
  }
}

function wsRequest(body, baseline) {
  const given = document(body, 'body');
  if (baseline === undefined || baseline === null) return attempt(() => native.wsRequest(given));
  if (!(baseline instanceof Baseline)) throw new TypeError('baseline must be a Baseline');
  return attempt(() => nativeOf(baseline).wsRequest(given));
}

function httpBody(frame) {
  const given = document(frame, 'frame');
  return attempt(() => native.httpBody(given));
}

function clientFrame(frame) {
  const given = document(frame, 'frame');
  return attempt(() => native.clientFrame(given));
}

function frameHeaders(frame) {
  const given = document(frame, 'frame');
  return inTurns(attempt(() => native.frameHeaders(given)));
}

function warmUpFrames(responseId) {
  const id = text(responseId, 'responseId');
  return attempt(() => native.warmUpFrames(id));
}

function warmUpResponse(responseId) {
  const id = text(responseId, 'responseId');
  return attempt(() => native.warmUpResponse(id));
}

function afterFailure(transport, envelope, committed) {
  const over = optionsJson({ transport: text(transport, 'transport') });
  const failure = envelopeJson(envelope);
  if (typeof committed !== 'boolean') throw new TypeError('committed must be a boolean');
  return attempt(() => native.afterFailure(over, failure, committed));
}

function errorFrame(envelope, headers) {
  const failure = envelopeJson(envelope);
  const given = headersInTurns(headers ?? {});
  return attempt(() => native.errorFrame(failure, given));
}

function envelopeJson(envelope) {
  const json = isObject(envelope) ? written(envelope) : undefined;
  if (json === undefined) throw new TypeError('envelope must be what errorEnvelope gave');
  return json;
}

module.exports = {
  Baseline,
  afterFailure,
  clientFrame,
  errorFrame,
  frameHeaders,
  httpBody,
  warmUpFrames,
  warmUpResponse,
  wsRequest,
};
