// A stand-in for Anthropic's API, on the loopback: as strict with requests, in the same words, with streams like its own.
// As a module: `startMessagesServer()`. As a command, for the suites of the other languages:
//   node messages-server.mjs [--port N]
// prints {"url":…} when it listens, and ends on SIGTERM or when its stdin closes. GET /asked gives what it was asked.
// The rules are in messages-rules.mjs and messages-blocks.mjs; messages-answers.mjs has the answers, and the models that
// fail by name.
import { realpathSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { eventsOf, frameOf, isSigned, messageOf, scripted } from './messages-answers.mjs';
import { failure } from './messages-errors.mjs';
import { check } from './messages-rules.mjs';

/**
 * `answerOf(request, {headers, nth})`: what to answer, all optional: `text`, `thinking`, `redacted`, `calls: [[name, input]]`,
 * `stop`, `stopSequence`; before anything is said `{status, message, headers}`; after it `late` (the type of an error), `isCut`,
 * `isEndless`; `delayMs` between events.
 * `requests` grows: `{path, headers, text, body, closed}` each, of asked and counted ones; `closed` is a promise of when the
 * connection of the answer was gone.
 */
export async function startMessagesServer(answerOf = scripted, { port = 0, models = MODELS } = {}) {
  const server = { answerOf, models, requests: [], answers: 0 };
  const http = createServer((request, response) => serve(request, response, server));
  await new Promise((done, fail) => http.once('error', fail).listen(port, '127.0.0.1', done));
  const close = () => {
    http.closeAllConnections();
    return new Promise((done) => http.close(done));
  };
  return { url: `http://127.0.0.1:${http.address().port}`, requests: server.requests, close };
}

const MODELS = ['claude-opus-5-5', 'claude-sonnet-4-5'];

/** Every proxy mounts the API at a path of its own; the query does not matter. */
async function serve(request, response, server) {
  const path = request.url.split('?')[0];
  const [, , route] = ROUTES.find(([method, end]) => method === request.method && end.test(path)) ?? [];
  if (route === undefined) return send(response, failure(404, 'Not found'));
  const text = await textOf(request);
  if (text !== null) await route({ path, text, headers: request.headers }, response, server);
}

const ROUTES = [
  ['POST', /\/messages$/, answer],
  ['POST', /\/messages\/count_tokens$/, count],
  ['GET', /\/models$/, models],
  ['GET', /\/models\/[^/]+$/, model],
  ['GET', /^\/asked$/, asked],
];

/** Null where the client went away. */
async function textOf(request) {
  try {
    return Buffer.concat(await request.toArray()).toString();
  } catch {
    return null;
  }
}

function record({ path, headers, text }, response, server) {
  const closed = new Promise((done) => response.once('close', done));
  server.requests.push({ path, headers, text, body: JSON.parse(text), closed });
  return server.requests.at(-1).body;
}

async function answer(asked, response, server) {
  const refusal = check(asked.text, { headers: asked.headers, isSigned });
  if (refusal !== null) return send(response, refusal);
  const body = record(asked, response, server);
  const nth = (server.answers += 1);
  const given = server.answerOf(body, { headers: asked.headers, nth });
  const { status, message, headers } = given;
  if (status !== undefined) return send(response, { ...failure(status, message, given.type), headers });
  if (body.stream) return stream(response, eventsOf(body, given, nth), given);
  if (given.late !== undefined) return send(response, failure(529, 'Overloaded', given.late));
  if (given.isCut) return sendHalf(response, messageOf(body, given, nth));
  send(response, { status: 200, body: messageOf(body, given, nth) });
}

function sendHalf(response, body) {
  const text = JSON.stringify(body);
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write(text.slice(0, text.length / 2), () => response.destroy());
}

async function stream(response, events, { delayMs = 0, isCut }) {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'request-id': 'req_strict' });
  for (const event of events) {
    if (response.destroyed) return;
    await written(response, frameOf(event));
    if (delayMs > 0) await new Promise((done) => setTimeout(done, delayMs));
  }
  if (isCut) response.socket?.destroy();
  else response.end();
}

/** Also where the client goes away meanwhile. */
function written(response, bytes) {
  return new Promise((done) => {
    response.once('close', done);
    response.write(bytes, () => done(response.off('close', done)));
  });
}

function count(asked, response, server) {
  const refusal = check(asked.text, { headers: asked.headers, isSigned, isCount: true });
  if (refusal !== null) return send(response, refusal);
  record(asked, response, server);
  send(response, { status: 200, body: { input_tokens: Math.ceil(asked.text.length / 4) } });
}

const modelOf = (id) => ({ type: 'model', id, display_name: id, created_at: '2026-01-01T00:00:00Z' });

function models(_, response, server) {
  const [first] = server.models;
  const body = { data: server.models.map(modelOf), has_more: false, first_id: first, last_id: server.models.at(-1) };
  send(response, { status: 200, body });
}

function model({ path }, response, server) {
  const id = path.slice(path.lastIndexOf('/') + 1);
  send(response, server.models.includes(id) ? { status: 200, body: modelOf(id) } : failure(404, `model: ${id}`));
}

function asked(_, response, server) {
  send(response, { status: 200, body: server.requests.map(({ path, headers, body }) => ({ path, headers, body })) });
}

function send(response, { status, headers = {}, body }) {
  response.writeHead(status, { ...headers, 'content-type': 'application/json', 'request-id': 'req_strict' });
  response.end(JSON.stringify(body));
}

async function main() {
  const { values } = parseArgs({ options: { port: { type: 'string' } } });
  const server = await startMessagesServer(scripted, { port: Number(values.port ?? 0) });
  console.log(JSON.stringify({ url: server.url }));
  const end = () => server.close().then(() => process.exit(0));
  process.once('SIGTERM', end);
  process.stdin.once('close', end).once('end', end).resume();
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
