// Sends requests upstream.
// Input: a request that the backend takes. Output: a failure, or the chunks or frames of the answer.
// State: idle WebSockets, each with what the backend has of its conversation.
import { on, once } from 'node:events';
import { Baseline, errorEnvelope, wsRequest } from 'sluicegate';
import { WebSocket } from 'ws';
import { soon } from './answers.mjs';

const HANDSHAKE_MS = 15_000;
const LINGER_MS = 1000;
const MAX_FAILURE_BYTES = 64 * 1024;
const MAX_FRAME_BYTES = 64 * 1024 * 1024;
/** A WebSocket stops being read at so many unread frames. */
const MARKS = { highWaterMark: 16, lowWaterMark: 4 };

/**
 * Over HTTP. What is given: `{ failure, headers, isFrames, parts, close }`; a `failure` is an envelope, and there are
 * no `parts` then. `parts` is an async iterator; `close(isWhole)` must be called when they are read or given up.
 */
export async function overHttp({ url, headers, body, signal }) {
  const own = new AbortController();
  const unlink = linked(signal, () => own.abort());
  const sent = { method: 'POST', headers, body, signal: own.signal, redirect: 'manual' };
  const response = await fetch(url, sent).catch(unreachable);
  if (response.failure !== undefined) return response;
  if (!response.ok || response.body === null) return refused(response.status, response.headers, response.body ?? []);
  const parts = response.body[Symbol.asyncIterator]();
  const close = async (isWhole) => {
    unlink();
    // The connection can serve again if its end comes now; some upstreams never end it.
    if (isWhole) await soon(parts.next(), LINGER_MS).catch(() => {});
    own.abort();
  };
  return { failure: null, headers: response.headers, isFrames: false, parts, close };
}

/** Calls when the signal aborts, until unlinked. */
function linked(signal, giveUp) {
  if (signal.aborted) giveUp();
  signal.addEventListener('abort', giveUp, { once: true });
  return () => signal.removeEventListener('abort', giveUp);
}

/** Over a WebSocket: one of `sessions` that is idle under this key, or a new one, as for every retry. */
export async function overWebSocket({ url, headers, body, signal }, sessions, key, isRetry) {
  const idle = isRetry ? undefined : sessions.take(key);
  const session = idle ?? (await Session.open(url.replace(/^http/, 'ws'), headers, signal));
  if (session.failure !== undefined) return session;
  const unlink = linked(signal, () => session.close());
  const close = async (isWhole) => {
    unlink();
    if (isWhole && !signal.aborted) sessions.give(key, session);
    else session.close();
  };
  return { failure: null, headers: new Headers(), isFrames: true, parts: session.ask(body), close };
}

async function refused(status, headers, body) {
  const nowMs = Date.now();
  return { failure: errorEnvelope({ status, headers, body: await begun(body), nowMs }), headers };
}

/** As much of a failure as is worth reading. */
async function begun(body) {
  const chunks = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= MAX_FAILURE_BYTES) break;
    }
  } catch {
    // what came is enough
  }
  return Buffer.concat(chunks).subarray(0, MAX_FAILURE_BYTES);
}

/** The error's own message may have an address in it. */
function unreachable(error) {
  const code = error.cause?.code ?? error.code ?? error.name;
  const message = `cannot reach the upstream (${code})`;
  const body = { error: { message, type: 'server_error', param: null, code: null } };
  return { failure: errorEnvelope({ status: 502, body }), headers: new Headers() };
}

/** One WebSocket to the backend. It answers one request at a time. */
class Session {
  #socket;
  #messages;
  #baseline = null;
  /** Messages that came and were not read: what comes while nothing is asked is no answer to what is asked next. */
  #unread = 0;

  constructor(socket) {
    this.#socket = socket;
    this.#messages = on(socket, 'message', { close: ['close'], ...MARKS });
    socket.on('message', () => (this.#unread += 1));
    socket.on('error', () => this.close());
  }

  /** A session, or what the upstream answered instead. */
  static async open(url, headers, signal) {
    const options = { headers, handshakeTimeout: HANDSHAKE_MS, maxPayload: MAX_FRAME_BYTES };
    const socket = new WebSocket(url, options);
    const unlink = linked(signal, () => socket.terminate());
    const refusal = new Promise((settle) => {
      socket.once('unexpected-response', (request, response) => {
        settle(refused(response.statusCode, response.headers, response).finally(() => request.destroy()));
      });
    });
    const session = once(socket, 'open').then(() => new Session(socket), unreachable);
    return Promise.race([session, refusal]).finally(unlink);
  }

  /** Whether it can answer a further request. */
  get isOpen() {
    return this.#socket.readyState === WebSocket.OPEN && this.#unread === 0;
  }

  /** The frames that answer a request. Only its new end is sent, where the backend has the rest. */
  async *ask(body) {
    this.#socket.send(wsRequest(body, this.#baseline));
    this.#baseline = new Baseline(body);
    for (;;) {
      const { done, value } = await this.#messages.next();
      if (done) return;
      this.#unread -= 1;
      const frame = value[0].toString();
      this.#baseline.frame(frame);
      yield frame;
    }
  }

  close() {
    this.#baseline?.close();
    this.#socket.terminate();
  }
}

/** Sessions that wait for the next request of their conversation. */
export class Sessions {
  static #IDLE_MS = 60_000;
  static #MOST = 1000;
  #idle = new Map();

  /** Undefined where there is none. */
  take(key) {
    const { session, timer } = this.#idle.get(key) ?? {};
    clearTimeout(timer);
    this.#idle.delete(key);
    if (session?.isOpen) return session;
    session?.close();
    return undefined;
  }

  /** With a null key nobody would come for it. */
  give(key, session) {
    const isWanted = key !== null && session.isOpen && this.#idle.size < Sessions.#MOST;
    if (!isWanted || this.#idle.has(key)) return session.close();
    const timer = setTimeout(() => this.drop(key), Sessions.#IDLE_MS).unref();
    this.#idle.set(key, { session, timer });
  }

  drop(key) {
    this.take(key)?.close();
  }

  close() {
    for (const key of [...this.#idle.keys()]) this.drop(key);
  }
}
