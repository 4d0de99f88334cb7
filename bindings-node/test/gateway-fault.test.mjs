// A fault in the gateway of the examples, in this process.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway } from '../examples/gateway/server.mjs';
import { ofExample, openai, until } from './gateways.mjs';

const ASK = { model: 'gpt-5.5', messages: [{ role: 'user', content: 'Hi' }] };

test('a fault of the gateway reports its place, and nothing else', { skip: ofExample }, async (context) => {
  const entries = [];
  const catalog = { routeRequest: () => JSON.parse('secret') };
  const options = { upstream: 'http://127.0.0.1:1', port: 0, catalog, log: (entry) => entries.push(entry) };
  const gateway = await startGateway(options);
  context.after(gateway.close);
  await assert.rejects(openai(gateway).chat.completions.create(ASK), { status: 500 });
  await fetch(`${gateway.url}/secret`);
  await until(() => entries.length === 2, 'logged');
  assert.match(entries[0].fault, /^SyntaxError at /);
  assert.doesNotMatch(JSON.stringify(entries), /secret/);
});
