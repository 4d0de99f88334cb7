// The real Codex CLI through `sluicegate serve`, with a strict Messages server behind it: see codex-cli.mjs.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { codex } from './codex.mjs';
import { gatewayTo, isExample } from './gateways.mjs';
import { startMessagesServer } from './messages-server.mjs';

const PATCH = '*** Begin Patch\n*** Add File: made.txt\n+by "codex" \\ é\n+in two lines\n*** End Patch';
const exec = (cmd) => ['exec_command', { cmd }];
const script = 'text((await tools.exec_command({ cmd: "echo hello-from-tool" })).output)';

/** What a prompt asks for. */
const ANSWERS = {
  Hello: { text: 'Good day.' },
  Continue: { text: 'It goes on.' },
  shell: { calls: [exec('echo hello-from-tool')] },
  both: { calls: [exec('echo first'), exec('echo second')] },
  think: { thinking: 'Let me see.', calls: [exec('echo thought')] },
  patch: { calls: [['apply_patch', { input: PATCH }]] },
  script: { calls: [['functions__exec', { input: script }]] },
  refuse: { status: 400, message: 'This model has gone fishing.' },
  break: { text: 'Well, ', late: 'api_error', message: 'The model is gone.' },
};

const SUMMARY = 'They greeted each other.';

/** The calls that a prompt asks for; of the tools' results, the last lines. */
function answerOf({ messages }) {
  if (lastOf(messages.at(-1)).startsWith('Sum up this conversation')) return { text: SUMMARY };
  const results = blocksOf(messages.at(-1)).filter(({ type }) => type === 'tool_result');
  if (results.length > 0) return { text: `It said: ${results.map(({ content }) => lastLine(textOf(content))).join(', ')}` };
  const prompt = lastOf(messages.findLast(({ role }) => role === 'user'));
  return ANSWERS[Object.keys(ANSWERS).find((word) => prompt.includes(word))];
}

const blocksOf = ({ content }) => (typeof content === 'string' ? [] : content);
const textOf = (content) => (typeof content === 'string' ? content : content.map(({ text = '' }) => text).join(''));
/** Before it are the environment, and results. */
const lastOf = ({ content }) => (typeof content === 'string' ? content : (content.at(-1).text ?? ''));
const lastLine = (text) => text.trim().split('\n').at(-1);

/** Where Codex comes to the gateway, whether it tries a WebSocket, and the gateway's flags. */
const WAYS = {
  'over HTTP': ['/v1', false, {}],
  'over WebSocket': ['/backend-api/codex', true, {}],
};

for (const [way, [path, supports, options]] of Object.entries(WAYS)) {
  describe(`on Messages ${way}`, { skip: isExample && 'the example does not serve Messages' }, () => {
    let [server, gateway, home] = [];
    before(async () => {
      server = await startMessagesServer(answerOf);
      gateway = await gatewayTo(`${server.url}/v1`, { upstreamApi: 'messages', ...options });
      home = await mkdtemp(join(tmpdir(), 'sluicegate-codex-'));
    });
    after(async () => {
      await Promise.all([gateway.close(), server.close()]);
      await rm(home, { recursive: true, force: true });
    });

    /** What Codex answers to one prompt. */
    const ask = (prompt, model = 'claude-opus-5-5', more = {}) => {
      return codex(home, { url: gateway.url + path, supports, model, prompt, ...more });
    };

    test('an answer', async () => {
      const { texts, usage } = await ask('Hello.');
      assert.deepEqual([texts, usage.input_tokens, usage.output_tokens], [['Good day.'], 18, 7]);
    });

    test('a shell call, and the turn after it', async () => {
      const { texts, commands } = await ask('Use the shell.');
      assert.deepEqual([commands, texts], [['hello-from-tool'], ['It said: hello-from-tool']]);
      const { messages } = server.requests.at(-1).body;
      assert.deepEqual(messages.slice(-2).map(({ role }) => role), ['assistant', 'user']);
    });

    test('two calls at once: their results are in one message', async () => {
      const { texts, commands } = await ask('Do both.');
      assert.deepEqual([commands.sort(), texts], [['first', 'second'], ['It said: first, second']]);
      assert.equal(server.requests.at(-1).body.messages.at(-1).content.length, 2);
    });

    test('thinking comes back with its signature', async () => {
      const { texts } = await ask('Please think.');
      assert.deepEqual(texts, ['It said: thought']);
      const blocks = blocksOf(server.requests.at(-1).body.messages.at(-2));
      assert.deepEqual(blocks.map(({ type }) => type), ['thinking', 'tool_use']);
    });

    test('a patch of several lines, cut everywhere', async () => {
      const { texts } = await ask('Apply the patch.', 'gpt-5.5');
      assert.equal(await readFile(join(home, 'work', 'made.txt'), 'utf8'), 'by "codex" \\ é\nin two lines\n');
      assert.match(texts[0], /made\.txt/);
    });

    test('gpt-6.1-sol and an unknown model: an answer, a call, the session again', async () => {
      for (const [model, prompt] of [['gpt-6.1-sol', 'Run the script.'], ['house-model', 'Use the shell.']]) {
        const { texts, commands } = await ask(prompt, model);
        assert.deepEqual([commands, texts], [['hello-from-tool'], ['It said: hello-from-tool']]);
        assert.deepEqual((await ask('Hello again.', model, { isFurther: true })).texts, ['Good day.']);
        assert.ok(server.requests.at(-1).body.messages.length > 3);
      }
    });

    test('compaction, the turn after it, and the session again', async () => {
      const remote = { name: 'OpenAI', compactAt: 15 };
      const count = server.requests.length;
      assert.deepEqual((await ask('Use the shell.', 'gpt-5.5', remote)).texts, ['It goes on.']);
      assert.deepEqual((await ask('Hello again.', 'gpt-5.5', { ...remote, isFurther: true })).texts, ['Good day.']);
      const asked = server.requests.slice(count).map(({ body }) => body);
      assert.ok(asked.some(({ tool_choice: choice }) => choice?.type === 'none'));
      assert.ok(JSON.stringify(asked.at(-1).messages).includes(SUMMARY));
    });

    test('a failure, before the answer and in it', async () => {
      assert.match((await ask('Please refuse.')).failure, /gone fishing/);
      assert.match((await ask('Please break off.')).failure, /The model is gone/);
    });
  });
}
