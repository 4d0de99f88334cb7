// The official client through the gateway, with the strict backend behind it, over either upstream transport.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as zlib from 'node:zlib';
import Anthropic from '@anthropic-ai/sdk';
import { APIError, BadRequestError, InternalServerError, NotFoundError, RateLimitError } from 'openai';
import { gatewayTo, ofBinary, openai } from './gateways.mjs';
import { PNG } from './strict-answers.mjs';
import { startStrictBackend } from './strict-backend.mjs';

const TEXT = 'Hello from the strict backend.';
const ASK = { model: 'gpt-5.5', messages: [{ role: 'user', content: 'Hi' }] };
const strict = (name, type) => {
  return { type: 'object', properties: { [name]: { type } }, required: [name], additionalProperties: false };
};
const TOOLS = ['first', 'second'].map((name) => {
  return { type: 'function', function: { name, parameters: strict('q', 'number') } };
});
const SCHEMA = strict('ok', 'boolean');

/** Where the upstream is asked over WebSocket, so are the models that fail. */
const FAILING = ['fail-429', 'fail-500-html', 'fail-stream-first', 'fail-stream-late', 'cut'];
const live = { models: FAILING.map((slug) => ({ slug, prefer_websockets: true })) };

/** Of no HTML over WebSocket: it is a server error, which may be one of the transport. */
const RETRIED = new Set(['fail-500-html']);

for (const transport of ['http', 'websocket']) {
  describe(`over ${transport}`, () => {
    let [backend, gateway, client] = [];
    before(async () => {
      backend = await startStrictBackend();
      const upstreamWebsocket = transport === 'websocket';
      gateway = await gatewayTo(`${backend.url}/backend-api/codex`, { upstreamWebsocket, live });
      client = openai(gateway);
    });
    after(() => Promise.all([gateway.close(), backend.close()]));

    const chat = (more) => client.chat.completions.create({ ...ASK, ...more });

    test('text streams, and usage comes last', async () => {
      const chunks = await all(await chat({ stream: true, stream_options: { include_usage: true } }));
      assert.equal(textOf(chunks), TEXT);
      assert.equal(chunks.at(-1).usage.total_tokens, 19);
      assert.equal(chunks.at(-2).choices[0].finish_reason, 'stop');
      assert.equal(backend.requests.at(-1).transport, transport);
      assert.equal(backend.requests.at(-1).headers.authorization, 'Bearer sk-test');
    });

    test('a whole answer', async () => {
      const { choices, usage } = await chat();
      assert.deepEqual([choices[0].message.content, usage.total_tokens], [TEXT, 19]);
    });

    test('JSON by a schema', async () => {
      const json_schema = { name: 'answer', schema: SCHEMA, strict: true };
      const { choices } = await chat({ response_format: { type: 'json_schema', json_schema } });
      assert.deepEqual(JSON.parse(choices[0].message.content), { ok: true });
    });

    test('parallel calls, and the turn after them', async () => {
      const messages = [{ role: 'user', content: 'Use the tools.' }];
      const stream = client.chat.completions.stream({ ...ASK, messages, tools: TOOLS });
      const { message, finish_reason: reason } = (await stream.finalChatCompletion()).choices[0];
      const calls = message.tool_calls.map(({ id, function: { name, arguments: given } }) => [id, name, given]);
      assert.deepEqual(calls, [['call_a', 'first', '{"q":1}'], ['call_b', 'second', '{"q":2}']]);
      assert.equal(reason, 'tool_calls');
      const outputs = message.tool_calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'done' }));
      const next = await chat({ messages: [...messages, message, ...outputs], tools: TOOLS });
      assert.equal(next.choices[0].message.content, TEXT);
    });

    test('Responses, as a stream and whole', async () => {
      const events = await all(await client.responses.create({ model: 'gpt-5.5', input: 'Hi', stream: true }));
      assert.equal(events.at(-1).response.output[0].content[0].text, TEXT);
      assert.equal((await client.responses.create({ model: 'gpt-5.5', input: 'Hi' })).output_text, TEXT);
    });

    test('a tool loop by previous_response_id', async () => {
      const tools = TOOLS.map((tool) => ({ type: 'function', strict: true, ...tool.function }));
      const first = await client.responses.create({ model: 'gpt-5.5', input: 'Use the tools.', tools });
      const calls = first.output.filter(({ type }) => type === 'function_call');
      const input = calls.map(({ call_id }) => ({ type: 'function_call_output', call_id, output: 'done' }));
      const next = { model: 'gpt-5.5', previous_response_id: first.id, input, tools };
      const second = await client.responses.create(next);
      assert.deepEqual([second.output_text, second.previous_response_id], [TEXT, first.id]);
      const last = { ...next, input: 'Go on.', previous_response_id: second.id };
      const third = await client.responses.create({ ...last, stream: true });
      assert.equal((await all(third)).at(-1).response.previous_response_id, second.id);
      assert.equal(backend.requests.at(-1).body.input.length, 7);
      const stranger = openai(gateway, { apiKey: 'sk-other' });
      await assert.rejects(stranger.responses.create(next), (error) => {
        return error instanceof BadRequestError && error.code === 'previous_response_not_found';
      });
    });

    for (const stream of [true, false]) {
      const how = stream ? 'stream' : 'whole answer';
      for (const [model, status] of [['fail-429', 429], ['fail-500-html', 500], ['fail-stream-first', 503]]) {
        test(`a failure before the first byte has its status: ${model}, ${how}`, async () => {
          await assert.rejects(chat({ model, stream }), { status });
          await assert.rejects(client.responses.create({ model, input: 'Hi', stream }), { status });
          await gateway.logged();
          const { class: kind, status: reported } = gateway.entries.at(-1);
          assert.deepEqual([reported, typeof kind], [status, 'string']);
          assert.equal(backend.requests.at(-1).transport, RETRIED.has(model) ? 'http' : transport);
        });
      }

      test(`a request that must not be sent is rejected here: ${how}`, async () => {
        const { length } = backend.requests;
        await assert.rejects(chat({ n: 2, stream }), { status: 400, param: 'n' });
        await assert.rejects(chat({ tools: [{ type: 'file_search' }], stream }), { param: 'tools[0].type' });
        assert.equal(backend.requests.length, length);
      });
    }

    test('a limit comes with the time to come back', async () => {
      const error = await chat({ model: 'fail-429' }).catch((error) => error);
      assert.ok(error instanceof RateLimitError);
      assert.equal(error.type, 'usage_limit_reached');
      assert.ok(Number(error.headers.get('retry-after')) > 0);
    });

    for (const model of ['fail-stream-late', 'cut']) {
      test(`a failure after the first byte is sent in the stream: ${model}`, async () => {
        const stream = await chat({ model, stream: true });
        await assert.rejects(all(stream), (error) => error instanceof APIError && error.status === undefined);
        const events = await all(await client.responses.create({ model, input: 'Hi', stream: true }));
        assert.equal(events.at(-1).type, 'response.failed');
        await gateway.logged();
        const { status, class: kind } = gateway.entries.at(-1);
        assert.deepEqual([status, kind], [200, model === 'cut' ? 'truncated' : 'retryable']);
        await assert.rejects(chat({ model }), InternalServerError); // nothing was passed on
      });
    }
  });
}

describe('beside the answers', () => {
  let [backend, gateway, client] = [];
  before(async () => {
    backend = await startStrictBackend();
    gateway = await gatewayTo(`${backend.url}/backend-api/codex`, { maxBodyBytes: 10_000 });
    client = openai(gateway);
  });
  after(() => Promise.all([gateway.close(), backend.close()]));

  test('images', async () => {
    const asked = { model: 'gpt-image-2', prompt: 'an image of a cat', size: '1024x1024' };
    const { data } = await client.images.generate(asked);
    assert.deepEqual(data, [{ b64_json: PNG }]);
    const { body, transport } = backend.requests.at(-1);
    assert.deepEqual(body.tools, [{ type: 'image_generation', model: 'gpt-image-2', size: '1024x1024' }]);
    assert.equal(transport, 'http');
  });

  test('images are streamed', async () => {
    const asked = { model: 'gpt-image-2', prompt: 'an image of a cat', partial_images: 2, stream: true };
    let last;
    for await (const event of await client.images.generate(asked)) last = event;
    assert.deepEqual([last.type, last.b64_json], ['image_generation.completed', PNG]);
    assert.deepEqual(backend.requests.at(-1).body.tools, [{ type: 'image_generation', model: 'gpt-image-2', partial_images: 2 }]);
  });

  test('images are edited, where they are named in JSON', async () => {
    const body = JSON.stringify({ prompt: 'an image with a hat', images: [{ image_url: `data:image/png;base64,${PNG}` }], stream: true });
    const answer = await fetch(`${gateway.url}/v1/images/edits`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    assert.match(await answer.text(), /^event: image_edit.completed\ndata: /m);
    const { input, tools } = backend.requests.at(-1).body;
    assert.deepEqual(tools, [{ type: 'image_generation', action: 'edit' }]);
    assert.deepEqual(input.at(-1).content.map(({ type }) => type), ['input_text', 'input_image']);
  });

  test('no image has a reason', async () => {
    const fails = (asked, error) => assert.rejects(client.images.generate(asked), error);
    await fails({ prompt: 'nothing' }, { status: 502, code: 'model_declined' });
    await fails({ prompt: 'an image', n: 2 }, { status: 400, param: 'n' });
    await fails({ prompt: 'nothing', stream: true }, { status: 502, code: 'model_declined' });
    await fails({ prompt: 5 }, { status: 400, param: 'prompt' });
  });

  test('a conversation is compacted by the backend', async () => {
    for (const path of ['/v1/responses/compact', '/backend-api/codex/responses/compact']) {
      const body = JSON.stringify({ model: 'gpt-5.5', input: 'Hi' });
      const { object, output } = await (await fetch(gateway.url + path, { method: 'POST', body })).json();
      assert.deepEqual([object, output.map(({ type }) => type)], ['response.compaction', ['compaction']]);
      assert.equal(backend.requests.at(-1).body.input.at(-1).type, 'compaction_trigger');
    }
  });

  test('models, for either kind of client', async () => {
    const listed = (await client.models.list()).data.map(({ id }) => id);
    assert.ok(listed.includes('gpt-5.5'));
    const codex = await (await fetch(`${gateway.url}/v1/models?client_version=1`)).json();
    assert.ok(Array.isArray(codex.models));
    // Codex forgets its own prompt of a model that is listed, and reads no list with half a model.
    for (const model of codex.models) assert.ok(model.base_instructions && model.supported_reasoning_levels);
  });

  test('one model, for either kind of client', { skip: ofBinary }, async () => {
    assert.equal((await client.models.retrieve('gpt-5.5')).object, 'model');
    await assert.rejects(client.models.retrieve('none/such'), NotFoundError);
    const anthropic = new Anthropic({ baseURL: gateway.url, apiKey: 'sk-test', maxRetries: 0 });
    assert.equal((await anthropic.models.retrieve('gpt-5.5')).type, 'model');
    await assert.rejects(anthropic.models.retrieve('none'), Anthropic.NotFoundError);
  });

  test('an effort in the name of the model', async () => {
    const { model } = await client.chat.completions.create({ ...ASK, model: 'openai/gpt-5.5-high' });
    assert.equal(model, 'openai/gpt-5.5-high');
    const { body } = backend.requests.at(-1);
    assert.deepEqual([body.model, body.reasoning.effort], ['gpt-5.5', 'high']);
    await client.responses.create({ model: 'gpt-5.5-high', input: 'Hi', reasoning: { effort: 'low' } });
    assert.equal(backend.requests.at(-1).body.reasoning.effort, 'low');
  });

  test('a model that is only routed over WebSocket gets one', async () => {
    await client.chat.completions.create({ ...ASK, model: 'ws-only-model' });
    assert.deepEqual(backend.requests.slice(-2).map(({ transport }) => transport), ['http', 'websocket']);
  });

  test('each route has its own rules', async () => {
    const body = JSON.stringify({ model: 'm', input: 'Hi', stream: true, tools: [{ type: 'image_generation' }] });
    const status = async (path) => (await fetch(gateway.url + path, { method: 'POST', body })).status;
    assert.deepEqual([await status('/v1/responses'), await status('/backend-api/codex/responses')], [400, 200]);
  });

  test('what is not served has an envelope', async () => {
    const ask = async (path, init) => {
      const response = await fetch(gateway.url + path, { method: 'POST', ...init });
      return [response.status, (await response.json()).error.type];
    };
    const invalid = 'invalid_request_error';
    assert.deepEqual(await ask('/v1/nothing'), [404, invalid]);
    assert.deepEqual(await ask('/v1/responses', { body: 'x'.repeat(10_001) }), [413, invalid]);
    assert.deepEqual(await ask('/v1/responses', { body: '{' }), [400, invalid]);
  });

  test('bodies are decoded, to the same limit', async () => {
    const post = (body, encoding) =>
      fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', body, headers: { 'content-encoding': encoding } });
    const asked = JSON.stringify(ASK);
    const { gzipSync: gzip, deflateSync: deflate, brotliCompressSync: br, zstdCompressSync: zstd } = zlib;
    for (const [encoding, encode] of Object.entries({ gzip, deflate, br, zstd })) {
      if (encode === undefined) continue;
      const answer = await post(encode(asked), encoding);
      assert.equal((await answer.json()).choices[0].message.content, TEXT, encoding);
      const large = encode(JSON.stringify({ ...ASK, user: 'x'.repeat(10_001) }));
      const statuses = await Promise.all([post(large, encoding), post(asked, encoding)]);
      assert.deepEqual([large.length < 1000, ...statuses.map(({ status }) => status)], [true, 413, 400], encoding);
    }
    for (const encoding of ['compress', 'gzip, gzip', 'constructor']) {
      const answer = await post(gzip(gzip(asked)), encoding);
      assert.deepEqual([answer.status, (await answer.json()).error.type], [415, 'invalid_request_error']);
      assert.match(answer.headers.get('accept-encoding'), /^gzip, deflate, br/);
    }
  });
});

describe('an upstream without WebSockets', () => {
  test('is asked over HTTP from then on', async (context) => {
    const backend = await startStrictBackend({ isWebsocket: false });
    const gateway = await gatewayTo(backend.url);
    context.after(() => Promise.all([gateway.close(), backend.close()]));
    const client = openai(gateway);
    for (const retries of [1, 0]) {
      await client.chat.completions.create(ASK);
      await gateway.logged();
      assert.deepEqual([gateway.entries.at(-1).retries, gateway.entries.at(-1).transport], [retries, 'http']);
    }
    assert.equal(gateway.entries.at(-1).reason, 'http_latched');
  });

  test('that cannot be reached is a 502', async (context) => {
    const gateway = await gatewayTo('http://127.0.0.1:1');
    context.after(gateway.close);
    await assert.rejects(openai(gateway).chat.completions.create({ ...ASK, stream: true }), { status: 502 });
  });
});

async function all(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

function textOf(chunks) {
  return chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
}
