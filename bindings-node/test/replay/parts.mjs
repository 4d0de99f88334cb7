// fixtures/parts, probe, count_tokens: what is asked of a request, or of a part of one.
import assert from 'node:assert/strict';
import { convertMessages, convertToolChoice, convertTools, convertUsage, countTokens as count, isProbe } from 'sluicegate';
import { line, replays, rows } from '../cases.mjs';
import { forms } from './forms.mjs';

const CONVERTERS = { tools: convertTools, tool_choice: convertToolChoice, messages: convertMessages };

export const parts = rows('parts/cases.jsonl', ({ name: _, part, value, becomes, changes, context, rejected, ...options }) => {
  if (part === 'usage') return assert.deepEqual(convertUsage(value, options.client, options.upstream), becomes);
  const convert = () => CONVERTERS[part](value, options);
  if (rejected === undefined) return assert.deepEqual(convert(), { value: becomes, changes, context });
  const { code, path, offset } = rejected.error;
  return assert.throws(convert, (error) => error.code === code && error.path === path && error.offset === offset);
});

export const probe = rows('probe/cases.jsonl', ({ body, is_probe: expected }) => {
  for (const form of forms(Buffer.from(body))) assert.equal(isProbe(form), expected);
});

const counts = replays('count_tokens', (file) => {
  const isRejected = ({ status, envelope }) => status === 400 && line(envelope) === file('envelope.json')?.toString();
  for (const body of forms(file('request.json'))) {
    if (file('expected.json') === null) assert.throws(() => count(body), isRejected);
    else assert.equal(line({ input_tokens: count(body) }), file('expected.json').toString());
  }
});

const asked = (text) => count({ messages: [{ role: 'user', content: text }] });

/** Within 30 percent of what a tokenizer finds. */
const estimates = rows('count_tokens/measured.jsonl', ({ text, o200k_base: tokens }) => {
  const estimate = asked(text) - asked('');
  assert.ok(Math.abs(estimate - tokens) * 100 <= 30 * tokens, `${estimate}, not ${tokens}: ${text}`);
});

export const countTokens = [...counts, ...estimates];
