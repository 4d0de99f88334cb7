// The gateway's HTTP side.
// Input: HTTP requests. Output: answers. State: none; what outlives a request is the gateway's.
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { imagesRequest } from 'sluicegate';
import { envelope, failed, failureOf, soon, streamed, whole } from './answers.mjs';
import { compactionRequest } from './compaction.mjs';
import { Conversation, tenantOf } from './conversations.mjs';
import { ACCEPTED, decoded } from './encodings.mjs';
import { Exchange } from './exchange.mjs';
import { refusal } from './guard.mjs';
import { LITE } from './headers.mjs';

const MODELS = ['/v1/models', '/backend-api/codex/models'];

export function appOf(gateway) {
  const app = new Hono();
  app.use(watched(gateway));
  app.use(guarded(gateway));
  const limited = bodyLimit({ maxSize: gateway.maxBodyBytes, onError: () => failed(envelope(413, 'the body is too large')) });
  for (const [path, route] of Object.entries(gateway.routes)) app.post(path, limited, (c) => serve(gateway, route, c));
  for (const path of MODELS) app.get(path, (c) => models(gateway, c));
  app.get('/healthz', (c) => c.json({ ok: true }));
  for (const path of served(gateway)) app.all(path, () => failed(envelope(405, 'not by this method')));
  app.notFound(() => failed(envelope(404, 'there is no such path here')));
  app.onError((error, c) => failed(failureOf(error, c.get('log'))));
  return app;
}

/** One line for each request when it is over: it has its answer, or the client is gone. */
function watched(gateway) {
  // Any other path could contain anything, and is not logged.
  const paths = new Set(served(gateway));
  return async (c, next) => {
    const log = { method: c.req.method, path: paths.has(c.req.path) ? c.req.path : null };
    const { outgoing } = c.env;
    const [begun, over] = [performance.now(), new AbortController()];
    c.set('log', log);
    c.set('signal', over.signal);
    outgoing.once('close', () => {
      over.abort();
      const status = outgoing.headersSent ? outgoing.statusCode : null;
      gateway.log({ ...log, status, isCut: !outgoing.writableFinished, ms: Math.round(performance.now() - begun) });
    });
    await next();
  };
}

function served({ routes }) {
  return [...Object.keys(routes), ...MODELS, '/healthz'];
}

function guarded(gateway) {
  return async (c, next) => {
    const refused = refusal(gateway, c.req.raw.headers);
    return refused === null ? next() : failed(refused);
  };
}

async function serve(gateway, route, c) {
  const sent = new Uint8Array(await c.req.arrayBuffer());
  const given = await decoded(sent, c.req.header('content-encoding'), gateway.maxBodyBytes);
  if (given.failure !== undefined) return failed(given.failure, given.failure.status === 415 ? ACCEPTED : {});
  const { body, failure } = requested(gateway, route, given);
  if (failure !== undefined) return failed(failure);
  const { headers } = c.req.raw;
  const tenant = tenantOf(headers, gateway);
  const exchange = await Exchange.of(gateway, {
    route,
    body,
    headers,
    downstream: 'http',
    signal: c.get('signal'),
    conversation: route.isContinued ? new Conversation(tenant, gateway.store, gateway) : null,
    key: conversationKey(tenant, headers),
    log: c.get('log'),
  });
  return answer(gateway, exchange);
}

/** The request in the dialect of Responses, where it came by another endpoint. */
function requested(gateway, { client }, { body }) {
  if (client === 'compact') return compactionRequest(body);
  return { body: client === 'images' ? imagesRequest(body, gateway.imageModel) : body };
}

async function answer(gateway, exchange) {
  const settled = exchange.settle();
  const failure = await soon(settled, exchange.isStream ? gateway.holdMs : 0);
  if (failure) return failed(failure, exchange.headers);
  const body = exchange.body(settled);
  return exchange.isStream ? streamed(body, exchange.headers, gateway.heartbeatMs) : whole(body, exchange.headers);
}

/** Codex names its conversations; others have a WebSocket for each request. */
function conversationKey(tenant, headers) {
  const session = headers.get('session-id') ?? headers.get('session_id');
  // A Lite request can only go whole: the tools and instructions that mark it are in its input.
  return tenant === null || session === null || headers.has(LITE) ? null : `${tenant} ${session}`;
}

/** Without one of these Codex reads no model at all. */
const NEEDED_BY_CODEX = [
  ...['slug', 'display_name', 'supported_reasoning_levels', 'shell_type', 'visibility', 'supported_in_api', 'priority'],
  ...['base_instructions', 'support_verbosity', 'truncation_policy', 'experimental_supported_tools'],
];

/** Codex asks with its version, and forgets its own prompt of a model that is listed: one that lacks something is left out. */
function models(gateway, c) {
  const isCodex = c.req.path.startsWith('/backend-api') || c.req.query('client_version') !== undefined;
  const list = JSON.parse(gateway.catalog.toJson(isCodex ? 'codex' : 'openai'));
  const isWhole = (model) => NEEDED_BY_CODEX.every((name) => (model[name] ?? null) !== null);
  return c.json(isCodex ? { ...list, models: list.models.filter(isWhole) } : list);
}
