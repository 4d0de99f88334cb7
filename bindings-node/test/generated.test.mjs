// Generated streams whose fold is known, written by the Rust suite: the same here. `make` has the file made.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ChatTranscoder, ResponseCollector, ResponsesRelay } from 'sluicegate';
import { cuttings, lines } from './cases.mjs';

const generated = new URL('../../target/generated.jsonl', import.meta.url);

function sha256(data) {
  return createHash('sha256').update(data).digest('hex');
}

function consume(pieces) {
  const stream = (verb) => Buffer.concat([...pieces.map((piece) => verb.feed(piece)), verb.finish()]);
  const collector = new ResponseCollector();
  for (const piece of pieces) collector.feed(piece);
  const [chat, relayed] = [stream(new ChatTranscoder()), stream(new ResponsesRelay())];
  return { chat, relayed, response: collector.finish(), completion: collector.chatCompletion() };
}

/** Two of the ways to cut it. */
function chunkings(data) {
  const all = cuttings(data);
  const [whole] = [all.next().value, all.next()];
  return [whole, all.next().value ?? whole];
}

test('generated streams', () => {
  const cases = lines(readFileSync(generated)).map((line) => JSON.parse(line)); // no such file: make target/generated.jsonl
  assert.ok(cases.length >= 200);
  for (const { input, message, finish_reason: reason, output, sha256: expected } of cases) {
    for (const pieces of chunkings(Buffer.from(input))) {
      const seen = consume(pieces);
      const digests = Object.fromEntries(Object.entries(seen).map(([name, data]) => [name, sha256(data)]));
      assert.deepEqual(digests, expected);
      const [choice] = JSON.parse(seen.completion).choices;
      assert.equal(choice.finish_reason, reason);
      for (const [member, got] of Object.entries(message)) assert.deepEqual(choice.message[member] || null, got, member);
      assert.deepEqual(JSON.parse(seen.response).output, output);
    }
  }
});
