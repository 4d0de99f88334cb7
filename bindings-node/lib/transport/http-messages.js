'use strict';
// HTTP requests and responses, as fetch has them.
// Input: what a fetch was called with; an answer. Output: what the upstream's is called with; a Response.
// State: none.

/** Of a Request, what its next one must have too. */
const CARRIED = ['cache', 'credentials', 'integrity', 'keepalive', 'mode', 'redirect', 'referrer', 'referrerPolicy'];

/** Headers of how the upstream's bytes came, or that the answer sets itself. */
const NOT_PASSED = new Set([
  ...['content-type', 'content-length', 'content-encoding', 'transfer-encoding', 'connection'],
  ...['retry-after', 'retry-after-ms'],
]);

/** A call of fetch, as fetch reads it: what `init` has counts, else what a Request has, of whatever class. */
function asked(input, init) {
  const request = typeof input?.url === 'string' ? input : {};
  const given = init ?? {};
  const carried = CARRIED.filter((name) => request[name] !== undefined).map((name) => [name, request[name]]);
  return {
    url: request.url ?? String(input),
    method: String(given.method ?? request.method ?? 'GET').toUpperCase(),
    headers: given.headers ?? request.headers,
    body: given.body ?? request.body ?? '',
    signal: (given.signal === undefined ? request.signal : given.signal) ?? null,
    init: { ...Object.fromEntries(carried), ...given },
  };
}

/** All of a body, of any kind that fetch takes. */
async function bodyOf({ body }) {
  return typeof body === 'string' ? body : new Uint8Array(await new Response(body).arrayBuffer());
}

/** The arguments of the upstream's fetch. The body is a string: Node's fetch cannot send bytes again to where a redirect leads. */
function sent({ init, headers }, path, call, signal) {
  const body = new TextDecoder().decode(call.body);
  return [path.upstream, { ...init, method: 'POST', headers: call.headers(headers), body, signal }];
}

/** `theirs`: the upstream's headers; `body`: the stream of an answer that is not whole. */
function response(answer, theirs = [], body = answer.body) {
  const headers = new Headers();
  for (const [name, value] of theirs) {
    if (!NOT_PASSED.has(name.toLowerCase())) headers.append(name, value);
  }
  for (const [name, value] of Object.entries(answer.headers)) headers.set(name, value);
  return new Response(body, { status: answer.status, headers });
}

module.exports = { asked, bodyOf, response, sent };
