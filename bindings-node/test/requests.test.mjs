// What the Node package adds to requests and failures: argument checks, profiles, errors, the context as an option.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import {
  ChatTranscoder,
  ChatTranscoderStream,
  Profile,
  ResponseCollector,
  ResponsesRelay,
  ResponsesRelayStream,
  SluicegateError,
  chatSse,
  chatToResponses,
  collect,
  errorEnvelope,
  normalizeRequest,
  responsesSse,
} from 'sluicegate';
import { bytes, gather, iterable, text, upstream } from './streams.mjs';

const VERBS = [normalizeRequest, chatToResponses];
const REQUEST = { model: 'm', input: [{ role: 'user', content: 'é' }], temperature: 0.5 };
/** What has no JSON, or none that anybody means. */
const NO_BODIES = [
  undefined, null, 1, true, 1n, Symbol('1'), () => 1, Promise.resolve(REQUEST), new ArrayBuffer(2),
  new SharedArrayBuffer(2), new DataView(new ArrayBuffer(2)), new Uint16Array(2), { toJSON: () => undefined },
  new Response('{}'), new Request('http://test'), new Blob(['{}']), new Blob(['{}']).stream(), new Map(), new Set(), new Headers(),
];

const paths = ({ changes }) => changes.map(({ path }) => path);

/** A matcher for `assert.throws`. */
function ours(code, expected = {}) {
  return (error) => {
    assert.ok(error instanceof SluicegateError, `${error}`);
    const { offset, path, envelope, status } = error;
    const members = { code: error.code, offset, path, envelope, status };
    assert.deepEqual(members, { code, offset: null, path: null, envelope: null, status: null, ...expected });
    return true;
  };
}

test('a catalog that is null is as if left out', () => {
  const body = { model: 'gpt-5.5', input: 'a', reasoning: { effort: 'minimal' } };
  const [left, none, off] = [{}, { catalog: null }, { catalog: 'none' }].map((options) => normalizeRequest(body, 'openai', options));
  assert.deepEqual(none, left);
  assert.deepEqual([none, off].map((given) => paths(given).includes('reasoning.effort')), [true, false]);
});

test('a wrong option keeps the name that it was given', () => {
  assert.throws(() => new ChatTranscoder({ Model: 'm' }), { code: 'invalid_option', path: 'Model' });
});

describe('a body', () => {
  test('may be bytes, text or an object', () => {
    const written = JSON.stringify(REQUEST);
    const shared = new Uint8Array(new SharedArrayBuffer(bytes(written).length));
    shared.set(bytes(written));
    const foreign = runInNewContext(`(${written})`);
    const givens = [written, bytes(written), Buffer.from(written), shared, REQUEST, foreign, { toJSON: () => REQUEST }];
    for (const verb of VERBS) {
      const [expected, ...others] = givens.map((given) => verb(given));
      assert.ok(Buffer.isBuffer(expected.body));
      assert.ok(paths(expected).includes('temperature'));
      for (const other of others) assert.deepEqual(other, expected);
    }
  });

  test('keeps the spelling of what no rule touches', () => {
    const { body } = normalizeRequest('{ "model" : "m\\u00e9", "text":{"x":1.50e1}, "input":[], "n":1}');
    assert.ok(text(body).startsWith('{ "model" : "m\\u00e9", "text":{"x":1.50e1}, "input":[],'));
  });

  test('is not changed, nor kept', () => {
    const given = bytes(JSON.stringify(REQUEST));
    const copy = Buffer.from(given);
    const { body } = normalizeRequest(given);
    const sent = text(body);
    assert.deepEqual(Buffer.from(given), copy);
    given.fill(0);
    assert.equal(text(body), sent);
  });

  test('is nothing else', () => {
    for (const verb of VERBS) for (const body of NO_BODIES) assert.throws(() => verb(body), TypeError);
    const detached = new Uint8Array(8);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    assert.throws(() => normalizeRequest(detached), TypeError);
    const round = {};
    round.round = round;
    assert.throws(() => normalizeRequest(round), TypeError);
  });
});

describe('options of a request', () => {
  const frame = { type: 'response.create', previous_response_id: 'resp_1', ...REQUEST };

  test('are named in camelCase or snake_case', () => {
    for (const options of [{ unresolvedPrevious: 'drop' }, { unresolved_previous: 'drop', transport: 'http' }]) {
      assert.deepEqual(paths(normalizeRequest(frame, 'codex', options)).slice(0, 2), ['type', 'previous_response_id']);
    }
    const { body } = normalizeRequest(frame, undefined, { transport: 'websocket', strict: null, origin: undefined });
    assert.match(text(body), /^\{"type":"response\.create","previous_response_id":"resp_1",/);
  });

  test('are the core’s, all of them', () => {
    const reasoning = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA' };
    const request = { model: 'm', input: [reasoning, ...REQUEST.input] };
    const isKept = (origin, historyOrigin) => {
      return text(normalizeRequest(request, 'codex', { origin, historyOrigin }).body).includes('gAAA');
    };
    assert.deepEqual([isKept('a', 'a'), isKept('a', 'b'), isKept(undefined, 'b')], [true, false, false]);
    const asked = { message: /./, code: 'unsupported_parameter', path: 'temperature' };
    assert.throws(() => normalizeRequest(REQUEST, 'codex', { strict: true }), asked);
  });

  test('that are unknown or wrong are named', () => {
    const wrong = { noSuchThing: 1, transport: 'pigeon', strict: 1, unresolvedPrevious: true, origin: 1 };
    for (const verb of VERBS) {
      for (const [name, value] of Object.entries(wrong)) {
        const path = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
        assert.throws(() => verb(REQUEST, 'codex', { [name]: value }), ours('invalid_option', { path }));
      }
      for (const options of [null, 'strict', 1, [], true, { strict: () => true }]) {
        assert.throws(() => verb(REQUEST, 'codex', options), TypeError);
      }
    }
  });
});

describe('a profile', () => {
  const own = { extends: 'codex', fields: { temperature: { rule: 'pass' } }, instructions: 'Be brief.' };

  test('is a name, an object, or either read once', () => {
    const expected = normalizeRequest(REQUEST, 'codex');
    for (const profile of [undefined, { extends: 'codex' }, new Profile(), new Profile('codex')]) {
      assert.deepEqual(normalizeRequest(REQUEST, profile), expected);
    }
    const repaired = normalizeRequest(REQUEST, own);
    assert.ok(text(repaired.body).includes('"temperature":0.5') && text(repaired.body).includes('"Be brief."'));
    const { json } = new Profile(own);
    for (const profile of [new Profile(own), new Profile(new Profile(own)), json, new Profile(json)]) {
      assert.deepEqual(normalizeRequest(REQUEST, profile), repaired);
    }
    const original = text(normalizeRequest(REQUEST, 'openai').body);
    assert.equal(original, JSON.stringify(REQUEST));
  });

  test('tells its rules and its headers', () => {
    const { json } = new Profile(own);
    assert.deepEqual([json.instructions, json.fields.temperature], ['Be brief.', { rule: 'pass' }]);
    assert.deepEqual(json.fields.store, new Profile('codex').json.fields.store);
    assert.deepEqual(new Profile().headers('http'), new Profile().headers());
    assert.equal(new Profile().headers().accept, 'text/event-stream');
    assert.match(new Profile().headers('websocket')['openai-beta'], /^responses_websockets=/);
    assert.deepEqual(new Profile({}).headers(), {});
    const added = new Profile({ extends: 'codex', headers: { http: { 'x-own': '1' } } });
    assert.equal(added.headers()['x-own'], '1');
  });

  test('belongs to a path', () => {
    const given = ['/backend-api/codex/responses', '/v1/chat/completions', '/responses?x=1', '/', ''];
    assert.deepEqual(given.map(Profile.forPath), ['codex', 'codex_v1', 'codex', null, null]);
    for (const path of [undefined, null, 1, new URL('http://localhost/v1/')]) {
      assert.throws(() => Profile.forPath(path), TypeError);
    }
  });

  test('that is unknown or wrong is named', () => {
    for (const use of [(profile) => new Profile(profile), (profile) => normalizeRequest(REQUEST, profile)]) {
      for (const name of ['', 'Codex', '__proto__']) {
        assert.throws(() => use(name), ours('invalid_option', { path: 'profile' }));
      }
      const wrong = NO_BODIES.slice(1).filter((given) => given !== null); // null is as if left out
      for (const profile of wrong) assert.throws(() => use(profile), TypeError);
    }
    for (const transport of ['pigeon', 1, true]) {
      assert.throws(() => new Profile().headers(transport), ours('invalid_option', { path: 'transport' }));
    }
    assert.throws(() => Profile('codex'), TypeError);
    const { get } = Object.getOwnPropertyDescriptor(Profile.prototype, 'json');
    assert.throws(() => get.call({}), TypeError);
  });
});

describe('a rejected request', () => {
  const envelope = (message, param, code) => ({ error: { message, type: 'invalid_request_error', param, code } });

  test('throws what to answer it with', () => {
    const prompt = JSON.stringify({ ...REQUEST, prompt: { id: 'p' } });
    const wording = 'Unsupported parameter: prompt (the backend stores no prompts)';
    assert.throws(() => normalizeRequest(prompt), {
      name: 'SluicegateError',
      message: wording,
      code: 'unsupported_parameter',
      path: 'prompt',
      offset: Buffer.from(prompt).indexOf('{"id":"p"}'),
      envelope: envelope(wording, 'prompt', 'unsupported_parameter'),
      status: 400,
      events: [],
      further: [],
    });
  });

  test('may be malformed', () => {
    for (const verb of VERBS) {
      for (const [body, code, offset] of [
        ['', 'invalid_json', 0],
        ['{"é":', 'invalid_json', 6],
        [bytes('{,}'), 'invalid_json', 1],
        [Buffer.from([0x7b, 0x22, 0xff]), 'invalid_json', 2],
        ['null', 'invalid_type', 0],
        [[], 'invalid_type', 0],
        [`${'['.repeat(200)}`, 'invalid_json', 128],
      ]) {
        assert.throws(() => verb(body), (error) => {
          return ours(code, { offset, status: 400, envelope: envelope(error.message, null, code) })(error);
        });
      }
    }
  });

  test('may be too large for its profile', () => {
    const profile = { extends: 'codex', limits: { body_bytes: 40 } };
    assert.throws(() => normalizeRequest(REQUEST, profile), { code: 'request_too_large', offset: 40, status: 400 });
  });
});

describe('the context of a request', () => {
  const LONG = `readFile_${'x'.repeat(60)}`;
  const request = { ...REQUEST, model: 'asked', tools: [{ type: 'function', name: LONG }] };
  const { context } = normalizeRequest(request);
  const [[short]] = Object.entries(context.names);
  const call = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: short, arguments: '{}' };
  const events = [
    { type: 'response.output_item.done', output_index: 0, item: call },
    { type: 'response.completed', response: { status: 'completed', model: 'served', output: [call] } },
  ];
  const sse = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');

  test('has names as keys, in any case', () => {
    assert.match(short, /^readFile_/);
    assert.deepEqual(context, {
      dialect: 'responses',
      model: 'asked',
      stream: false,
      include_usage: false,
      names: { [short]: LONG },
      call_ids: {},
      custom_tools: [],
      unknown_fields: [],
      request: JSON.stringify({ temperature: 0.5, tools: [{ type: 'function', name: LONG }] }),
    });
  });

  /** How each class and function reads the stream, given options. */
  const READERS = {
    ChatTranscoder: async (options) => fed(new ChatTranscoder(options)),
    ResponsesRelay: async (options) => fed(new ResponsesRelay(options)),
    ResponseCollector: async (options) => fed(new ResponseCollector(options)),
    chatCompletion: async (options) => {
      const collector = new ResponseCollector(options);
      fed(collector);
      return text(collector.chatCompletion());
    },
    ChatTranscoderStream: (options) => piped(new ChatTranscoderStream(options)),
    ResponsesRelayStream: (options) => piped(new ResponsesRelayStream(options)),
    chatSse: async (options) => (await gather(chatSse(iterable([sse]), options))).out,
    responsesSse: async (options) => (await gather(responsesSse(iterable([sse]), options))).out,
    collect: async (options) => text((await collect(iterable([sse]), options)).response),
  };

  function fed(consumer) {
    const out = [consumer.feed(bytes(sse)), consumer.finish()];
    return text(Buffer.concat(out.filter((piece) => piece !== undefined)));
  }

  const piped = async (stream) => (await gather(upstream([sse]).stream.pipeThrough(stream))).out;

  for (const [name, read] of Object.entries(READERS)) {
    test(`is an option of ${name}`, async () => {
      const revived = JSON.parse(JSON.stringify(context));
      for (const given of [context, revived, { names: context.names }]) {
        const out = await read({ context: given });
        assert.ok(out.includes(LONG) && !out.includes(short), out);
      }
      for (const options of [undefined, { context: null }, { context: undefined }]) {
        assert.ok((await read(options)).includes(short));
      }
    });
  }

  test('stands for the model, which an option overrides', () => {
    const modelOf = (options) => /"model":"(.*?)"/.exec(fed(new ChatTranscoder(options)))[1];
    assert.deepEqual([modelOf({ context }), modelOf({ context, model: 'own' })], ['asked', 'own']);
  });

  test('that is wrong is named', () => {
    for (const wrong of [1, 'x', [], { names: { a: 1 } }, { includeUsage: true }, { dialect: 'x' }]) {
      const refused = ours('invalid_option', { path: 'context' });
      assert.throws(() => new ChatTranscoder({ context: wrong }), refused, JSON.stringify(wrong));
    }
  });
});

describe('a failure', () => {
  const LIMIT = { status: 429, body: '{"detail":"Slow down."}' };
  const after = (headers) => errorEnvelope({ ...LIMIT, headers }).retry_after_ms;

  test('becomes an envelope', () => {
    assert.deepEqual(errorEnvelope({ status: 400, body: { detail: 'Unsupported parameter: n' } }), {
      status: 400,
      body: {
        error: {
          message: 'Unsupported parameter: n',
          type: 'invalid_request_error',
          param: 'n',
          code: 'unsupported_parameter',
        },
      },
      class: 'invalid_request',
      retry_after_ms: null,
      hint: null,
    });
  });

  test('has headers of any kind', () => {
    const name = 'Retry-After';
    const all = [
      { [name]: '1.5' },
      { [name]: 1.5 },
      { [name]: ['1.5'] },
      { [name]: '1.5', b: true, c: null, d: undefined, e: [] },
      [[name, '1.5']],
      [['a', [1, '2', false]], [name, [1.5]]],
      new Headers({ [name]: '1.5' }),
      new Map([[name, 1.5]]),
      new Response('', { headers: { [name]: '1.5' } }).headers,
      Object.assign(Object.create(null), { [name]: '1.5' }),
    ];
    for (const headers of all) assert.equal(after(headers), 1500, JSON.stringify(headers));
    for (const headers of [undefined, null, {}, [], new Headers(), { '': '' }, { ключ: '1' }]) {
      assert.equal(after(headers), null);
    }
  });

  test('has a body of any kind, or nothing', () => {
    const body = '{"detail":"Slow down."}';
    const expected = errorEnvelope({ status: 429, body });
    for (const given of [bytes(body), Buffer.from(body), JSON.parse(body)]) {
      assert.deepEqual(errorEnvelope({ status: 429, body: given }), expected);
    }
    assert.equal(errorEnvelope({ body: [{ msg: 'x' }] }).status, 502);
    for (const nothing of [undefined, {}, { body: null, status: null, headers: null, nowMs: null }, { body: '' }]) {
      assert.equal(errorEnvelope(nothing).body.error.message, 'upstream returned an empty body (502)');
    }
    assert.equal(errorEnvelope({ body: Buffer.from([0xff]) }).body.error.message, '\ufffd');
  });

  test('has a status and a time', () => {
    assert.deepEqual([0, 200, 418, 599, 600, 65535].map((status) => errorEnvelope({ status }).status), [
      502, 502, 418, 599, 502, 502,
    ]);
    const at = (more) => after({ 'retry-after': 'Thu, 01 Jan 1970 00:00:10 GMT', ...more });
    assert.equal(at({}), null);
    for (const now of [{ nowMs: 9000 }, { now_ms: 9000 }]) {
      const headers = { 'retry-after': 'Thu, 01 Jan 1970 00:00:10 GMT' };
      assert.equal(errorEnvelope({ ...LIMIT, headers, ...now }).retry_after_ms, 1000);
    }
  });

  test('of the wrong type is a TypeError', () => {
    for (const failure of [null, 'x', 1, [], true]) assert.throws(() => errorEnvelope(failure), TypeError);
    const numbers = ['429', NaN, Infinity, -1, 1.5, 1n, true, {}];
    const pairs = [[['a']], [['a', 'b', 'c']], [['a', {}]], [[1, 'b']], ['ab'], [['a', [null]]], [['a', Symbol('b')]]];
    for (const [name, values] of Object.entries({
      status: [...numbers, 65536],
      nowMs: [...numbers, 2 ** 53],
      headers: ['a: b', 1, true, { a: {} }, { a: [[]] }, { a: NaN, b: 1n }, ...pairs],
      body: NO_BODIES.slice(2),
      stauts: [429],
    })) {
      for (const value of values) assert.throws(() => errorEnvelope({ [name]: value }), TypeError, name);
    }
  });
});
