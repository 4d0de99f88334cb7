// Which headers are passed on.
// Input: the headers of one side. Output: those for the other side. State: none.

/** Of the connection, or of a body that is another one now. */
const OWN = /^(host|connection|keep-alive|upgrade|te|trailer|transfer-encoding|expect|origin|cookie|forwarded)$/;
const OWN_FAMILY = /^(accept|content-|proxy-|sec-|x-forwarded-)/;

/** Marks requests whose tools and instructions are in their input. */
export const LITE = 'x-openai-internal-codex-responses-lite';
const LITE_MEMBER = `ws_request_header_${LITE.replaceAll('-', '_')}`;

/** Those of a connection, and what a frame has in place of a header: its body will not have it. */
export function frameHeaders(headers, frame) {
  const isLite = JSON.parse(Buffer.from(frame).toString()).client_metadata?.[LITE_MEMBER] === 'true';
  return isLite ? new Headers([...headers, [LITE, 'true']]) : headers;
}

/** The client's, its authorization with them, and what the backend expects. */
export function upstreamHeaders(headers, profile, transport) {
  const passed = [...headers].filter(([name]) => !OWN.test(name) && !OWN_FAMILY.test(name));
  const type = transport === 'http' ? { 'content-type': 'application/json' } : {};
  return { ...Object.fromEntries(passed), ...type, ...profile.headers(transport) };
}

/** What the upstream reports of the account, the model and the request. */
export function clientHeaders(headers) {
  return Object.fromEntries([...headers].filter(([name]) => /^(x-|openai-)/.test(name)));
}
