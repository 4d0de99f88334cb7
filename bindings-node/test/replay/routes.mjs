// fixtures/route: what a catalog makes of a model's name, and of a request.
import assert from 'node:assert/strict';
import { Catalog } from 'sluicegate';
import { rows } from '../cases.mjs';

const models = rows('route/cases.jsonl', ({ model, options, live }, line) => {
  const catalog = new Catalog();
  if (live !== undefined) catalog.mergeLive(live);
  const route = JSON.stringify(catalog.route(model, options));
  assert.ok(line.endsWith(`,"route":${route}}`), `${line}\n${route}`);
});

const requests = rows('route/requests.jsonl', ({ body, options, ...expected }, line) => {
  for (const given of [body, Buffer.from(body)]) {
    const { route, model, body: sent } = new Catalog().routeRequest(given, options);
    assert.deepEqual({ model, sent: Buffer.from(sent).toString(), route }, expected, line);
  }
});

export const route = [...models, ...requests];
