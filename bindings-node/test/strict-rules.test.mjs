// The rules of the strict backend: each refuses something, in the backend's words; what the Codex CLI sends passes.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import { ACCEPTED, LEAST } from './strict-cases.mjs';
import { REFUSED, STATUSES } from './strict-refused.mjs';
import { RULES, WEBSOCKET_MODELS, check, ruleFor } from './strict-rules.mjs';

describe('the strict backend refuses', () => {
  for (const [what, request, body, transport = 'http'] of REFUSED) {
    test(what, () => {
      const expected = { status: STATUSES.get(what) ?? 400, body };
      assert.deepEqual(check(JSON.stringify(request), { transport }), expected);
    });
  }

  test('an unknown item', () => {
    const { status, body } = check({ ...LEAST, input: [{ type: 'memory' }] }, { transport: 'http' });
    assert.deepEqual([status, body.error.param, body.error.code], [400, 'input[0]', 'invalid_value']);
    assert.match(body.error.message, /^Invalid value: 'memory'\. Supported values are: 'additional_tools', /);
  });

  test('what is not JSON', () => {
    for (const text of ['', '{"model":', Buffer.from('{]')]) {
      const { status, body } = check(text, { transport: 'http' });
      assert.equal(status, 400);
      assert.match(body.error.message, /^We could not parse the JSON body of your request\./);
    }
  });

  test('something by every rule', () => {
    const unknownItem = ['an unknown item', { ...LEAST, input: [{ type: 'memory' }] }];
    const hits = [...REFUSED, unknownItem].map(([, request, , transport = 'http']) => {
      const sent = JSON.parse(JSON.stringify(request));
      return ruleFor(sent, { transport, websocketModels: WEBSOCKET_MODELS })?.rule;
    });
    for (const [at, rule] of RULES.entries()) assert.ok(hits.includes(rule), `${at} ${rule.name} refuses nothing`);
  });
});

describe('the strict backend takes', () => {
  for (const [what, request, transport = 'http'] of ACCEPTED) {
    test(what, () => assert.equal(check(JSON.stringify(request), { transport }), null));
  }

  test('what it has parsed', () => assert.equal(check(LEAST, { transport: 'http' }), null));

  test('a WebSocket model over HTTP where there is none', () => {
    const request = { ...LEAST, model: 'ws-only-model' };
    assert.equal(check(request, { transport: 'http', websocketModels: new Set() }), null);
  });
});

/** Where there are recorded requests of the Codex CLI. */
const folder = `${process.env.SLUICEGATE_RECORDINGS}/requests`;
const skip = existsSync(folder) ? false : 'no requests in SLUICEGATE_RECORDINGS';

describe('the strict backend takes what the Codex CLI sends', { skip }, () => {
  for (const name of skip ? [] : readdirSync(folder)) {
    test(name, () => {
      // They were sent to a provider of another name, where the CLI leaves the instructions out.
      const request = { instructions: 'Be brief.', ...JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) };
      if (request.input[0].type === 'additional_tools') delete request.instructions;
      const isFrame = request.type === 'response.create';
      assert.equal(check(request, { transport: isFrame ? 'websocket' : 'http' }), null);
      assert.notEqual(check(request, { transport: isFrame ? 'http' : 'websocket' }), null);
    });
  }
});
