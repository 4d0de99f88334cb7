// The real Codex CLI through the gateway, with a server behind it that speaks only chat: see codex-cli.mjs.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startChatServer } from './chat-server.mjs';
import { codex } from './codex.mjs';
import { gatewayTo } from './gateways.mjs';

const PATCH = '*** Begin Patch\n*** Add File: made.txt\n+by "codex" \\ é\n+in two lines\n*** End Patch';
const exec = (cmd) => ['exec_command', JSON.stringify({ cmd })];

/** What a prompt asks for. */
const ANSWERS = {
  Hello: { text: 'Good day.' },
  shell: { calls: [exec('echo hello-from-tool')] },
  both: { calls: [exec('echo first'), exec('echo second')] },
  patch: { calls: [['apply_patch', JSON.stringify({ input: PATCH })]] },
  script: { calls: [['functions__exec', JSON.stringify({ input: 'text((await tools.exec_command({ cmd: "echo hello-from-tool" })).output)' })]] },
  agents: { calls: [['collaboration__list_agents', '{}']] },
  refuse: { status: 400, error: 'This model has gone fishing.' },
  break: { late: 'Well, ' },
};

const SUMMARY = 'They greeted each other.';

/** The calls that a prompt asks for; of the tools' outputs, the last lines. */
function answerOf({ messages }) {
  if (textOf(messages.at(-1).content).startsWith('Sum up this conversation')) return { text: SUMMARY };
  if (messages.at(-1).role === 'assistant') return { text: 'It goes on.' };
  const outputs = messages.slice(messages.findLastIndex(({ role }) => role === 'assistant') + 1);
  const texts = outputs.filter(({ role }) => role === 'tool').map(({ content }) => lastLine(textOf(content)));
  if (texts.length > 0) return { text: `It said: ${texts.join(', ')}` };
  const prompt = textOf(messages.findLast(({ role }) => role === 'user').content);
  return ANSWERS[Object.keys(ANSWERS).find((word) => prompt.includes(word))];
}

function textOf(content) {
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('');
}

function lastLine(text) {
  return text.trim().split('\n').at(-1);
}

/** Where Codex comes to the gateway, whether it tries a WebSocket, and the gateway's flags. */
const WAYS = {
  'over HTTP': ['/v1', false, 'POST', {}],
  'over WebSocket': ['/v1', true, 'WS', {}],
  'after a 426': ['/backend-api/codex', true, 'POST', { websocket: false }],
};

for (const [way, [path, supports, seen, options]] of Object.entries(WAYS)) {
  describe(`on chat ${way}`, () => {
    let [server, gateway, home] = [];
    before(async () => {
      server = await startChatServer(answerOf);
      gateway = await gatewayTo(server.url, { upstreamApi: 'chat', ...options });
      home = await mkdtemp(join(tmpdir(), 'sluicegate-codex-'));
    });
    after(async () => {
      await Promise.all([gateway.close(), server.close()]);
      await rm(home, { recursive: true, force: true });
    });

    /** What Codex answers to one prompt. */
    const ask = (prompt, model = 'gpt-5.5', more = {}) => {
      return codex(home, { url: gateway.url + path, supports, model, prompt, ...more });
    };

    test('an answer', async () => {
      const { texts, usage } = await ask('Hello.');
      assert.deepEqual([texts, usage.input_tokens, usage.output_tokens], [['Good day.'], 12, 7]);
      assert.ok(gateway.entries.some(({ method, status }) => method === seen && status === 200));
      assert.equal(gateway.entries.some(({ status }) => status === 426), way === 'after a 426');
    });

    test('a shell call, and the turn after it', async () => {
      const { texts, commands } = await ask('Use the shell.');
      assert.deepEqual([commands, texts], [['hello-from-tool'], ['It said: hello-from-tool']]);
      const { messages } = server.requests.at(-1);
      assert.deepEqual(messages.slice(-2).map(({ role }) => role), ['assistant', 'tool']);
    });

    test('two calls at once', async () => {
      const { texts, commands } = await ask('Do both.');
      assert.deepEqual([commands.sort(), texts], [['first', 'second'], ['It said: first, second']]);
      assert.equal(server.requests.at(-1).messages.at(-3).tool_calls.length, 2);
    });

    test('a patch of several lines, cut everywhere', async () => {
      const { texts } = await ask('Apply the patch.');
      assert.equal(await readFile(join(home, 'work', 'made.txt'), 'utf8'), 'by "codex" \\ é\nin two lines\n');
      assert.match(texts[0], /made\.txt/);
      const [call] = server.requests.at(-1).messages.at(-2).tool_calls;
      assert.deepEqual(JSON.parse(call.function.arguments), { input: PATCH });
    });

    test('a call of a tool in a namespace', async () => {
      const { texts } = await ask('Which agents are there?', 'gpt-5.6-sol');
      assert.match(texts[0], /^It said: .*\/root/);
      const [call] = server.requests.at(-1).messages.at(-2).tool_calls;
      assert.equal(call.function.name, 'collaboration__list_agents');
    });

    test('gpt-6.1-sol and an unknown model: an answer, a call, the session again', async () => {
      for (const [model, prompt] of [['gpt-6.1-sol', 'Run the script.'], ['house-model', 'Use the shell.']]) {
        const { texts, commands } = await ask(prompt, model);
        assert.deepEqual([commands, texts], [['hello-from-tool'], ['It said: hello-from-tool']]);
        assert.deepEqual((await ask('Hello again.', model, { isFurther: true })).texts, ['Good day.']);
        assert.ok(server.requests.at(-1).messages.length > 4);
      }
    });

    for (const [model, prompt] of [['gpt-5.5', 'Use the shell.'], ['gpt-6.1-sol', 'Run the script.'], ['house-model', 'Use the shell.']]) {
      test(`${model}: compaction, the turn after it, and the session again`, async () => {
        const [remote, count] = [{ name: 'OpenAI', compactAt: 15 }, server.requests.length];
        assert.deepEqual((await ask(prompt, model, remote)).texts, ['It goes on.']);
        assert.deepEqual((await ask('Hello again.', model, { ...remote, isFurther: true })).texts, ['Good day.']);
        const asked = server.requests.slice(count);
        const compacted = asked.filter(({ messages }) => textOf(messages.at(-1).content).startsWith('Sum up'));
        assert.equal(compacted.length, 2);
        for (const { tools } of compacted) assert.equal(tools, undefined);
        const isSummary = ({ role, content }) => role === 'assistant' && content === SUMMARY;
        assert.ok(compacted[1].messages.some(isSummary)); // the earlier summary goes into the next one
        assert.ok(asked.at(-1).messages.some(isSummary));
      });
    }

    test('a failure, before the answer and in it', async () => {
      assert.match((await ask('Please refuse.')).failure, /gone fishing/);
      assert.match((await ask('Please break off.')).failure, /The model is gone/);
    });
  });
}
