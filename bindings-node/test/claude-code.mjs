// The real Claude Code through `sluicegate serve`, with the strict Responses backend behind it, and a server that speaks only
// chat. It is no part of `npm test` because of its size: `make test-claude-code` installs it and puts its path into CLAUDE.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { UPSTREAMS } from './claude-upstreams.mjs';
import { claude } from './claude.mjs';
import { gatewayTo } from './gateways.mjs';
import { PNG } from './strict-answers.mjs';

const bash = (command) => ['Bash', JSON.stringify({ command, description: 'Say it' })];
const RESUMED = 'Resume directly';
const LIMIT = 'The usage limit has been reached';
const SUMMARY = '<summary>They greeted each other.</summary>';

/** What a prompt asks for, by a word in it; what fails does so once. */
const ANSWERS = {
  Shell: { calls: [bash('echo hello-from-tool')] },
  Both: { calls: [bash('echo first'), bash('echo second')] },
  Think: { thought: 'Let me see.', calls: [bash('echo thought')] },
  Picture: { calls: [['Read', '{"file_path":"picture.png"}']] },
};

function answers() {
  let fails = [];
  const answerOf = ({ prompt, results, request }) => {
    if (fails.length > 0) return { text: 'Yes.', fails: fails.shift() };
    if (prompt.includes('TEXT ONLY')) return { text: SUMMARY };
    // Calls at once run side by side: their results come in the order in which they end.
    if (results.length > 0) return { text: `It said: ${results.map(shown).sort().join(', ')}` };
    if (prompt.includes('Again') && callsOf(request) < 3) return { calls: [bash(`echo turn-${callsOf(request)}`)] };
    return ANSWERS[Object.keys(ANSWERS).find((word) => prompt.includes(word))] ?? { text: 'Good day.' };
  };
  return { answerOf, fail: (...names) => (fails = names) };
}

const shown = (output) => (typeof output === 'string' ? output.trim() : output.map(({ type }) => type).join());
const statuses = (entries) => entries.map(({ status }) => status);
const callsOf = ({ input, messages }) =>
  input?.filter(({ type }) => type === 'function_call').length ?? messages.flatMap((own) => own.tool_calls ?? []).length;

for (const [name, start] of Object.entries(UPSTREAMS)) {
  describe(`Claude Code on a ${name} upstream`, () => {
    const { answerOf, fail } = answers();
    let [upstream, gateway, home] = [];
    before(async () => {
      upstream = await start(answerOf);
      const flags = { upstreamApi: name, heartbeatMs: 300, upstreamWebsocket: false };
      gateway = await gatewayTo(upstream.url, flags);
      home = await mkdtemp(join(tmpdir(), 'sluicegate-claude-'));
      await mkdir(join(home, 'work'));
      await writeFile(join(home, 'work', 'picture.png'), Buffer.from(PNG, 'base64'));
    });
    after(async () => {
      await Promise.all([gateway.close(), upstream.close()]);
      await rm(home, { recursive: true, force: true });
    });

    /** What it answers, and what the upstream was asked for that. */
    const ask = async (prompt, more = {}) => {
      const [turns, entries] = [upstream.turns.length, gateway.entries.length];
      const answer = await claude(home, { url: gateway.url, prompt, ...more });
      await gateway.logged();
      return { ...answer, turns: upstream.turns.slice(turns), entries: gateway.entries.slice(entries) };
    };

    test('an answer', async () => {
      const { texts, usage, turns } = await ask('Hello.');
      assert.deepEqual([texts, usage.output_tokens, turns.length], [['Good day.'], 7, 1]);
    });

    test('a shell call, and the turn after it', async () => {
      const { texts, results } = await ask('Shell.');
      assert.deepEqual([results, texts], [['hello-from-tool'], ['It said: hello-from-tool']]);
    });

    test('two calls at once', async () => {
      const { texts, results } = await ask('Both.');
      assert.deepEqual([results.sort(), texts], [['first', 'second'], ['It said: first, second']]);
    });

    test('calls that have the same id in every answer', async () => {
      const first = await ask('Again.');
      const { calls, results } = await ask('Again.', { isFurther: true });
      assert.deepEqual([first.results, results], [['turn-0'], ['turn-1']]);
      assert.notEqual(first.calls[0].id, calls[0].id);
    });

    test('thinking, and its way back', async () => {
      const { thoughts, texts, turns } = await ask('Think.');
      assert.deepEqual([thoughts, texts], [['Let me see.'], ['It said: thought']]);
      const [{ request }] = turns.slice(-1);
      if (name === 'responses') {
        const { encrypted_content: content } = request.input.find(({ type }) => type === 'reasoning');
        assert.match(content, /^gAAAAAB/);
      }
    });

    test('an image that a tool read', async () => {
      const { texts, turns } = await ask('Picture.');
      assert.equal(texts.length, 1);
      assert.ok(JSON.stringify(turns.at(-1).request).includes(`data:image/png;base64,${PNG}`));
    });

    test('overload before the first byte: it tries again', async () => {
      fail('overload');
      const { texts, entries } = await ask('Hello.');
      assert.deepEqual([texts, statuses(entries)], [['Good day.'], [529, 200]]);
    });

    test('a limit before the first byte: it tries again, unless that is for hours', async () => {
      fail('limit');
      const { text, failure, entries } = await ask('Hello.');
      if (name === 'chat') assert.deepEqual([text, statuses(entries)], ['Good day.', [429, 200]]);
      else assert.deepEqual([failure, statuses(entries)], [`API Error: Request rejected (429) · ${LIMIT}`, [429]]);
    });

    test('a 404: it asks again, for a whole Message', async () => {
      fail('missing');
      const { texts, turns, entries } = await ask('Hello.');
      assert.deepEqual([texts, statuses(entries)], [['Good day.'], [404, 200]]);
      if (name === 'chat') assert.deepEqual(turns.map(({ request }) => request.stream), [true, false]);
    });

    test('a prompt that is too long: the session is compacted, and goes on', async () => {
      await ask('Hello.');
      await ask('Hello again.', { isFurther: true });
      fail('length');
      const { texts, turns } = await ask('And again.', { isFurther: true });
      assert.equal(texts.at(-1), 'Good day.');
      assert.equal(turns.length, 3);
    });

    for (const [what, failure] of [['fails', 'late'], ['is cut', 'cut']]) {
      test(`an answer that ${what} in its middle: it keeps the text, and goes on`, async () => {
        fail(failure);
        const { texts, turns } = await ask('Hello.');
        assert.deepEqual([texts.length, texts.at(-1), turns.length], [2, 'Good day.', 2]);
        assert.ok(turns[1].prompt.includes(RESUMED));
      });
    }

    test('a silence that is longer than it waits for a byte', async () => {
      fail('silence');
      const { text, turns } = await ask('Hello.', { env: { CLAUDE_BYTE_STREAM_IDLE_TIMEOUT_MS: '10000' } });
      assert.deepEqual([text, turns.length], ['Yes.', 1]);
    });

    test('the context meter', async () => {
      const { text, turns, entries } = await ask('/context');
      assert.match(text, /\*\*Tokens:\*\* \d+/);
      const counts = entries.filter(({ path }) => path === '/v1/messages/count_tokens');
      assert.deepEqual([turns.length, counts.length > 10, counts.every(({ status }) => status === 200)], [0, true, true]);
    });

    test('a session that is resumed', async () => {
      await ask('Hello.');
      const { texts, turns } = await ask('Shell.', { isFurther: true });
      assert.deepEqual(texts, ['It said: hello-from-tool']);
      assert.ok(JSON.stringify(turns[0].request).includes('Good day.'));
    });

    test('compaction', async () => {
      await ask('Hello.');
      const { turns } = await ask('/compact', { isFurther: true });
      assert.ok(turns[0].prompt.includes('TEXT ONLY'));
      const { texts, turns: [{ request }] } = await ask('Hello again.', { isFurther: true });
      assert.deepEqual(texts, ['Good day.']);
      assert.ok(JSON.stringify(request).includes('They greeted each other.'));
    });
  });
}

describe('docs/guides/claude-code.md', () => {
  const page = readFileSync(new URL('../../docs/guides/claude-code.md', import.meta.url), 'utf8');
  const [servers, variables] = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, code]) => code);

  test('its servers start', async () => {
    for (const line of servers.trim().split('\n')) {
      const [, command, , upstream, ...flags] = line.split(' ');
      assert.equal(command, 'serve');
      const more = Object.fromEntries(flags.length > 0 ? [['upstreamApi', flags[1]]] : []);
      await (await gatewayTo(upstream, more)).close();
    }
  });

  test('its variables are those that are printed, and lead Claude Code here', async () => {
    const flags = ['serve', '--upstream', 'demo', '--print-config', 'claude-code'];
    const { stdout } = spawnSync(process.env.SLUICEGATE_SERVER, flags, { encoding: 'utf8' });
    assert.equal(stdout, variables);
    const upstream = await UPSTREAMS.responses(() => ({ text: 'Good day.' }));
    const gateway = await gatewayTo(upstream.url, { upstreamWebsocket: false });
    const home = await mkdtemp(join(tmpdir(), 'sluicegate-claude-'));
    const own = [...variables.matchAll(/(ANTHROPIC_\w*MODEL)=(\S+)/g)].map(([, name, value]) => [name, value]);
    const { texts } = await claude(home, { url: gateway.url, prompt: 'Hello.', env: Object.fromEntries(own) });
    assert.deepEqual([texts, upstream.turns[0].request.model], [['Good day.'], 'gpt-5.5']);
    await Promise.all([gateway.close(), upstream.close()]);
    await rm(home, { recursive: true });
  });
});
