// What the real Codex CLI 0.171 sent, where there are recordings of it: through the gateway, to a backend that refuses as the real
// one does. SLUICEGATE_RECORDINGS is their folder.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { IN_TIME, gatewayTo } from './gateways.mjs';
import { startStrictBackend } from './strict-backend.mjs';
import { ask, connect } from './strict-client.mjs';

const FOLDER = join(process.env.SLUICEGATE_RECORDINGS ?? '', 'codex-0.171');
const names = process.env.SLUICEGATE_RECORDINGS && existsSync(FOLDER) ? readdirSync(FOLDER).sort() : [];
const read = (name) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
const bodies = names.filter((name) => !name.startsWith('headers-'));

/** Of a connection, or of the body as it was packed then. */
const OF_CONNECTION = ['connection', 'upgrade', 'content-length', 'content-encoding', 'accept-encoding'];
const AUTHORIZATION = { authorization: 'Bearer sk-test' };

function headersOf(name) {
  const kept = Object.entries(read(name)).filter(([key]) => !OF_CONNECTION.includes(key) && !key.startsWith('sec-'));
  return { ...Object.fromEntries(kept), ...AUTHORIZATION };
}

for (const upstreamWebsocket of [false, true]) {
  const way = upstreamWebsocket ? 'WebSocket' : 'HTTP';
  describe(`recorded of Codex 0.171, to an upstream over ${way}`, { ...IN_TIME, skip: names.length === 0 }, () => {
    let [backend, gateway] = [];
    before(async () => {
      backend = await startStrictBackend();
      gateway = await gatewayTo(backend.url, { upstreamWebsocket });
    });
    after(() => Promise.all([gateway.close(), backend.close()]));

    for (const name of bodies) {
      test(name, async () => {
        const { type, ...body } = read(name);
        const url = `${gateway.url}/backend-api/codex/responses`;
        if (type === undefined) {
          const headers = headersOf(name.includes('login') ? 'headers-chatgpt-login.json' : 'headers-http.json');
          const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
          const text = await response.text();
          assert.equal(response.status, 200, text);
          assert.match(text, /event: response\.completed\n/);
          const { headers: sent } = backend.requests.at(-1);
          for (const name of ['session-id', 'originator', 'x-codex-turn-metadata']) assert.equal(sent[name], headers[name], name);
        } else {
          const connection = await connect(url, headersOf('headers-upgrade.json'));
          const { previous_response_id: previous, ...frame } = { type, ...body };
          const begun = previous && (await ask(connection, { ...frame, input: [], generate: false }));
          const more = begun ? { previous_response_id: begun.at(-1).response.id } : {};
          const last = (await ask(connection, { ...frame, ...more })).at(-1);
          assert.equal(last.type, 'response.completed', JSON.stringify(last));
          connection.socket.close();
        }
        const asked = backend.requests.at(-1)?.body;
        if (body.generate !== false) assert.equal(asked.model, body.model);
      });
    }
  });
}
