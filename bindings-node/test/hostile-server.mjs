// An upstream that means harm, on the loopback.
import { once } from 'node:events';
import { createServer } from 'node:net';

/** No attack sends more, whoever still reads. */
const MOST = 96 << 20;

/** What may have been sent to somebody who read 1 MiB and left: the buffers of two sockets, and of a stream or two. */
export const UNREAD = 16 << 20;

export const SSE = 'content-type: text/event-stream';

/** `first`, then the same chunk for ever. */
export function forever(chunk, first = '') {
  return function* () {
    yield first;
    for (;;) yield chunk;
  };
}

/**
 * Answers each request with a head and `chunks`, as fast as they are taken, or with a pause between them. `sent` is how
 * much that was; `left` is when a client went away. With `stays` it waits for that after the last chunk, half-closed.
 */
export async function hostile(test, chunks, headers = [], { status = 200, pause = 0, stays = false } = {}) {
  const known = { sent: 0, asked: null, left: null };
  known.asked = new Promise((asked) => (known.onAsked = asked));
  known.left = new Promise((left) => (known.onLeft = left));
  const server = createServer({ allowHalfOpen: true }, (socket) => answer(socket, chunks(), headers, known, { status, pause, stays }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => server.close());
  known.url = `http://127.0.0.1:${server.address().port}/v1`;
  return known;
}

async function answer(socket, chunks, headers, known, { status, pause, stays }) {
  socket.on('error', () => {});
  socket.once('close', () => known.onLeft());
  await once(socket, 'data');
  socket.resume();
  if (!stays) socket.once('end', () => socket.destroy());
  known.onAsked();
  socket.write([`HTTP/1.1 ${status} So`, ...headers, 'connection: close', '', ''].join('\r\n'));
  for (const chunk of chunks) {
    if (socket.destroyed || known.sent > MOST) break;
    known.sent += chunk.length;
    if (!socket.write(chunk)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => {});
    if (pause > 0) await new Promise((done) => setTimeout(done, pause));
  }
  socket.end();
}
