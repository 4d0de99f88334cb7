// fixtures/envelope, otel: a failure's envelope, an outcome's attributes.
import assert from 'node:assert/strict';
import { errorEnvelope, otelAttributes } from 'sluicegate';
import { json, line, replays, rows } from '../cases.mjs';
import { forms } from './forms.mjs';

export const envelope = replays('envelope', (file) => {
  const { status, headers = {}, now_ms: nowMs } = json(file('failure.json')) ?? {};
  const expected = file('envelope.json').toString();
  const made = (failure) => line(errorEnvelope({ status, headers, nowMs, ...failure }));
  for (const body of forms(file('body') ?? Buffer.alloc(0))) {
    for (const given of [headers, Object.entries(headers), new Headers(headers), new Map(Object.entries(headers))]) {
      assert.equal(made({ body, headers: given }), expected);
    }
  }
  if (file('body') === null) assert.equal(made({}), expected);
});

export const otel = rows('otel/cases.jsonl', ({ outcome, options, attributes }) => {
  assert.equal(JSON.stringify(otelAttributes(outcome, options)), JSON.stringify(attributes));
});
