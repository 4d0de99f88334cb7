// A stand-in for the ChatGPT Codex backend, on the loopback: as strict with requests, in the same words.
// As a module: `startStrictBackend()`. As a command, for the suites of the other languages:
//   node strict-backend.mjs [--port N] [--no-websocket] [--content-type TYPE]
// prints {"url":…} when it listens, and ends on SIGTERM or when its stdin closes.
// The rules are in strict-rules.mjs; strict-answers.mjs has the answers, and the models that fail by name.
import { realpathSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { answer, encoded } from './strict-answers.mjs';
import { WEBSOCKET_MODELS, check } from './strict-rules.mjs';
import { upgrade } from './strict-websocket.mjs';

export { check };

/**
 * Listens on a port (0: any). `contentType` is what streams are labelled, `websocketModels` are refused over HTTP,
 * `itemsOf(request, responseId)` gives the items of an answer in place of the usual ones, `scriptOf(request)` how it fails.
 * `requests` grows: `{transport, path, headers, text, body}` each, `body` undefined where the text is not JSON.
 */
export async function startStrictBackend(options = {}) {
  const { port = 0, isWebsocket = true } = options;
  const { contentType = 'text/event-stream', websocketModels = WEBSOCKET_MODELS, itemsOf, scriptOf } = options;
  const requests = [];
  const sockets = new Set();
  let count = 0;
  const backend = {
    contentType,
    websocketModels,
    itemsOf,
    scriptOf,
    nextId: () => `resp_strict_${(count += 1)}`,
    record: (given) => requests.push(recorded(given)),
  };
  const server = createServer((request, response) => serve(request, response, backend));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const refusal = upgradeRefusal(request, isWebsocket);
    if (refusal === null) upgrade(request, socket, head, backend);
    else socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
  await new Promise((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  const close = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((done) => server.close(done));
  };
  return { url: `http://127.0.0.1:${server.address().port}`, port: server.address().port, requests, close };
}

function recorded({ transport, request, text }) {
  return { transport, path: request.url, headers: request.headers, text, body: parsed(text) };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Every proxy mounts the backend at a path of its own. */
function isResponses({ url }) {
  return url.split('?')[0].endsWith('/responses');
}

function upgradeRefusal(request, isWebsocket) {
  if (!isResponses(request)) return '404 Not Found';
  if (!isWebsocket) return '426 Upgrade Required';
  const { 'sec-websocket-key': key, 'sec-websocket-version': version } = request.headers;
  return key === undefined || version !== '13' ? '400 Bad Request' : null;
}

async function serve(request, response, backend) {
  if (!isResponses(request)) return send(response, { status: 404, body: { detail: 'Not Found' } });
  if (request.method !== 'POST') return send(response, { status: 405, body: { detail: 'Method Not Allowed' } });
  const text = await textOf(request);
  if (text === null) return;
  backend.record({ transport: 'http', request, text });
  const refusal = check(text, { transport: 'http', websocketModels: backend.websocketModels });
  if (refusal !== null) return send(response, refusal);
  const given = answer(JSON.parse(text), backend.nextId(), backend);
  if (given.refusal !== null) return send(response, given.refusal);
  await stream(response, given, backend.contentType);
}

/** Null where the client went away. */
async function textOf(request) {
  const chunks = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
  } catch {
    return null;
  }
  return Buffer.concat(chunks).toString();
}

function send(response, { status, headers = {}, body }) {
  const isText = typeof body === 'string';
  response.writeHead(status, { ...headers, 'content-type': isText ? 'text/html' : 'application/json' });
  response.end(isText ? body : JSON.stringify(body));
}

async function stream(response, given, contentType) {
  response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-cache' });
  for await (const bytes of encoded(given, sse)) {
    if (response.destroyed) return;
    await new Promise((done) => response.write(bytes, done));
  }
  if (given.isCut) response.socket?.destroy();
  else response.end();
}

function sse(event) {
  return Buffer.from(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}

async function main() {
  const options = { port: 'string', 'no-websocket': 'boolean', 'content-type': 'string' };
  const { values } = parseArgs({
    options: Object.fromEntries(Object.entries(options).map(([name, type]) => [name, { type }])),
  });
  const backend = await startStrictBackend({
    port: Number(values.port ?? 0),
    isWebsocket: !values['no-websocket'],
    contentType: values['content-type'],
  });
  console.log(JSON.stringify({ url: backend.url }));
  const end = () => backend.close().then(() => process.exit(0));
  process.once('SIGTERM', end);
  process.stdin.once('close', end).once('end', end).resume();
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
