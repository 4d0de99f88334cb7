// The Codex backend over WebSocket: `response.create` in, the events of the stream out, a text frame each.
// Kept per connection: the ids of its responses, which is all that a later `previous_response_id` can name.
import { answer, encoded } from './strict-answers.mjs';
import { invalid } from './strict-errors.mjs';
import { FrameReader, Violation, acceptOf, closing, frame } from './strict-frames.mjs';
import { check } from './strict-rules.mjs';

/**
 * Takes an upgrade over. `backend` has what both transports share: `nextId()`, `record(request)`, `websocketModels`, `itemsOf`.
 */
export function upgrade(request, socket, head, backend) {
  const accept = acceptOf(request.headers['sec-websocket-key']);
  const headers = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`];
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headers.join('\r\n')}\r\n\r\n`);
  new Connection(request, socket, backend).read(head);
}

class Connection {
  #request;
  #socket;
  #backend;
  #reader = new FrameReader();
  #responses = new Set();
  /** One response at a time, in the order of the requests. */
  #turn = Promise.resolve();

  constructor(request, socket, backend) {
    this.#request = request;
    this.#socket = socket;
    this.#backend = backend;
    socket.on('data', (bytes) => this.read(bytes));
  }

  read(bytes) {
    try {
      for (const { name, payload } of this.#reader.feed(bytes)) MESSAGES[name](this, payload);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      this.close(closing(error.code));
    }
  }

  write(name, payload) {
    return new Promise((done) => this.#socket.write(frame(name, payload), done));
  }

  close(payload) {
    this.#socket.removeAllListeners('data').resume();
    this.#socket.end(frame('close', payload));
  }

  /** Answers a request when those before it are answered. */
  queue(text) {
    this.#backend.record({ transport: 'websocket', request: this.#request, text });
    this.#turn = this.#turn.then(() => this.#answer(text));
  }

  async #answer(text) {
    const refusal = check(text, { transport: 'websocket', websocketModels: this.#backend.websocketModels });
    if (refusal !== null) return this.#refuse(refusal);
    const request = JSON.parse(text);
    const { previous_response_id: previous } = request;
    if (previous !== undefined && !this.#responses.has(previous)) return this.#refuse(notFound(previous));
    const id = this.#backend.nextId();
    const given = answer(request, id, this.#backend);
    if (given.refusal !== null) return this.#refuse(given.refusal);
    await this.#stream(given);
    if (given.events.at(-1).type === 'response.completed') this.#responses.add(id);
  }

  async #stream(given) {
    const encode = (event) => frame('text', JSON.stringify(event));
    for await (const bytes of encoded(given, encode)) {
      if (!this.#socket.writable) return;
      await new Promise((done) => this.#socket.write(bytes, done));
    }
    if (given.isCut) this.#socket.destroy();
  }

  #refuse({ status, headers, body }) {
    return this.write('text', JSON.stringify({ type: 'error', status, error: errorOf(body), headers }));
  }
}

/** What to do with a message, by its kind. */
const MESSAGES = {
  text: (connection, payload) => connection.queue(textOf(payload)),
  binary: () => {
    throw new Violation(1003, 'binary message');
  },
  ping: (connection, payload) => connection.write('pong', payload),
  pong: () => {},
  close: (connection, payload) => connection.close(payload.subarray(0, 2)),
};

function textOf(payload) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload);
  } catch {
    throw new Violation(1007, 'text is not UTF-8');
  }
}

function notFound(id) {
  return invalid(`Previous response with id '${id}' not found.`, 'previous_response_id', 'previous_response_not_found');
}

/** On a WebSocket every refusal has the shape of the API's. */
function errorOf(body) {
  if (body.error !== undefined) return body.error;
  if (typeof body === 'string') return { type: 'server_error', message: 'Internal Server Error' };
  const { detail } = body;
  return { type: 'invalid_request_error', message: typeof detail === 'string' ? detail : detail[0].msg };
}
