// fixtures/websocket: the frame of a body, the body of a frame, what to do about a failure; frames of every envelope.
import assert from 'node:assert/strict';
import {
  Baseline, SluicegateError, afterFailure, errorEnvelope, errorFrame, frameHeaders, httpBody, warmUpFrames, warmUpResponse, wsRequest,
} from 'sluicegate';
import { json, lines, replays, rows } from '../cases.mjs';

function baselineOf(previous, frames) {
  const baseline = new Baseline(previous);
  frames.forEach((frame, nth) => baseline.frame(nth % 2 === 0 ? frame : Buffer.from(frame)));
  return baseline;
}

/** The body, or the envelope of the error. */
function bodyOf(frame) {
  try {
    return httpBody(frame);
  } catch (error) {
    if (!(error instanceof SluicegateError)) throw error;
    assert.equal(error.status, 400);
    return Buffer.from(JSON.stringify(error.envelope));
  }
}

const frames = replays('websocket', (file, name) => {
  if (file('request.json') !== null) {
    const previous = file('previous.json');
    const baseline = previous && baselineOf(previous, lines(file('frames.jsonl')));
    const frame = wsRequest(file('request.json'), baseline);
    assert.equal(frame, file('frame.json').toString());
    assert.equal(name.startsWith('tail'), frame.startsWith('{"type":"response.create","previous'));
  }
  assert.deepEqual(bodyOf(file('frame.json')), file('http.json'));
});

const failures = rows('websocket/failures.jsonl', ({ transport, status, body, committed, then }) => {
  assert.equal(afterFailure(transport, errorEnvelope({ status, body }), committed), then);
});

const headers = rows('websocket/headers.jsonl', ({ frame, headers: expected }) => {
  for (const given of [frame, Buffer.from(frame)]) assert.deepEqual(frameHeaders(given), expected);
});

const warmUps = rows('websocket/warm_up.jsonl', ({ response_id: id, frames: expected, response }) => {
  assert.deepEqual([warmUpFrames(id), warmUpResponse(id).toString()], [expected, response]);
});

/** A frame has what its envelope has. */
const errors = replays('envelope', (file) => {
  const envelope = json(file('envelope.json'));
  const frame = errorFrame(envelope);
  assert.equal(typeof frame, 'string');
  const { hint: _, ...again } = errorEnvelope({ body: frame });
  const { hint: __, ...expected } = envelope;
  assert.deepEqual(again, expected);
}).map(({ name, run }) => ({ name: `frame of ${name}`, run }));

export const websocket = [...frames, ...failures, ...headers, ...warmUps, ...errors];
