// Upstreams and clients that mean harm, among the streams of the soak: each has its end in time, and the others do not notice.
import { request } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { CREATED, begin, delta, sse, write } from './gateways.mjs';

const MIB = 1 << 20;
/** Events larger than those of an image, each a few times. */
const HUGE = Buffer.concat([sse(CREATED), sse(delta('x'.repeat(2 * MIB)))]);
const NO_FRAME = Buffer.alloc(MIB, '<html>');
const ENDLESS = Buffer.concat([sse(CREATED), Buffer.from('data: '), Buffer.alloc(MIB, 'x')]);

/** What an upstream does for a request of that kind. */
export const UPSTREAMS = {
  garbage: (response) => begin(response).end(NO_FRAME),
  huge: (response) => begin(response).end(HUGE),
  endless: (response) => begin(response).end(ENDLESS),
  cut: (response) => begin(response).write(sse(CREATED).subarray(0, 40), () => response.socket.resetAndDestroy()),
  refused: (response) => response.socket.resetAndDestroy(),
  failed: (response) => response.writeHead(500).end('{"error":'),
  comments: async (response) => {
    begin(response);
    for (let nth = 0; nth < 100; nth += 1) if (!(await write(response, ': nothing\n\n'))) return;
    response.end();
  },
  many: async (response) => {
    begin(response);
    for (let nth = 0; nth < 2000; nth += 1) if (!(await write(response, sse(delta('word '))))) return;
    response.end();
  },
};

const bodyOf = (kind) => JSON.stringify({ model: 'm', stream: true, input: 'Hi', prompt_cache_key: JSON.stringify([kind]) });

async function asked(url, kind) {
  const sent = request(`${url}/v1/responses`, { method: 'POST', agent: false });
  sent.on('error', () => {});
  sent.end(bodyOf(kind));
  const [response] = await Promise.race([once(sent, 'response'), once(sent, 'close').then(() => [])]).catch(() => []);
  response?.on('error', () => {});
  return { sent, response };
}

/** What a client does, by the name of what the upstream does. */
export const CLIENTS = {
  /** Reads all of it. */
  reads: async (url, kind) => {
    const { response } = await asked(url, kind);
    for await (const _ of response ?? []);
  },
  /** Leaves in the middle. */
  leaves: async (url, kind) => {
    const { sent, response } = await asked(url, kind);
    if (response !== undefined) await once(response, 'data').catch(() => {});
    sent.destroy();
  },
  /** Resets its connection in the middle. */
  resets: async (url, kind) => {
    const { sent } = await asked(url, kind);
    sent.socket?.resetAndDestroy();
  },
  /** Takes a piece now and then, and leaves. */
  slow: async (url, kind) => {
    const { sent, response } = await asked(url, kind);
    for (let nth = 0; nth < 10 && response !== undefined; nth += 1) {
      response.read(1000);
      await new Promise((done) => setTimeout(done, 200));
    }
    sent.destroy();
  },
  /** Sends half a request, or none. */
  half: async (url) => {
    const { hostname, port } = new URL(url);
    const socket = connect(port, hostname, () => socket.write('POST /v1/responses HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99\r\n\r\n{"mo'));
    socket.on('error', () => {});
    await new Promise((done) => setTimeout(done, 1000));
    socket.destroy();
  },
};
