// The suites of llm-comply on the gateway, over an upstream of each dialect. Its command is in COMPLY: `make test-comply`
// installs it. Each check is one of ours, too.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { startChatServer } from './chat-server.mjs';
import { gatewayTo } from './gateways.mjs';
import { startMessagesServer } from './messages-server.mjs';
import { message, compaction, lastOf } from './strict-answers.mjs';
import { startStrictBackend } from './strict-backend.mjs';

const CONFORM = { conform: 'open_responses', orphans: 'reject' };
/** Of each suite: how many checks it has at least, its model, by whose name the checks of reasoning run, too, further flags. */
const SUITES = {
  'open-responses': { least: 13, model: 'gpt-5.5' },
  'openai-chat': { least: 9, model: 'gpt-5.5' },
  anthropic: { least: 9, model: 'claude-sonnet-4-5', flags: ['--auth-header', 'x-api-key', '--no-bearer'] },
};
/**
 * Its schema of 0.5.0 lacks this official event, so the upstreams here stream no reasoning: `streaming-response` and
 * `streaming-usage` would refuse it.
 */
const REFUSED = 'response.reasoning_summary_text.delta';

const isCalled = ({ tools = [], tool_choice: choice }) => tools.length > 0 && choice === 'required';

/** What the backend answers. */
function itemsOf(request, responseId) {
  const suffix = responseId.slice('resp_'.length);
  if (lastOf(request.input).type === 'compaction_trigger') return [compaction(responseId)];
  if (!isCalled(request)) return [message(['Good ', 'day.'], suffix)];
  const [{ name }] = request.tools;
  return [{ id: `fc_${suffix}`, type: 'function_call', call_id: `call_${suffix}`, name, arguments: '{"location":"here"}' }];
}

/** What the chat server answers. */
function answerOf(request) {
  return isCalled(request) ? { calls: [[request.tools[0].function.name, '{"location":"here"}']] } : { text: 'Good day.' };
}

/** What the Messages server answers. */
function messageOf({ tools = [], tool_choice: choice }) {
  const isCalled = tools.length > 0 && choice?.type === 'any';
  return isCalled ? { calls: [[tools[0].name, { location: 'here' }]] } : { text: 'Good day.' };
}

const UPSTREAMS = {
  'a Responses upstream': [() => startStrictBackend({ itemsOf }), CONFORM],
  'a chat upstream': [() => startChatServer(answerOf, { also: ['reasoning'] }), { ...CONFORM, upstreamApi: 'chat' }],
  'a Messages upstream': [() => startMessagesServer(messageOf), { ...CONFORM, upstreamApi: 'messages' }],
};

for (const [name, [start, flags]] of Object.entries(UPSTREAMS)) {
  describe(`llm-comply, over ${name}`, () => {
    let [upstream, gateway] = [];
    before(async () => {
      upstream = await start();
      gateway = await gatewayTo(upstream.url, flags);
    });
    after(() => Promise.all([gateway.close(), upstream.close()]));

    for (const [suite, { least, model, flags = [] }] of Object.entries(SUITES)) {
      test(suite, async (t) => {
        const own = ['-u', `${gateway.url}/v1`, '-k', 'any', '-m', model, '--format', suite];
        const results = await comply([...own, ...flags]);
        for (const { id, status, errors = [], warnings = [] } of results) {
          assert.equal(status, 'passed', `${id}: ${errors.join('; ')}`);
          for (const warning of warnings) t.diagnostic(`${id}: ${warning}`);
        }
        assert.ok(results.length >= least, `${results.length} checks`);
        t.diagnostic(`${results.length} passed; none of them streams ${REFUSED}, which the suite does not know`);
      });
    }
  });
}

/** The results of a run. */
function comply(args) {
  return new Promise((done, fail) => {
    execFile(process.env.COMPLY, [...args, '--json'], { maxBuffer: 1 << 24 }, (error, stdout) => {
      try {
        done(JSON.parse(stdout).results);
      } catch {
        fail(error ?? new Error(stdout));
      }
    });
  });
}
