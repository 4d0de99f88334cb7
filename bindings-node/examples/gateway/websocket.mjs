// Enters: WebSocket upgrades, and frames of clients that speak Responses. Leaves: the events of their answers, a frame
// each. Kept per connection: its conversations, and through its key the upstream's WebSocket.
import { once, on } from 'node:events';
import { randomUUID } from 'node:crypto';
import { SseParser, clientFrame, errorFrame } from 'sluicegate';
import { WebSocketServer } from 'ws';
import { envelope, ownFailure } from './answers.mjs';
import { ConnectionStore, Conversation, tenantOf } from './conversations.mjs';
import { Exchange } from './exchange.mjs';
import { ROUTES } from './routes.mjs';

/** Serves upgrades, or refuses them with 426, on which Codex goes over to HTTP. Gives what closes the sockets. */
export function serveWebSockets(server, gateway) {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: gateway.maxBodyBytes });
  server.on('upgrade', (request, socket, head) => {
    const path = request.url.split('?')[0];
    socket.on('error', () => socket.destroy());
    const refusal = !ROUTES[path]?.hasWebSocket ? '404 Not Found' : gateway.hasWebSockets ? null : '426 Upgrade Required';
    if (refusal !== null) {
      gateway.log({ method: 'GET', path, status: Number(refusal.slice(0, 3)) });
      socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    } else {
      sockets.handleUpgrade(request, socket, head, (client) => new Connection(gateway, client, path, request).run());
    }
  });
  return () => sockets.clients.forEach((client) => client.close(1001));
}

class Connection {
  #gateway;
  #client;
  #path;
  #headers;
  #closed = new AbortController();
  #conversation;
  /** The upstream's WebSocket of this connection. */
  #key = Symbol('connection');

  constructor(gateway, client, path, { headers }) {
    [this.#gateway, this.#client, this.#path] = [gateway, client, path];
    this.#headers = new Headers(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    const tenant = tenantOf(this.#headers);
    const shared = new Conversation(tenant, gateway.store, gateway);
    const store = new ConnectionStore(gateway.store);
    const own = new Conversation(tenant, store, { ...gateway, recordUnstored: true });
    this.#conversation = {
      resolve: (body) => own.resolve(body),
      remember: async (turn, response) => {
        await own.remember(turn, response);
        return shared.remember(turn, response);
      },
    };
  }

  /** One request after the other. */
  async run() {
    const client = this.#client;
    const isAlive = setInterval(() => client.ping(), this.#gateway.heartbeatMs || 2 ** 30);
    client.on('error', () => client.terminate());
    client.once('close', () => this.#closed.abort());
    try {
      const frames = on(client, 'message', { close: ['close'], highWaterMark: 2, lowWaterMark: 1 });
      for await (const [frame, isBinary] of frames) {
        if (isBinary) return client.close(1003);
        await this.#serve(frame);
      }
    } catch {
      client.terminate();
    } finally {
      clearInterval(isAlive);
      this.#gateway.sessions.drop(this.#key);
    }
  }

  async #serve(frame) {
    const log = { method: 'WS', path: this.#path };
    const begun = performance.now();
    try {
      const failure = await this.#answer(frame, log);
      if (failure) await this.#send(errorFrame(failure));
      log.status = failure?.status ?? 200;
    } catch (error) {
      const failure = ownFailure(error) ?? envelope(500, 'the gateway failed');
      Object.assign(log, { status: failure.status, class: failure.class });
      if (failure.status === 500) log.bug = error.stack;
      await this.#send(errorFrame(failure));
    } finally {
      this.#gateway.log({ ...log, isCut: this.#closed.signal.aborted, ms: Math.round(performance.now() - begun) });
    }
  }

  /** What went wrong while nothing was sent, or null. */
  async #answer(frame, log) {
    const kind = clientFrame(frame);
    if (kind === 'processed') return null;
    if (kind === 'append') return envelope(400, 'send response.create with previous_response_id', { param: 'type' });
    if (kind === 'warm_up') return this.#warmUp(frame);
    const exchange = await Exchange.of(this.#gateway, {
      route: ROUTES[this.#path],
      body: frame,
      headers: this.#headers,
      downstream: 'ws',
      signal: this.#closed.signal,
      conversation: this.#conversation,
      key: this.#key,
      log,
    });
    const settled = exchange.settle();
    const failure = await settled;
    if (failure !== null) return failure;
    const events = new SseParser();
    for await (const part of exchange.body(settled)) {
      for (const { data } of events.feed(part)) await this.#send(data);
    }
    return null;
  }

  /** A response id to go on from; the upstream need not know. */
  async #warmUp(frame) {
    const turn = await this.#conversation.resolve(frame);
    const response = { id: `resp_warm_${randomUUID()}`, object: 'response', status: 'completed', output: [] };
    await this.#conversation.remember(turn, response);
    await this.#send(JSON.stringify({ type: 'response.created', response: { ...response, status: 'in_progress' } }));
    await this.#send(JSON.stringify({ type: 'response.completed', response }));
    return null;
  }

  /** Waits until the client has taken it: a slow client slows the upstream. */
  #send(text) {
    return new Promise((done) => this.#client.send(text, done));
  }
}
