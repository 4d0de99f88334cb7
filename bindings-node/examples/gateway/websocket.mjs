// The gateway's WebSocket side.
// Input: WebSocket upgrades, and frames of Responses clients. Output: the events of their answers, one per frame.
// State: per connection its conversations and, through its key, the upstream's WebSocket.
import { on } from 'node:events';
import { STATUS_CODES } from 'node:http';
import { SseParser, clientFrame, errorFrame, warmUpFrames, warmUpResponse } from 'sluicegate';
import { WebSocketServer } from 'ws';
import { envelope, failureOf } from './answers.mjs';
import { ConnectionConversation, newId, tenantOf } from './conversations.mjs';
import { Exchange } from './exchange.mjs';
import { refusal } from './guard.mjs';

/** Serves upgrades, or refuses them with 426, on which Codex goes over to HTTP. Gives the connections. */
export function serveWebSockets(server, gateway) {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: gateway.maxBodyBytes });
  const connections = new Set();
  const serve = async (connection) => {
    connections.add(connection);
    await connection.run();
    connections.delete(connection);
  };
  server.on('upgrade', (request, socket, head) => {
    const path = request.url.split('?')[0];
    socket.on('error', () => socket.destroy());
    const isServed = gateway.routes[path]?.hasWebSocket === true;
    const isRefused = refusal(gateway, headersOf(request)) !== null;
    if (isServed && gateway.hasWebSockets && !isRefused) {
      sockets.handleUpgrade(request, socket, head, (client) => serve(new Connection(gateway, client, path, request)));
    } else {
      const status = isRefused ? 403 : isServed ? 426 : 404;
      gateway.log({ method: 'GET', path: isServed ? path : null, status });
      socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    }
  });
  return connections;
}

function headersOf({ headers }) {
  return new Headers(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

class Connection {
  #gateway;
  #client;
  #path;
  #headers;
  #closed = new AbortController();
  #isBusy = false;
  #isEnding = false;
  #conversation;
  /** The upstream's WebSocket of this connection. */
  #key = Symbol('connection');

  constructor(gateway, client, path, request) {
    [this.#gateway, this.#client, this.#path] = [gateway, client, path];
    this.#headers = headersOf(request);
    this.#conversation = new ConnectionConversation(tenantOf(this.#headers, gateway), gateway.store, gateway);
  }

  /** Ends when the answer that is under way has ended. */
  end() {
    this.#isEnding = true;
    if (!this.#isBusy) this.#client.close(1001);
  }

  terminate() {
    this.#client.terminate();
  }

  /** One request after the other. */
  async run() {
    const [client, { heartbeatMs }] = [this.#client, this.#gateway];
    const heartbeat = heartbeatMs > 0 && setInterval(() => client.ping(), heartbeatMs);
    client.on('error', () => client.terminate());
    client.once('close', () => this.#closed.abort());
    try {
      const frames = on(client, 'message', { close: ['close'], highWaterMark: 2, lowWaterMark: 1 });
      for await (const [frame, isBinary] of frames) {
        if (isBinary || this.#isEnding) return client.close(isBinary ? 1003 : 1001);
        this.#isBusy = true;
        await this.#serve(frame);
        this.#isBusy = false;
        if (this.#isEnding) return client.close(1001);
      }
    } catch {
      client.terminate();
    } finally {
      clearInterval(heartbeat);
      this.#gateway.sessions.drop(this.#key);
    }
  }

  async #serve(frame) {
    const log = { method: 'WS', path: this.#path };
    const begun = performance.now();
    const { failure, headers } = await this.#answer(frame, log).catch((error) => ({ failure: failureOf(error, log) }));
    if (failure) await this.#send(errorFrame(failure, headers));
    const [status, isCut] = [failure?.status ?? 200, this.#closed.signal.aborted];
    this.#gateway.log({ ...log, status, isCut, ms: Math.round(performance.now() - begun) });
  }

  /** What went wrong while nothing was sent, and its headers. */
  async #answer(frame, log) {
    const kind = clientFrame(frame);
    if (kind === 'processed') return {};
    if (kind === 'append') return { failure: envelope(400, 'send response.create with previous_response_id', { param: 'type' }) };
    if (kind === 'warm_up') return this.#warmUp(frame);
    const exchange = await Exchange.of(this.#gateway, {
      route: this.#gateway.routes[this.#path],
      body: frame,
      headers: this.#headers,
      downstream: 'ws',
      signal: this.#closed.signal,
      conversation: this.#conversation,
      key: this.#key,
      log,
    });
    const failure = await exchange.settle();
    if (failure !== null) return { failure, headers: exchange.headers };
    const events = new SseParser();
    for await (const part of exchange.body(null)) {
      for (const { data } of events.feed(part)) await this.#send(data);
    }
    return {};
  }

  /** A response id to go on from; the upstream need not know. */
  async #warmUp(frame) {
    const turn = await this.#conversation.resolve(frame);
    const id = newId();
    await this.#conversation.rememberHere(turn, warmUpResponse(id));
    for (const event of warmUpFrames(id)) await this.#send(event);
    return {};
  }

  /** Waits until the client has taken it: a slow client slows the upstream. */
  #send(text) {
    return new Promise((done) => this.#client.send(text, done));
  }
}
