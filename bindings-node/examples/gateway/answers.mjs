// Responses of the gateway.
// Input: what an exchange came to. Output: a Response. State: none.
import { ChatTranscoder, SluicegateError, contentType, errorEnvelope, failureHeaders } from 'sluicegate';

/** A failure with its HTTP status; `failure` is an envelope. */
export function failed({ status, body, retry_after_ms: retryMs }, headers = {}) {
  return new Response(JSON.stringify(body), { status, headers: { ...headers, ...failureHeaders(retryMs) } });
}

/** What was thrown, as an envelope: a request that must not be sent, a store that is down, or a fault of this code. */
export function failureOf(error, log) {
  const failure = rejection(error) ?? envelope(500, 'the gateway failed');
  log.class = failure.class;
  if (failure.status === 500) log.fault = `${error.name} ${whereOf(error)}`;
  return failure;
}

/** Not the message, in which there could be content. */
function whereOf({ stack = '' }) {
  return /^ +at .*$/m.exec(stack)?.[0].trim() ?? '';
}

function rejection(error) {
  if (!(error instanceof SluicegateError)) return null;
  if (error.code === 'store') return envelope(503, 'the conversations cannot be read now', { code: 'store' });
  return error.envelope && errorEnvelope({ status: error.status, body: error.envelope });
}

export function envelope(status, message, { param = null, code = null } = {}) {
  const type = status < 500 ? 'invalid_request_error' : 'server_error';
  return errorEnvelope({ status, body: { error: { message, type, param, code } } });
}

/** All of an answer. */
export async function whole(body, headers) {
  const parts = [];
  for await (const part of body) parts.push(part);
  return new Response(Buffer.concat(parts), { headers: { ...headers, 'content-type': contentType(false) } });
}

/** An answer as it arrives, with a heartbeat in every silence of so many milliseconds (0: none). */
export function streamed(body, headers, heartbeatMs) {
  const own = { 'content-type': contentType(true), 'cache-control': 'no-cache', 'x-accel-buffering': 'no' };
  let next = null;
  const pull = async (controller) => {
    next ??= body.next();
    const step = await soon(next, heartbeatMs);
    if (step === undefined) return controller.enqueue(ChatTranscoder.heartbeat());
    next = null;
    if (step.done) controller.close();
    else controller.enqueue(step.value);
  };
  // Nothing is read ahead: a slow client slows the upstream. One that leaves ends the exchange by its signal.
  return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }), { headers: { ...headers, ...own } });
}

/** What a promise comes to, or undefined if that takes longer than `ms`; 0: whenever it comes. */
export async function soon(promise, ms) {
  if (ms === 0) return promise;
  let timer;
  const late = new Promise((done) => (timer = setTimeout(done, ms)));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
