// The real Codex CLI through the gateway, with the strict backend behind it. It is no part of `npm test` because of its
// size: `make test-codex` installs it and puts its path into CODEX. Nothing leaves the loopback.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { codex } from './codex.mjs';
import { gatewayTo } from './gateways.mjs';
import { compaction, lastOf, message, promptOf } from './strict-answers.mjs';
import { startStrictBackend } from './strict-backend.mjs';

const PATCH = '*** Begin Patch\n*** Add File: made.txt\n+by codex\n*** End Patch';

const shell = (word) => ({ type: 'function_call', name: 'exec_command', arguments: JSON.stringify({ cmd: `echo ${word}` }) });
/** Today's models have one tool, which runs JavaScript. */
const script = (code) => ({ type: 'custom_tool_call', name: 'exec', namespace: 'functions', input: code });
const inScript = (word) => script(`text((await tools.exec_command({ cmd: "echo ${word}" })).output)`);

/** The calls that a prompt asks for, where it has the word; of a tool's output, its last line. */
const CALLS = {
  shell: [shell('hello-from-tool')],
  both: [shell('first'), shell('second')],
  script: [inScript('hello-from-tool')],
  twice: [inScript('first'), inScript('second')],
  mend: [script(`text(await tools.apply_patch(${JSON.stringify(PATCH)}))`)],
  patch: [{ type: 'custom_tool_call', name: 'apply_patch', input: PATCH }],
};
const PREFIXES = { function_call: 'fc', custom_tool_call: 'ctc' };

function itemsOf({ input }, responseId) {
  const suffix = responseId.slice('resp_'.length);
  if (lastOf(input).type === 'compaction_trigger') return [compaction(responseId)];
  const word = Object.keys(CALLS).find((word) => promptOf(input).includes(word));
  if (word !== undefined) {
    const ids = (type, at) => ({ id: `${PREFIXES[type]}_${at}_${suffix}`, call_id: `call_${at}_${suffix}` });
    return CALLS[word].map((call, at) => ({ ...ids(call.type, at), ...call }));
  }
  const { output } = lastOf(input);
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
    const ask = (prompt, model = 'gpt-5.5', more = {}) => {
      return codex(home, { url: gateway.url + path, supports, model, prompt, ...more });
    };

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

    test('gpt-6.1-sol: an answer, calls, a patch', async () => {
      const sol = (prompt) => ask(prompt, 'gpt-6.1-sol');
      assert.deepEqual((await sol('Hello.')).texts, ['Good day.']);
      assert.deepEqual((await sol('Run the script.')).commands, ['hello-from-tool']);
      assert.deepEqual((await sol('Run it twice.')).commands.sort(), ['first', 'second']);
      await rm(join(home, 'work', 'made.txt'), { force: true });
      await sol('Please mend it.');
      assert.equal(await readFile(join(home, 'work', 'made.txt'), 'utf8'), 'by codex\n');
    });

    test('an unknown model: an answer, two calls at once', async () => {
      assert.deepEqual((await ask('Hello.', 'house-model')).texts, ['Good day.']);
      assert.deepEqual((await ask('Do both.', 'house-model')).commands.sort(), ['first', 'second']);
    });

    for (const [model, prompt] of [['gpt-5.5', 'Use the shell.'], ['gpt-6.1-sol', 'Run the script.'], ['house-model', 'Use the shell.']]) {
      test(`${model}: compaction, the turn after it, and the session again`, async () => {
        const [remote, count] = [{ name: 'OpenAI', compactAt: 15 }, backend.requests.length];
        assert.deepEqual((await ask(prompt, model, remote)).texts, ['Good day.']);
        assert.deepEqual((await ask('Hello again.', model, { ...remote, isFurther: true })).texts, ['Good day.']);
        const inputs = backend.requests.slice(count).map(({ body }) => (body.input ?? []).map(({ type }) => type));
        assert.equal(inputs.filter((types) => types.includes('compaction_trigger')).length, 2);
        assert.ok(inputs.at(-1).includes('compaction'));
      });
    }
  });
}
