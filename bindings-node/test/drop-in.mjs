// The official client over chatOverResponses, and the upstreams it is put on.
import { EventEmitter, once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import OpenAI from 'openai';
import { chatOverResponses } from 'sluicegate/fetch';
import { COMPLETED, DELTA } from './streams.mjs';

/** What the strict backend answers to anything. */
export const TEXT = 'Hello from the strict backend.';
export const HI = [{ role: 'user', content: 'Hi' }];
export const ASK = { model: 'gpt-5.5', messages: HI };

export const CREATED = 'data: {"type":"response.created","response":{"id":"resp_1","status":"in_progress"}}\n\n';
export const ANSWER = [CREATED, DELTA, COMPLETED];

/** As node-fetch: the body is a Node stream, of a class that is not the global one. */
export async function nodeFetch(url, { method, headers, body, signal }) {
  const request = httpRequest(url, { method, headers, signal }).end(body);
  const [response] = await once(request, 'response');
  const { statusCode: status } = response;
  return { ok: status < 300, status, headers: new Map(Object.entries(response.headers)), body: response };
}

export const FETCHES = [fetch, nodeFetch];

/** A fetch that keeps what it was called with. */
export function recorded(fetch) {
  const sent = [];
  const send = (url, init) => {
    sent.push({ url: new URL(url), ...init, body: JSON.parse(Buffer.from(init.body)) });
    return fetch(url, init);
  };
  return Object.assign(send, { sent });
}

/** A fetch that gives this body, whatever it is asked. */
export function mocked(body, init) {
  return async () => new Response(body, init);
}

/** The client as it is, with ours in place of its fetch. */
export function clientOn(url, fetch, options) {
  return plainClient(url, chatOverResponses(fetch, options));
}

export function plainClient(url, fetch) {
  return new OpenAI({ apiKey: 'sk-test', baseURL: url, maxRetries: 0, fetch });
}

export async function gathered(stream) {
  const parts = [];
  for await (const part of await stream) parts.push(part);
  return parts;
}

export function textOf(chunks) {
  return chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
}

/** An upstream on the loopback for one test; `answer` gets what node:http gives, and the text of the request. */
export async function listen(test, answer) {
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray().catch(() => null);
    if (chunks !== null) await answer(request, response, Buffer.concat(chunks).toString());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}/v1`;
}

/**
 * The same, which streams these texts, or null not even a head, and sends nothing more; `asked` and `left` are when its
 * client comes and goes away.
 */
export async function lingering(test, texts) {
  const events = new EventEmitter();
  const [asked, left] = ['asked', 'left'].map((event) => once(events, event));
  const url = await listen(test, (_, response) => {
    response.on('close', () => events.emit('left'));
    if (texts !== null) response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const text of texts ?? []) response.write(text);
    events.emit('asked');
  });
  return { url, asked, left };
}

/** What comes within a second. */
export function soon(promise, what) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error(`${what} took over 1 s`)), 1000).unref());
  return Promise.race([promise, late]);
}

/** Once it holds. */
export async function until(holds, what) {
  const deadline = Date.now() + 20_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`never: ${what}`);
    await new Promise((done) => setTimeout(done, 5));
  }
}
