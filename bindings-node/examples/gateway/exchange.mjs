// One request and its answer. HTTP and WebSocket clients are served alike, over either upstream.
// Input: a client's request. Output: a failure to answer with a status, or the client's answer as it arrives.
// State: what is known of the answer so far.
import { Page, afterFailure, convertRequest, errorFrame, frameHeaders, httpBody } from 'sluicegate';
import { failureOf as thrown } from './answers.mjs';
import { newId } from './conversations.mjs';
import { clientHeaders, upstreamHeaders } from './headers.mjs';
import { failureOf, readerFor } from './readers.mjs';
import { overHttp, overWebSocket } from './upstream.mjs';

const MAX_RETRIES = 2;
/** So much is held back while nothing but comments came. */
const MAX_HELD_BYTES = 64 * 1024;
const NEXT = { retry_http_full: 'http', retry_ws_full: 'websocket' };

/**
 * One request and its answer.
 *
 * `request`: `{ route, body, headers, downstream, signal, conversation, key, log }`. The signal gives it up;
 * `conversation` expands and records, or is null; `key` names an upstream WebSocket to go on with, or is null;
 * `log` takes what is worth telling.
 */
export class Exchange {
  #gateway;
  #request;
  #turn;
  #model;
  #route;
  #body;
  #normalized;
  #reader = null;
  #source = null;
  #headers = [];
  #head = [];
  /** What the body is, until that is known. */
  #page = null;
  #isOver = false;

  /** Throws a SluicegateError with the envelope to answer, where the request must not be sent. */
  static async of(gateway, request) {
    const { conversation, body } = request;
    const turn = conversation === null ? { body } : await conversation.resolve(body);
    return new Exchange(gateway, request, turn);
  }

  constructor(gateway, request, turn) {
    [this.#gateway, this.#request, this.#turn] = [gateway, request, turn];
    const options = { downstream: request.downstream, httpLatched: gateway.isLatched };
    ({ route: this.#route, model: this.#model, body: this.#body } = gateway.catalog.routeRequest(turn.body, options));
    this.#normalized = { [this.#route.transport]: this.#normalize(this.#route.transport) };
    const { changes } = this.#normalized[this.#route.transport];
    Object.assign(request.log, { reason: this.#route.reason, changes: changes.length });
  }

  /** A WebSocket has nothing but streams. */
  get isStream() {
    return this.#request.downstream === 'ws' || this.#normalized[this.#route.transport].context.stream;
  }

  /** The upstream's headers, once the status is settled. */
  get headers() {
    return clientHeaders(this.#headers);
  }

  /** Sends, and reads until the status is known. Null, or the failure to answer with: nothing was passed on then. */
  async settle() {
    const { log, signal } = this.#request;
    let { transport } = this.#route;
    for (let retries = 0; ; retries += 1) {
      Object.assign(log, { transport, retries, class: undefined });
      const failure = await this.#attempt(transport, retries > 0).catch((error) => thrown(error, log));
      if (failure === null || signal.aborted) return failure;
      log.class = failure.class;
      if (transport === 'websocket' && failure.status === 426) this.#gateway.isLatched = true;
      const next = afterFailure(transport, failure, false);
      if (next === 'surface' || retries === MAX_RETRIES) return failure;
      transport = NEXT[next];
    }
  }

  /** The answer, as it arrives. `settled`: what `settle` gives; a failure is sent in the stream. */
  async *body(settled) {
    const failure = await settled;
    if (failure !== null) return yield this.#failureEvent(failure);
    yield Buffer.concat(this.#head);
    while (!this.#isOver) {
      const out = await this.#next();
      if (out.length > 0) yield out;
    }
  }

  #normalize(transport) {
    const { dialect: client, profile } = this.#request.route;
    const { api: upstream, origin } = this.#gateway;
    const body = this.#isFrameFor(transport) ? httpBody(this.#body) : this.#body;
    return convertRequest(body, { client, upstream, profile, transport, origin, historyOrigin: this.#turn.origin });
  }

  /** Whether a frame has to become a body. */
  #isFrameFor(transport) {
    return this.#request.downstream === 'ws' && transport === 'http';
  }

  #readerOf(context) {
    const { route } = this.#request;
    const options = {
      context,
      model: this.#model,
      applyStop: true,
      previousResponseId: this.#turn.previousResponseId,
      // Of an answer that is recorded: an upstream's id may come twice, or be guessed.
      id: route.isContinued ? newId() : null,
      created: Math.floor(Date.now() / 1000),
    };
    return readerFor(route, this.#gateway.api, this.isStream, options);
  }

  async #attempt(transport, isRetry) {
    const { url, sessions } = this.#gateway;
    const { signal, key } = this.#request;
    const { body, context } = (this.#normalized[transport] ??= this.#normalize(transport));
    this.#reader = this.#readerOf(context);
    [this.#head, this.#isOver, this.#page] = [[], false, new Page()];
    const sent = { url, headers: this.#headersFor(transport), body, signal };
    this.#source = await (transport === 'http' ? overHttp(sent) : overWebSocket(sent, sessions, key, isRetry));
    this.#headers = this.#source.headers;
    return this.#source.failure ?? (await this.#peek());
  }

  #headersFor(transport) {
    const { route, headers } = this.#request;
    const framed = this.#isFrameFor(transport) ? Object.entries(frameHeaders(this.#body)) : [];
    const theirs = new Headers([...headers, ...framed]);
    return upstreamHeaders(theirs, { api: this.#gateway.api, profile: route.profile, transport });
  }

  /** Reads until something is passed on, or goes wrong. */
  async #peek() {
    const isOpen = () => !this.#reader.hasOutput && failureOf(this.#reader) === null;
    let held = 0;
    while (!this.#isOver && held < MAX_HELD_BYTES && isOpen()) {
      const next = await this.#next();
      if (next.length > 0) this.#head.push(next);
      held += next.length;
    }
    return this.#reader.hasOutput ? null : failureOf(this.#reader);
  }

  /** What the client must be sent next, possibly nothing. The turn is recorded before it can know of its end. */
  async #next() {
    const [reader, { parts, isFrames }] = [this.#reader, this.#source];
    const { done, value } = await parts.next().catch(() => ({ done: true }));
    const outs = done ? [] : [isFrames ? reader.feedEvent(value) : reader.feed(value)];
    // An upstream may stay open after its answer; a WebSocket does.
    this.#isOver = done || reader.outcome !== null || (!isFrames && this.#isVain(value));
    // A WebSocket has the headers of its failures in frames.
    if (isFrames && !done && reader.outcome?.failure && !reader.hasOutput) this.#headers = new Headers(frameHeaders(value));
    if (this.#isOver) {
      outs.push(reader.finish());
      await this.#end(reader.outcome);
    }
    return Buffer.concat(outs);
  }

  /** Whether the body is no answer, and no more of it worth reading: one that is no stream and no JSON may go on for ever. */
  #isVain(chunk) {
    if (this.#page === null) return false;
    this.#page.feed(chunk);
    const { kind, isFull } = this.#page;
    const mayAnswer = kind === 'stream' || kind === 'document';
    if (mayAnswer) this.#page = null;
    return isFull && !mayAnswer;
  }

  /** Once, when nothing more is to be read. */
  async #end({ status, notes, failure }) {
    const { conversation, log } = this.#request;
    Object.assign(log, { outcome: status, notes: notes.length, class: failure?.class });
    this.#source.close(status === 'completed');
    if (conversation === null || status !== 'completed') return;
    log.unrecorded = (await conversation.remember(this.#turn, this.#reader.response())) ?? undefined;
  }

  /** A failure when the status is sent already. */
  #failureEvent(failure) {
    const reader = this.#readerOf(this.#normalized[this.#route.transport].context);
    return Buffer.concat([reader.feedEvent(errorFrame(failure)), reader.finish()]);
  }
}
