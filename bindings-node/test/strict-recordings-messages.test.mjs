// What real clients send is what the strict Messages server takes: Claude Code's requests as they are and relayed, the Codex
// CLI's as Messages requests. Where there are recordings, in SLUICEGATE_RECORDINGS.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import { convertRequest } from 'sluicegate';
import { check } from './messages-rules.mjs';

const HEADERS = { 'x-api-key': 'any', 'anthropic-version': '2023-06-01' };
const MODELS = ['claude-opus-5-5', 'claude-opus-4-6', 'claude-sonnet-4-5', 'claude-3-5-haiku', 'gpt-5.5'];

function recorded(...folders) {
  const paths = folders.map((folder) => `${process.env.SLUICEGATE_RECORDINGS}/${folder}`).filter((path) => existsSync(path));
  const files = paths.flatMap((path) => readdirSync(path).map((name) => `${path}/${name}`));
  return files.filter((file) => file.endsWith('.json')).map((file) => [file, JSON.parse(readFileSync(file, 'utf8'))]);
}

/** The signatures are another server's. */
function assertTaken(body, beta, isCount = false) {
  const headers = { ...HEADERS, ...(beta && { 'anthropic-beta': beta }) };
  assert.equal(check(body, { headers, isCount, isSigned: () => true }), null);
}

const ofClaudeCode = recorded('messages/claude-code').filter(([, { path = '' }]) => path.includes('/messages'));

describe('the Messages server takes what Claude Code sends', { skip: ofClaudeCode.length === 0 }, () => {
  for (const [name, { path, headers, body }] of ofClaudeCode) {
    test(name, () => {
      const [, beta] = headers.find(([key]) => key.toLowerCase() === 'anthropic-beta') ?? [];
      const isCount = path.includes('count_tokens');
      assertTaken(JSON.stringify(body), beta, isCount);
      if (isCount) return;
      assertTaken(convertRequest(JSON.stringify(body), { client: 'messages', upstream: 'messages' }).body, beta);
    });
  }
});

/** What goes on from a previous response is expanded first. */
const ofCodex = recorded('requests', 'codex-0.171')
  .map(([name, given]) => [name, given.body ?? given])
  .filter(([, { input, previous_response_id: previous }]) => input && !previous);

describe('the Messages server takes what the Codex CLI sends', { skip: ofCodex.length === 0 }, () => {
  for (const [name, request] of ofCodex) {
    for (const model of MODELS) {
      test(`${name} for ${model}`, () => {
        const sent = JSON.stringify({ ...request, model });
        assertTaken(convertRequest(sent, { client: 'responses', upstream: 'messages' }).body);
      });
    }
  }
});
