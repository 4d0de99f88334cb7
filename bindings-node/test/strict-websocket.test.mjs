// The strict backend over WebSocket: frames as bytes, and connections with Node's own client.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startStrictBackend } from './strict-backend.mjs';
import { FRAME, f, user } from './strict-cases.mjs';
import { answered, ask, connect, skip } from './strict-client.mjs';
import { FrameReader, acceptOf, closing, frame } from './strict-frames.mjs';

const MASK = Buffer.from([1, 2, 3, 4]);

/** A frame of a client: of the server's, masked. */
function masked(first, payload) {
  const own = frame('text', payload);
  const head = own.subarray(0, own.length - Buffer.byteLength(payload));
  head[0] = first;
  head[1] |= 0x80;
  return Buffer.concat([head, MASK, Buffer.from(payload).map((byte, at) => byte ^ MASK[at % 4])]);
}

function read(...chunks) {
  const reader = new FrameReader();
  return chunks.flatMap((chunk) => [...reader.feed(chunk)]).map(({ name, payload }) => [name, payload.toString()]);
}

describe('frames', () => {
  test('the key of the RFC has the answer of the RFC', () => {
    assert.equal(acceptOf('dGhlIHNhbXBsZSBub25jZQ=='), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  });

  for (const length of [0, 125, 126, 65535, 65536]) {
    test(`a message of ${length}, however it is cut`, () => {
      const sent = masked(0x81, 'x'.repeat(length));
      for (const cut of [1, 2, 3, 5, 9, sent.length - 1]) {
        assert.deepEqual(read(sent.subarray(0, cut), sent.subarray(cut)), [['text', 'x'.repeat(length)]]);
      }
    });
  }

  test('fragments with a ping in between', () => {
    const sent = [masked(0x01, 'a'), masked(0x89, 'p'), masked(0x00, 'b'), masked(0x80, 'c')];
    assert.deepEqual(read(Buffer.concat(sent)), [['ping', 'p'], ['text', 'abc']]);
  });

  for (const [what, code, ...chunks] of [
    ['without a mask', 1002, frame('text', 'x')],
    ['with reserved bits', 1002, masked(0xc1, 'x')],
    ['of an unknown kind', 1002, masked(0x83, 'x')],
    ['that continues nothing', 1002, masked(0x80, 'x')],
    ['that begins in another', 1002, masked(0x01, 'x'), masked(0x81, 'x')],
    ['of control in fragments', 1002, masked(0x09, 'x')],
    ['of control that is long', 1002, masked(0x89, 'x'.repeat(126))],
    ['that is too big', 1009, masked(0x81, 'x'.repeat(16 * 1024 * 1024 + 1))],
  ]) {
    test(`a frame ${what} is a violation`, () => assert.throws(() => read(...chunks), { code }));
  }

  test('a close carries its code', () => assert.deepEqual([...closing(1002)], [0x03, 0xea]));
});

describe('a connection', { skip }, () => {
  let backend;
  before(async () => (backend = await startStrictBackend()));
  after(() => backend.close());

  const open = () => connect(`${backend.url}/backend-api/codex/responses`);

  test('gets the events of the stream', async () => {
    const client = await open();
    const events = await ask(client, FRAME);
    const body = JSON.stringify({ ...FRAME, type: undefined });
    const text = await (await fetch(`${backend.url}/responses`, { method: 'POST', body })).text();
    const id = /resp_strict_\d+/.exec(text)[0];
    const streamed = [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data));
    const same = JSON.parse(JSON.stringify(events).replaceAll(events[0].response.id.slice(5), id.slice(5)));
    assert.deepEqual(same, streamed);
    client.socket.close();
  });

  test('goes on from a response of its own, not of another', async () => {
    const [client, other] = [await open(), await open()];
    const [{ response }, ...more] = await ask(client, { ...FRAME, generate: false });
    assert.deepEqual(more.map(({ type }) => type), ['response.in_progress', 'response.completed']);
    const request = { ...FRAME, previous_response_id: response.id, input: [user('tool')], tools: [f] };
    const events = await ask(client, request);
    assert.equal(events.at(-1).response.previous_response_id, response.id);
    const outputs = ['call_a', 'call_b'].map((id) => ({ type: 'function_call_output', call_id: id, output: '' }));
    const last = { ...request, previous_response_id: events[0].response.id, input: outputs };
    assert.equal((await ask(client, last)).at(-1).type, 'response.completed');
    assert.deepEqual(await ask(other, request), [
      {
        type: 'error',
        status: 400,
        error: {
          message: `Previous response with id '${response.id}' not found.`,
          type: 'invalid_request_error',
          param: 'previous_response_id',
          code: 'previous_response_not_found',
        },
      },
    ]);
    for (const { socket } of [client, other]) socket.close();
  });

  test('gets refusals as errors, and stays', async () => {
    const client = await open();
    const tier = { type: 'invalid_request_error', message: 'Unsupported service_tier: flex' };
    const refused = await ask(client, { ...FRAME, service_tier: 'flex' });
    assert.deepEqual(refused, [{ type: 'error', status: 400, error: tier }]);
    const [{ error }] = await ask(client, '{');
    assert.match(error.message, /^We could not parse/);
    assert.equal((await ask(client, '[]'))[0].error.message, 'Input should be a valid dictionary');
    const [limited] = await ask(client, { ...FRAME, model: 'fail-429' });
    assert.deepEqual([limited.status, limited.error.type], [429, 'usage_limit_reached']);
    assert.equal(limited.headers['x-codex-primary-used-percent'], '100');
    assert.equal((await ask(client, { ...FRAME, model: 'fail-500-html' }))[0].status, 500);
    assert.equal((await ask(client, FRAME)).at(-1).type, 'response.completed');
    client.socket.close();
  });

  test('cannot go on from a response that failed', async () => {
    const client = await open();
    const failed = await ask(client, { ...FRAME, model: 'fail-stream-late' });
    assert.equal(failed.at(-1).type, 'response.failed');
    const [{ error }] = await ask(client, { ...FRAME, previous_response_id: failed[0].response.id });
    assert.equal(error.code, 'previous_response_not_found');
    client.socket.close();
  });

  test('gets one response at a time', async () => {
    const client = await open();
    for (const model of ['slow', 'gpt-5.5']) client.socket.send(JSON.stringify({ ...FRAME, model }));
    for (const model of ['slow', 'gpt-5.5']) {
      const events = await answered(client);
      assert.equal(events.at(-1).response.model, model);
      assert.equal(events.filter(({ type }) => type === 'response.created').length, 1);
    }
    client.socket.close();
  });

  test('is cut', async () => {
    const client = await open();
    const events = await ask(client, { ...FRAME, model: 'cut' });
    assert.equal(events.filter(({ type }) => type === 'response.output_text.delta').length, 2);
    assert.deepEqual(events.at(-1), { type: 'close', code: 1006 });
  });

  test('is closed by the client, or for a binary message', async () => {
    const client = await open();
    client.socket.close(1000);
    assert.deepEqual(await client.next(), { type: 'close', code: 1000 });
    const other = await open();
    other.socket.send(new Uint8Array([1]));
    assert.deepEqual(await other.next(), { type: 'close', code: 1003 });
  });

  test('is recorded', async () => {
    backend.requests.length = 0;
    const client = await open();
    await ask(client, FRAME);
    const [{ transport, path, body, headers }] = backend.requests;
    assert.deepEqual([transport, path, body], ['websocket', '/backend-api/codex/responses', FRAME]);
    assert.equal(headers.upgrade, 'websocket');
    client.socket.close();
  });
});
