// The gateway of the examples between a client and an upstream, for its tests; nothing leaves the loopback.
import { createServer } from 'node:http';
import OpenAI from 'openai';
import { startGateway } from '../examples/gateway/server.mjs';

/** A gateway whose log is a list, `entries`. */
export async function gatewayTo(upstream, options = {}) {
  const entries = [];
  const log = (entry) => entries.push(entry);
  const gateway = await startGateway({ upstream, port: 0, drainMs: 500, log, ...options });
  return { ...gateway, entries };
}

export function openai({ url }, options = {}) {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: 'sk-test', maxRetries: 0, ...options });
}

/**
 * An upstream that does as the test wants: `answer(response, body, seen)`. `seen` has for each request its `headers` and
 * `closed`, a promise of when its connection was gone.
 */
export async function scripted(answer) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const closed = new Promise((done) => response.once('close', done));
    const seen = { headers: request.headers, closed };
    requests.push(seen);
    await answer(response, Buffer.concat(chunks).toString(), seen);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const close = () => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  };
  return { url: `http://127.0.0.1:${server.address().port}`, requests, close };
}

export function begin(response) {
  return response.writeHead(200, { 'content-type': 'text/event-stream' });
}

/** Waits until it is written; false where the client is gone. */
export function write(response, bytes) {
  if (response.destroyed) return Promise.resolve(false);
  return new Promise((done) => {
    const left = () => done(false);
    response.once('close', left);
    response.write(bytes, (error) => done(!error) ?? response.off('close', left));
  });
}

export function sse(event) {
  return Buffer.from(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}

export const CREATED = { type: 'response.created', response: { id: 'resp_1', status: 'in_progress', output: [] } };
export const COMPLETED = { type: 'response.completed', response: { id: 'resp_1', status: 'completed' } };
export const delta = (text) => ({ type: 'response.output_text.delta', item_id: 'msg_1', delta: text });

/** For tests that wait for what a fault would keep from coming. */
export const IN_TIME = { timeout: 30_000 };

/** Waits for what is bound to come, or fails. */
export async function until(isSo, what) {
  const deadline = Date.now() + 20_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`still not: ${what}`);
    await new Promise((done) => setTimeout(done, 10));
  }
}
