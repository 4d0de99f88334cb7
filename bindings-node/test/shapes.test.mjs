// What is rebuilt has the shape of the official types: one run of tsc over every object, as a literal.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { ResponseCollector, ResponsesRelay } from 'sluicegate';
import { cut, give, emptied, inputs, isEnd, known, only, upstreamOf } from './inputs.mjs';

// `output_text` is the client's own. Real servers send null for `user` and `usage`, and older ones no
// `cache_write_tokens`; error codes are an open set. A type parameter lets unknown members pass, since upstreams have
// them, and keeps the literal types.
const TYPES = `
import type { ChatCompletion } from 'openai/resources/chat/completions';
import type { Response, ResponseUsage } from 'openai/resources/responses/responses';
import type { ErrorObject } from 'openai/resources/shared';
type Details = ResponseUsage.InputTokensDetails;
type Usage = Omit<ResponseUsage, 'input_tokens_details'> & {
  input_tokens_details: Omit<Details, 'cache_write_tokens'> & Partial<Details>;
};
type Sent = Omit<Response, 'output_text' | 'user' | 'usage' | 'error'> & {
  user?: string | null;
  usage?: Usage | null;
  error: { code: string; message: string } | null;
};
declare function response<T extends Sent>(value: T): void;
declare function completion<T extends ChatCompletion>(value: T): void;
declare function envelope<T extends { error: ErrorObject }>(value: T): void;
`;

// What the upstream itself lacks or makes up is not repaired. Listed for each input, by tsc's complaint.
const STEERED = /'"steered"' is not assignable/;
const SPARSE = /'output_tokens_details' is missing/;
const UPSTREAMS_OWN = {
  // Items without a member that the type requires; some are announced without and done with it.
  call_without_any_id_is_numbered: /'call_id' is missing/,
  end_lists_hollow_items: /'status' is missing/,
  reasoning_details: /'status' is missing/,
  reasoning_details_beside_reasoning_off: /'status' is missing/,
  hosted_call_progress_is_silent: /'action' is missing/,
  image: /'result' is missing/,
  image_escaped_slashes: /'status' is missing/,
  type_is_last_key: /'annotations' is missing/,
  message_without_a_type: new RegExp(`${SPARSE.source}|: status, type`),
  'image-generation.sse': /'result' is missing/,
  'shell-tool-1.sse': /'environment' is missing/,
  'web-search.sse': /'action' is missing/,
  // Types and values that the API does not have.
  failed_encrypted_content_without_code: /'null' is not assignable to type 'string'/,
  call_arguments_as_object: /not assignable to type 'string'/,
  incomplete_max_tokens: /'"max_tokens"' is not assignable/,
  incomplete_max_messages: /'"max_messages"' is not assignable/,
  steered_alone: /'"steered"' is not assignable|'output_tokens_details' is missing/,
  interrupted: /'"interrupted"' is not assignable/,
  ...Object.fromEntries(
    [
      'annotations_only_as_events_beside_a_status',
      'call_arguments_after_item_done',
      'call_arguments_that_are_no_object_wait',
      'call_blank_in_the_terminal_only',
      'calls_six_take_turns',
      'content_is_a_string_of_a_summary',
      'content_is_a_string_with_annotations',
      'cr_only_and_repeated',
      'custom_call_input_in_added_stands_in',
      'frame_of_the_largest_size',
      'frame_one_byte_too_large',
      'hollow_reasoning_item_and_no_output',
      'id_that_is_only_a_prefix',
      'inconsistent_arguments_and_no_output',
      'lanes_reasoning_and_text_under_one_id',
      'legacy_deltas_of_a_custom_call',
      'logprobs_of_a_suffix',
      'logprobs_of_a_text_that_is_taken_back',
      'model_requested_frames',
      'model_requested_in_the_relay',
      'model_requested_of_the_context',
      'model_served_fills_in_the_relay',
      'model_served_stays_in_the_relay',
      'no_output_and_items_seen_out_of_order',
      'part_done_spelled_otherwise',
      'reasoning_parts_are_taken_back',
      'reasoning_raw_after_an_empty_summary',
      'refusal_after_part_done',
      'role_chunk_left_out',
      'role_chunk_left_out_before_a_call',
      'role_chunk_left_out_before_reasoning',
      'snapshot_lacks_what_the_first_had',
      'snapshot_takes_text_of_the_same_length',
      'terminal_lists_items_twice',
      'terminal_lists_one_id_for_two_items',
      'text_after_part_done',
      'type_is_empty',
      'usage_in_finish',
      'usage_in_finish_not_asked_for',
    ].map((name) => [name, SPARSE]),
  ),
  unknown_part_of_an_announced_message: new RegExp(`${SPARSE.source}|'"output_map"' is not assignable`),
  steered_and_its_successor: STEERED,
  steered_and_its_successor_has_the_same_ids: new RegExp(`${STEERED.source}|${SPARSE.source}`),
  steered_then_cut: STEERED,
  steered_twice_items_only_in_the_terminals: STEERED,
  incomplete_unknown_reason: /'"solar_flare"' is not assignable/,
  configuration_update_is_known: /'"configuration_update"' is not assignable/,
  unknown_and_hosted_items: /'"acme:thing"' is not assignable|max_output_length, timeout_ms|: call_id, status/,
  logprobs: /'(bytes|top_logprobs)' is missing/,
  logprobs_over_lines: /'(bytes|top_logprobs)' is missing/,
  custom_call_not_listed_is_the_providers: /is not assignable to type 'Tool'/,
  image_that_failed_alone_is_a_failure: /'"(error|type)"' does not exist/,
  image_that_failed_beside_text: /'"(error|type)"' does not exist/,
  text_part_of_input: /'"input_text"' is not assignable/,
  lanes_summary_is_not_said_again: /not assignable to type '"reasoning_text"'/,
  lanes_reasoning_under_the_id_of_a_message: new RegExp(`${SPARSE.source}|not assignable to type '"output_text"`),
  lanes_text_in_a_reasoning_item: /not assignable to type '"reasoning_text"'/,
  usage_with_names_of_chat: /'"(prompt|completion)_tokens(_details)?"' does not exist/,
  // Sparse objects.
  known_items_are_not_noted: /'status' is missing/,
  usage_details_absent: /is missing the following properties from type 'Omit<ResponseUsage/,
  context_call_id: SPARSE,
  context_custom_tool: SPARSE,
  context_hollow_end: SPARSE,
  context_model_and_usage: SPARSE,
  context_option_wins: SPARSE,
  context_plain_document: SPARSE,
  context_tool_name: new RegExp(`${SPARSE.source}|is not assignable to type 'Tool'`),
  fc_ids: SPARSE,
};

const isDone = ({ type = '' }) => type.endsWith('.done') && type !== 'response.done';

/** An input as it was sent, and bent so that more of its Response has to be rebuilt. */
function* bent(input) {
  yield ['as sent', input];
  yield ['cut', cut(input)];
  const withEmptyEnd = emptied(input);
  if (withEmptyEnd === null) return;
  const { events } = upstreamOf(withEmptyEnd);
  yield ['emptied', withEmptyEnd];
  yield ['only deltas', only(input, events.filter((event) => !isDone(event)))];
  yield ['only deltas, no items', only(input, events.filter((event) => !isDone(event) && event.item === undefined))];
  for (const [at, { type }] of events.entries()) {
    if (type === 'response.output_item.done') yield [`cut before event ${at}`, only(input, events.slice(0, at))];
  }
}

/** `[name, function, object]` for all that is rebuilt of the inputs. */
function* rebuilt() {
  for (const { name, ...input } of inputs()) {
    for (const [how, stream] of bent(input)) {
      const collector = new ResponseCollector(input.options);
      const response = JSON.parse([...give(collector, stream)].at(-1));
      const sent = upstreamOf(known(stream)).events.find(isEnd)?.response;
      const asSent = (object) => (input.options?.id === undefined ? object : { ...object, id: sent?.id });
      const isRebuilt = (object) => !isDeepStrictEqual(asSent(object), sent);
      if (isRebuilt(response)) yield [name, how, ...typed('response', response)];
      yield [name, how, ...typed('completion', JSON.parse(collector.chatCompletion()))];
      const relayed = Buffer.concat([...give(new ResponsesRelay(input.options), stream)]);
      const end = upstreamOf({ body: relayed }).events.find(isEnd)?.response;
      if (end !== undefined && isRebuilt(end)) yield [name, `${how}, relayed`, ...typed('response', end)];
    }
  }
}

function typed(type, object) {
  return [Object.keys(object).join() === 'error' ? 'envelope' : type, object];
}

/** For each object the complaints of tsc. */
function complaints(objects) {
  const folder = mkdtempSync(`${tmpdir()}/sluicegate-`);
  try {
    const modules = fileURLToPath(new URL('../node_modules', import.meta.url));
    symlinkSync(modules, `${folder}/node_modules`, 'junction');
    const compilerOptions = { strict: true, skipLibCheck: true, target: 'es2022', module: 'node16', types: [] };
    writeFileSync(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions, files: ['shapes.ts'] }));
    // One a line; U+2028 would be a line end, too.
    const literal = (object) => JSON.stringify(object).replace(/[\u2028\u2029]/g, ' ');
    const calls = objects.map(([type, object]) => `${type}(${literal(object)});\n`);
    writeFileSync(`${folder}/shapes.ts`, calls.join('') + TYPES);
    const args = [`${modules}/typescript/bin/tsc`, '--noEmit', '--pretty', 'false'];
    const tsc = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', maxBuffer: 64 << 20 });
    const found = objects.map(() => []);
    for (const [, line, message] of tsc.stdout.matchAll(/^shapes\.ts\((\d+),\d+\): error (.*(?:\n +.*)*)/gm)) {
      assert.ok(found[line - 1], message);
      found[line - 1].push(message);
    }
    assert.equal(tsc.status === 0, found.flat().length === 0, tsc.stdout + tsc.stderr);
    return found.map(relevant);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Of an object that is wrong tsc also names the unknown members, which are no mistake: TS2353. */
function relevant(messages) {
  const others = messages.filter((message) => !message.startsWith('TS2353'));
  return others.length > 0 ? others : messages;
}

/** Objects that must be refused, or the check checks nothing. */
function refused(response) {
  const [item] = response.output;
  return [
    { ...response, status: 'done' },
    { ...response, instructions: undefined },
    { ...response, output: [{ ...item, role: 'user' }] },
    { ...response, output: [{ ...item, content: [{ type: 'output_text', text: '' }] }] },
    { ...response, output: [{ ...item, type: 'acme:thing' }] },
  ].map((object) => ['response', object]);
}

const objects = [...rebuilt()];
const [, , , sample] = objects.find(([name, how]) => name === 'text' && how === 'emptied');
const wrong = refused(sample);
const found = complaints([...objects.map(([, , type, object]) => [type, object]), ...wrong]);

test('wrong shapes are refused', () => {
  for (const complaint of found.slice(objects.length)) assert.notDeepEqual(complaint, []);
});

for (const kind of ['response', 'completion', 'envelope']) {
  describe(`of the official types is every ${kind} rebuilt from`, () => {
    for (const name of new Set(objects.map(([name]) => name))) {
      test(name, () => {
        const got = objects.flatMap(([of, how, type], at) =>
          of === name && type === kind ? found[at].map((complaint) => `${how}: ${complaint}`) : [],
        );
        const own = UPSTREAMS_OWN[name] ?? /$^/;
        assert.deepEqual(got.filter((complaint) => !own.test(complaint)), []);
        const isStale = kind === 'response' && name in UPSTREAMS_OWN && !got.some((complaint) => own.test(complaint));
        assert.ok(!isStale, 'nothing of the upstream’s own is wrong any more');
      });
    }
  });
}
