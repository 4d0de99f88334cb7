// Every fixture of a stream, whole and cut: the same bytes, errors and outcome as in the other languages.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { REQUESTS, STREAMS } from './replay/kinds.mjs';

test('every folder of fixtures is replayed, here and in each runtime', () => {
  const entries = readdirSync(new URL('../../fixtures/', import.meta.url), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const kinds = { ...STREAMS, ...REQUESTS };
  assert.deepEqual(folders.sort(), Object.keys(kinds).sort());
  for (const [kind, tests] of Object.entries(kinds)) assert.ok(tests.length > 0, `no case in fixtures/${kind}`);
});

for (const { name, run } of Object.values(STREAMS).flat()) test(name, run);
