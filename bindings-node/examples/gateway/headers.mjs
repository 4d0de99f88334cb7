// Which headers are passed on: lists in both directions.
// Input: the headers of one side. Output: those for the other side. State: none.

/** Who is asked for, to the upstream; together they make the tenant. */
export const CREDENTIALS = [
  'authorization',
  'api-key',
  'x-api-key',
  'chatgpt-account-id',
  'openai-organization',
  'openai-project',
];

/** Of any client, to any upstream. */
const TO_ANY = /^(authorization|api-key|x-api-key|openai-(organization|project)|user-agent|x-client-request-id|idempotency-key|traceparent|tracestate|baggage)$/;
/** Of the Codex CLI and the clients of Responses. */
const TO_RESPONSES = /^(chatgpt-account-id|(session|thread|conversation)[-_]id|originator|version|accept-language)$|^(openai|x-codex|x-openai|x-stainless)-/;
/** What an upstream reports of the account, the model and the request. */
const TO_CLIENT = /^x-(request-id|oai-request-id|models-etag|reasoning-included|should-retry)$|^(openai|x-codex|x-ratelimit)-/;

/** Names a ChatGPT account; with it, `authorization` is a ChatGPT login, which no other server must see. */
const ACCOUNT = 'chatgpt-account-id';
/** The profile's values of these do not replace the client's. */
const CLIENTS_OWN = ['originator', 'version'];

/** Marks requests whose tools and instructions are in their input. */
export const LITE = 'x-openai-internal-codex-responses-lite';

/** The client's, its credentials with them, and what the upstream expects; `api`: what the upstream speaks. */
export function upstreamHeaders(headers, { api, profile, transport }) {
  const isLogin = api === 'chat' && headers.has(ACCOUNT);
  const passes = (name) => {
    if (name === 'authorization' && isLogin) return false;
    return TO_ANY.test(name) || (api === 'responses' && TO_RESPONSES.test(name));
  };
  const passed = listed(headers, passes);
  const expected = Object.entries(profile.headers(transport));
  const filled = expected.filter(([name]) => !CLIENTS_OWN.includes(name) || !(name in passed));
  const type = transport === 'http' ? { 'content-type': 'application/json' } : {};
  return { ...passed, ...type, ...Object.fromEntries(filled) };
}

/** Those of an upstream that the client gets. */
export function clientHeaders(headers) {
  return listed(headers, (name) => TO_CLIENT.test(name));
}

/** What `Connection` names is of the connection, whatever it is. */
function listed(headers, passes) {
  const all = new Headers([...headers]);
  const own = (all.get('connection') ?? '').toLowerCase().split(',').map((name) => name.trim());
  return Object.fromEntries([...all].filter(([name]) => passes(name) && !own.includes(name)));
}
