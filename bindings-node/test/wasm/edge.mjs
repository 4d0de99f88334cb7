// The edge example in workerd: it is found by the package's own `exports`, and answers clients of each dialect.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { config, workerd } from './start.mjs';

const here = fileURLToPath(new URL('../..', import.meta.url));
const EVENTS = [
  { type: 'response.output_text.delta', delta: 'Héllo from the edge' },
  { type: 'response.completed', response: { id: 'resp_1', status: 'completed', model: 'm', output: [] } },
];

/** An upstream of Responses, and what it was asked. */
async function startUpstream() {
  const asked = [];
  const server = createServer(async (request, response) => {
    const body = JSON.parse((await request.toArray()).join(''));
    asked.push({ url: request.url, key: request.headers.authorization, body });
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(EVENTS.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { asked, url: `http://127.0.0.1:${server.address().port}/v1`, close: () => server.close() };
}

async function bundled(tools, outfile) {
  await createRequire(`${tools}/`)('esbuild').build({
    entryPoints: [`${here}examples/edge/worker.mjs`],
    outfile,
    bundle: true,
    format: 'esm',
    conditions: ['workerd'],
    external: ['*.wasm'],
    logLevel: 'warning',
  });
}

const ASKS = {
  '/v1/chat/completions': { model: 'm', stream: true, messages: [{ role: 'user', content: 'Hi' }] },
  '/v1/responses': { model: 'm', stream: true, input: 'Hi' },
  '/v1/messages': { model: 'm', stream: true, max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] },
};
const ENDS = { '/v1/chat/completions': 'data: [DONE]\n\n', '/v1/responses': '"response.completed"', '/v1/messages': '"message_stop"' };

/** How many clients were answered. */
export async function answered(program, folder) {
  await bundled(process.env.TOOLS, `${folder}/edge.mjs`);
  const upstream = await startUpstream();
  const vars = { UPSTREAM_URL: upstream.url, UPSTREAM_DIALECT: 'responses' };
  const bindings = Object.entries(vars).map(([name, text]) => `(name = "${name}", text = "${text}")`).join(', ');
  const worker = await workerd(program, folder, config({ 'edge.mjs': 'esModule', 'sluicegate.wasm': 'wasm' }, `bindings = [${bindings}],`));
  try {
    for (const [path, ask] of Object.entries(ASKS)) {
      const init = { method: 'POST', headers: { authorization: 'Bearer mine' }, body: JSON.stringify(ask) };
      const answer = await fetch(new URL(path, worker.url), init);
      const text = await answer.text();
      assert.equal(answer.status, 200, text);
      assert.ok(text.includes('Héllo from the edge') && text.includes(ENDS[path]), text);
    }
    assert.ok(upstream.asked.every(({ url, key, body }) => url === '/v1/responses' && key === 'Bearer mine' && body.stream));
    assert.equal((await fetch(worker.url)).status, 404);
    return upstream.asked.length;
  } finally {
    worker.close();
    upstream.close();
  }
}
