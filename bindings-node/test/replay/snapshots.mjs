// Snapshots of every stream in fixtures/chat, relay, respond and messages_upstream: what it would be if it ended there.
import assert from 'node:assert/strict';
import { Collector } from 'sluicegate';
import { cases, collectGarbage, json } from '../cases.mjs';

const bodies = (collector) =>
  [collector.finalResponse(), collector.finalCompletion(), collector.finalMessage(), collector.outcomeJson].map(String);

async function replay(file, upstream) {
  const given = json(file('options.json')) ?? {};
  const options = { ...(given.options ?? given), upstream };
  const input = file('input.sse');
  const step = Math.max(1, input.length >> 3);
  const goingOn = new Collector(options);
  for (let at = 0; at < input.length; at += step) {
    goingOn.feed(input.subarray(at, at + step));
    const ended = new Collector(options);
    ended.feed(input.subarray(0, at + step));
    ended.finish();
    assert.deepEqual(bodies(goingOn.snapshot()), bodies(ended));
    assert.equal(goingOn.finalResponse(), null);
  }
  const before = bodies(goingOn.snapshot());
  goingOn.finish();
  assert.deepEqual([bodies(goingOn), bodies(goingOn.snapshot())], [before, before]);
  await collectGarbage();
}

/** Of a kind, by what its upstream speaks. */
export const snapshots = (kind, upstream) =>
  cases(kind)
    .filter(({ file }) => file('input.sse') !== null)
    .map(({ name, file }) => ({ name: `snapshots of ${kind}/${name}`, run: () => replay(file, upstream) }));
