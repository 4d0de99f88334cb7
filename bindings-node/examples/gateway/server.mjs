// Starts the gateway.
// Input: options. Output: a gateway that listens. State: what all its requests share.
import { createAdaptorServer } from '@hono/node-server';
import { Catalog } from 'sluicegate';
import { appOf } from './app.mjs';
import { openStore } from './conversations.mjs';
import { ENDPOINTS, routesOver } from './routes.mjs';
import { Sessions } from './upstream.mjs';
import { serveWebSockets } from './websocket.mjs';

export const DEFAULTS = {
  host: '127.0.0.1',
  port: 8080,
  /** What the upstream speaks: `responses`, or only `chat`. */
  upstreamApi: 'responses',
  store: 'memory',
  /** How long a Redis may take. */
  storeTimeoutMs: 3000,
  /** Whether clients may come over WebSockets. */
  websocket: true,
  /** Whether all clients are one, whose conversations are kept without credentials. */
  singleTenant: false,
  /** A further Host: on the loopback only its own names are served. And the origin of pages that may send requests. */
  allowHost: null,
  allowOrigin: null,
  /** Whether the upstream is asked over one, where the catalog prefers it. */
  upstreamWebsocket: true,
  heartbeatMs: 15_000,
  /** What is known of models; a host may merge the upstream's own list into it. */
  catalog: new Catalog(),
  /** How long a stream's status is held back while nothing has come but that it has begun. */
  holdMs: 30_000,
  maxBodyBytes: 64 * 1024 * 1024,
  /** How long answers may take to end when the gateway is to end. */
  drainMs: 10_000,
  /** Calls the tool that makes images. */
  imageModel: 'gpt-5.5',
  log: (entry) => process.stderr.write(`${JSON.stringify(entry)}\n`),
};

/** `upstream`: the URL under which there is `/responses`, or `/chat/completions`. Gives `{ url, close }`. */
export async function startGateway({ upstream, ...options }) {
  const all = { ...DEFAULTS, ...options };
  const { port, store: given, websocket, upstreamApi, upstreamWebsocket, drainMs, ...own } = all;
  const { store, close: closeStore } = await openStore(given, own);
  const gateway = {
    ...own,
    store,
    routes: routesOver(upstreamApi),
    url: `${upstream.replace(/\/$/, '')}${ENDPOINTS[upstreamApi]}`,
    origin: upstream,
    api: upstreamApi,
    sessions: new Sessions(),
    hasWebSockets: websocket,
    /** No WebSocket upstream, or none any more: it refused one. */
    isLatched: !upstreamWebsocket || upstreamApi === 'chat',
  };
  const server = createAdaptorServer({ fetch: appOf(gateway).fetch, overrideGlobalObjects: false });
  const connections = serveWebSockets(server, gateway);
  await new Promise((done, fail) => server.once('error', fail).listen(port, own.host, done));
  const close = async () => {
    await drained(server, connections, drainMs);
    gateway.sessions.close();
    await closeStore();
  };
  const { address, port: bound } = server.address();
  return { url: `http://${address.includes(':') ? `[${address}]` : address}:${bound}`, close };
}

/** No new connections; those that are busy have some time. */
async function drained(server, connections, ms) {
  const closed = new Promise((done) => server.close(done));
  for (const connection of connections) connection.end();
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const late = setTimeout(() => {
    server.closeAllConnections();
    for (const connection of connections) connection.terminate();
  }, ms);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
}
