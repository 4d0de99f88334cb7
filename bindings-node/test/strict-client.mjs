// A WebSocket client for tests with frames of JSON: the gateway example's where it is installed, else Node's own.
import { createRequire } from 'node:module';

const require = createRequire(new URL('../examples/gateway/server.mjs', import.meta.url));

function installed() {
  try {
    return require('ws');
  } catch {
    return {};
  }
}

export const { WebSocket = globalThis.WebSocket, WebSocketServer } = installed();

/** Why a test cannot have it. */
export const skip = WebSocket === undefined ? 'no WebSocket client before Node 22' : false;

/** A connection, with a queue of what comes. */
export async function connect(url, headers = {}) {
  const socket = new WebSocket(url.replace('http', 'ws'), { headers });
  const [queue, waiting] = [[], []];
  const report = (message) => (waiting.shift() ?? ((given) => queue.push(given)))(message);
  socket.addEventListener('message', ({ data }) => report(JSON.parse(data)));
  socket.addEventListener('close', ({ code }) => report({ type: 'close', code }));
  await new Promise((open, fail) => {
    socket.addEventListener('open', open);
    socket.addEventListener('error', fail);
  });
  const next = () => new Promise((settle) => (queue.length > 0 ? settle(queue.shift()) : waiting.push(settle)));
  return { socket, next };
}

const ENDS = ['response.completed', 'response.failed', 'error', 'close'];

/** What answers a request, up to its end. */
export async function ask({ socket, next }, request) {
  socket.send(typeof request === 'string' ? request : JSON.stringify(request));
  return answered({ next });
}

/** What comes up to the end of an answer. */
export async function answered({ next }) {
  const events = [];
  while (!ENDS.includes(events.at(-1)?.type)) events.push(await next());
  return events;
}
