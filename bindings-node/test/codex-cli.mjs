// The real Codex CLI through the gateway, with the strict backend behind it. It is no part of `npm test` because of its
// size: `make test-codex` installs it and puts its path into CODEX. Nothing leaves the loopback.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { codex } from './codex.mjs';
import { gatewayTo } from './gateways.mjs';
import { message, promptOf } from './strict-answers.mjs';
import { startStrictBackend } from './strict-backend.mjs';

const PATCH = '*** Begin Patch\n*** Add File: made.txt\n+by codex\n*** End Patch';

/** The calls that a prompt asks for; of a tool's output, its last line. */
function itemsOf({ input }, responseId) {
  const suffix = responseId.slice('resp_'.length);
  const prompt = promptOf(input);
  if (/shell/.test(prompt)) {
    const given = { name: 'exec_command', arguments: JSON.stringify({ cmd: 'echo hello-from-tool' }) };
    return [{ id: `fc_${suffix}`, type: 'function_call', call_id: `call_${suffix}`, ...given }];
  }
  if (/patch/.test(prompt)) {
    const given = { name: 'apply_patch', input: PATCH };
    return [{ id: `ctc_${suffix}`, type: 'custom_tool_call', call_id: `call_${suffix}`, ...given }];
  }
  const { output } = input.at(-1);
  return [message(output === undefined ? ['Good ', 'day.'] : ['It said: ', lastLine(output)], suffix)];
}

function lastLine(output) {
  const text = typeof output === 'string' ? output : output.map(({ text = '' }) => text).join('');
  return text.trim().split('\n').at(-1);
}

/** Where Codex comes to the gateway and how, how the gateway comes to the backend, and its flags. */
const WAYS = {
  'over HTTP': ['/v1', 'POST', 'http', { upstreamWebsocket: false }],
  'over WebSocket': ['/v1', 'WS', 'websocket', {}],
  'over WebSocket to an HTTP upstream': ['/backend-api/codex', 'WS', 'http', { upstreamWebsocket: false }],
  'after a 426': ['/v1', 'POST', 'websocket', { websocket: false }],
};

for (const [way, [path, seen, upstream, options]] of Object.entries(WAYS)) {
  const supports = way !== 'over HTTP';
  describe(way, () => {
    let [backend, gateway, home] = [];
    before(async () => {
      backend = await startStrictBackend({ itemsOf });
      gateway = await gatewayTo(backend.url, options);
      home = await mkdtemp(join(tmpdir(), 'sluicegate-codex-'));
    });
    after(async () => {
      await Promise.all([gateway.close(), backend.close()]);
      await rm(home, { recursive: true, force: true });
    });

    /** What Codex answers to one prompt. */
    const ask = (prompt, model = 'gpt-5.5') => codex(home, { url: gateway.url + path, supports, model, prompt });

    test('an answer', async () => {
      const { texts, usage } = await ask('Hello.');
      assert.deepEqual([texts, usage.input_tokens], [['Good day.'], 12]);
      assert.ok(gateway.entries.some(({ method, status }) => method === seen && status === 200));
      assert.equal(gateway.entries.some(({ status }) => status === 426), way === 'after a 426');
      assert.equal(backend.requests.at(-1).transport, upstream);
    });

    test('a shell call, and the turn after it', async () => {
      const { texts, commands } = await ask('Use the shell.');
      assert.deepEqual(commands, ['hello-from-tool']);
      assert.deepEqual(texts, ['It said: hello-from-tool']);
    });

    test('a patch', async () => {
      const { texts } = await ask('Apply the patch.');
      assert.equal(await readFile(join(home, 'work', 'made.txt'), 'utf8'), 'by codex\n');
      assert.match(texts[0], /made\.txt/);
    });

    test('an answer to a Lite request', async () => {
      assert.deepEqual((await ask('Hello.', 'gpt-5.6-sol')).texts, ['Good day.']);
    });
  });
}
