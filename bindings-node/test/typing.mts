// Compiled, never run: the types are as exact as the documentation says.
import {
  Baseline,
  Catalog,
  ChatTranscoder,
  ChatTranscoderStream,
  Collector,
  Continuation,
  ImageExtractor,
  MemoryStore,
  Page,
  Profile,
  RedisStore,
  ResponseCollector,
  ResponsesRelay,
  ResponsesRelayStream,
  ResponsesTranscoder,
  ResponsesTranscoderStream,
  SluicegateError,
  SseParser,
  Tee,
  Transcoder,
  type OnEvent,
  afterFailure,
  chatFields,
  chatSse,
  chatToResponses,
  clientFrame,
  collect,
  contentType,
  convertRequest,
  countTokens,
  errorEnvelope,
  errorFrame,
  frameHeaders,
  httpBody,
  images,
  imagesApi,
  imagesRequest,
  isProbe,
  isSse,
  lint,
  normalizeRequest,
  otelAttributes,
  respondSse,
  responsesSse,
  responsesToChat,
  transcode,
  warmUpFrames,
  warmUpResponse,
  wsRequest,
  type Change,
  type ChatField,
  type ChatOptions,
  type Collected,
  type ConvertedRequest,
  type Envelope,
  type ErrorClass,
  type Expanded,
  type Extracted,
  type Failure,
  type Finding,
  type ImageEvent,
  type ImageOptions,
  type ImageOutcome,
  type MessagesEnvelope,
  type Normalized,
  type OtelAttributes,
  type Outcome,
  type ProfileName,
  type ProfileRules,
  type Recorded,
  type RequestContext,
  type RequestOptions,
  type ResponsesOptions,
  type Route,
  type RoutedRequest,
  type SseEvent,
  type Store,
  type Unrecorded,
  type UpstreamFailure,
  type WrittenImage,
} from 'sluicegate';

const options: ChatOptions = { model: 'm', modelFrom: 'served', includeUsage: true, reasoning: 'off', created: 1 };

export function push(chunk: Buffer): Uint8Array[] {
  const transcoder = new ChatTranscoder(options);
  const out: Uint8Array[] = [transcoder.feed(chunk), transcoder.feedEvent('{}'), transcoder.finish()];
  const outcome: Outcome | null = transcoder.outcome;
  const text: string | null = transcoder.outcomeJson;
  const isCommitted: boolean = transcoder.committed;
  if (outcome?.status === 'completed' && isCommitted) console.log(text, outcome.usage?.prompt_tokens_details);
  return [...out, ChatTranscoder.heartbeat(), ChatTranscoder.heartbeat(true)];
}

export function relay(chunk: Buffer): Uint8Array[] {
  const relay = new ResponsesRelay(options);
  const out: Uint8Array[] = [relay.feed(chunk), relay.feedEvent(chunk), relay.finish()];
  const isCommitted: boolean = relay.committed;
  return isCommitted && relay.outcome?.reconstructed === 'items' && relay.outcomeJson ? out : [];
}

const responsesOptions: ResponsesOptions = { model: 'm', thinkTags: true, framing: null, reasoning: 'text' };

export function respond(body: Buffer, chunk: Buffer): Uint8Array | null {
  const { body: sent, context }: Normalized = responsesToChat(body, { extends: 'chat', chat: { developer: 'keep' } });
  const transcoder = new ResponsesTranscoder({ ...responsesOptions, context });
  const out: Uint8Array[] = [sent, transcoder.feed(chunk), transcoder.feedEvent('{}'), transcoder.finish()];
  const kind: string | undefined = context.tools?.['apply_patch']?.kind;
  const findings: Finding[] = [...lint(Buffer.concat(out), 'codex_cli'), ...lint('data: {}')];
  console.log(kind, findings[0]?.rule, transcoder.committed, transcoder.outcome?.status, transcoder.outcomeJson);
  return transcoder.response();
}

export function gather(chunk: Buffer): Uint8Array | null {
  const collector = new ResponseCollector(options);
  const nothing: void = collector.feed(chunk);
  collector.feedEvent('{}');
  const response: Uint8Array = collector.finish();
  console.log(nothing, response.length, collector.outcome?.status, collector.outcomeJson);
  return collector.chatCompletion();
}

export async function answer(upstream: Response): Promise<Response> {
  if (!upstream.body) return Response.error();
  const { response, completion, outcome, error }: Collected = await collect(upstream.body, options);
  if (error !== null) console.error(error);
  return new Response(Buffer.concat([response, completion]), { status: outcome.error ? 502 : 200 });
}

const imageOptions: ImageOptions = { partials: true, maxImageBytes: 1 << 20, maxEventBytes: null };

export function extract(chunk: Buffer): Map<number, Uint8Array[]> {
  const pieces = new Map<number, Uint8Array[]>();
  const extractor = new ImageExtractor((event: ImageEvent): void => {
    if (event.kind === 'begin') pieces.set(event.key, []);
    else if (event.kind === 'write') pieces.get(event.key)?.push(event.data);
    else if (event.kind === 'finish') console.log(event.meta.mime, event.meta.revised_prompt);
    else pieces.delete(event.key);
  }, imageOptions);
  const nothing: void = extractor.feed(chunk);
  extractor.feedEvent('{}');
  extractor.finish();
  const outcome: ImageOutcome | null = extractor.outcome;
  console.log(nothing, outcome?.no_image, outcome?.errors[0]?.code, extractor.outcomeJson);
  return pieces;
}

export async function save(upstream: Response): Promise<string[]> {
  if (!upstream.body) return [];
  const { outcome, written, error }: Extracted = await images(upstream.body, new URL('file:///tmp/images/'));
  const files: WrittenImage[] = new ImageExtractor('/tmp/images').written;
  if (error !== null) console.error(error, outcome.status);
  return [...written, ...files].map(({ path, bytes, partial }) => `${path} ${bytes} ${partial}`);
}

export function reply(chunk: Buffer): Response {
  const kind: 'stream' | 'document' | 'page' | null = new Page().kind;
  const isStream: boolean | null = kind === 'stream' || isSse(chunk);
  const headers = { 'content-type': contentType(isStream ?? false) };
  return new Response(Buffer.from(imagesApi(imagesApi('{}'))), { headers });
}

export function parse(chunk: Uint8Array): SseEvent[] {
  const parser = new SseParser({ maxEventBytes: 1000, utf8: 'strict', dispatchTail: true });
  const retry: number | null = parser.retry;
  try {
    return [...parser.feed(chunk), ...parser.finish()];
  } catch (error) {
    if (!(error instanceof SluicegateError)) throw error;
    const offset: number | null = error.offset;
    console.error(error.code, offset, error.path, error.further.length, retry, parser.lastEventId, parser.bytesTouched);
    return error.events;
  }
}

export async function pipe(upstream: Response): Promise<Response> {
  const stream = new ChatTranscoderStream(options, undefined, { highWaterMark: 4 });
  const committed: boolean = stream.transcoder.committed;
  const onward = new ResponsesRelayStream(options, undefined, { highWaterMark: 4 });
  const status: string | undefined = onward.relay.outcome?.status;
  const around = new ResponsesTranscoderStream(responsesOptions, undefined, { highWaterMark: 4 });
  console.log(around.transcoder.response());
  const body = upstream.body?.pipeThrough(around).pipeThrough(onward).pipeThrough(stream);
  return new Response(body, { status: committed ? 200 : 502, statusText: status });
}

export async function* iterate(upstream: Response, chunks: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  if (upstream.body) yield* chatSse(responsesSse(upstream.body));
  yield* respondSse(chunks, responsesOptions, { onOutcome: (outcome) => console.log(outcome.status) });
  yield* responsesSse(chunks, options, { onOutcome: (outcome) => console.log(outcome.usage?.total_tokens) });
  yield* chatSse(chunks, options, { onOutcome: (outcome) => console.log(outcome.notes[0]?.code) });
}

const requestOptions: RequestOptions = { transport: 'websocket', unresolvedPrevious: 'drop', historyOrigin: null };
const rules: ProfileRules = {
  extends: 'codex',
  fields: { user: { rule: 'force', value: 1, on: 'http' }, service_tier: { rule: 'choose', only: ['priority'] } },
  tools: ['web_search'],
};

export function normalize(body: Buffer): ChatTranscoder {
  const profile = new Profile(rules);
  const name: ProfileName | null = Profile.forPath('/v1/responses');
  const headers: Record<string, string> = profile.headers('websocket');
  const { body: sent, changes, context }: Normalized = normalizeRequest(body, name ?? profile, requestOptions);
  const again: Uint8Array = chatToResponses({ messages: [] }, profile.json, {}).body;
  const paths = changes.map(({ action, path }: Change) => (action === 'moved' ? path : ''));
  const known: RequestContext = JSON.parse(JSON.stringify(context));
  const field: ChatField | undefined = chatFields()['stop'];
  const tokens: number | false = isProbe('{}') && countTokens({ messages: [] });
  console.log(sent, again, paths, headers, field?.class === 'mapped' && field.to, known.names['short'], tokens);
  new ResponsesRelay({ context: known, fcIds: true });
  return new ChatTranscoder({ context: { names: context.names } });
}

export async function fail(upstream: Response, outcome: Outcome): Promise<Response> {
  const body = new Uint8Array(await upstream.arrayBuffer());
  const { status: given, headers } = upstream;
  const envelope: Envelope = errorEnvelope({ status: given, headers, body, nowMs: Date.now() });
  errorEnvelope({ headers: { 'retry-after': 1, a: ['b', 'c'], d: undefined }, body: { detail: [] } });
  errorEnvelope({ headers: [['retry-after', '1'], ['a', true]], body: null });
  const failure: UpstreamFailure = { body };
  const plain: Envelope = errorEnvelope(failure);
  const ours: MessagesEnvelope = errorEnvelope({ status: 500, dialect: 'messages', requestId: 'req_1' });
  console.log(plain.body.error.param, ours.body.type === 'error' && ours.body.request_id);
  const { status, class: kind, retry_after_ms: after }: Failure = outcome.failure ?? envelope;
  const isLater: boolean = (['retryable', 'overloaded'] satisfies ErrorClass[] as ErrorClass[]).includes(kind);
  return Response.json(envelope.body, { status, statusText: `${isLater} ${after} ${envelope.hint}` });
}

export function reject(error: SluicegateError): Response | null {
  return error.envelope && Response.json(error.envelope.error.param, { status: error.status ?? 400 });
}

export async function converse(store: Store, request: Buffer, upstream: Response): Promise<Uint8Array> {
  const tenant = new Continuation('tenant-1', { recordUnstored: true, ttlS: 60 });
  const turn: Expanded = await tenant.resolve(store, request);
  const { context } = normalizeRequest(turn.body, 'codex', { historyOrigin: turn.origin });
  const { previousResponseId } = turn;
  const { response } = await collect(upstream.body!, { context, previousResponseId });
  const why: Unrecorded | null = await tenant.remember(store, turn, response, { origin: 'codex/a', nowMs: Date.now() });
  const recorded: Recorded = tenant.record(turn, response);
  const key: string | null = tenant.lookup(request) ?? tenant.key('resp_1');
  if (recorded.unrecorded === null) return tenant.expand(request, recorded.value).body;
  console.log(why, key, new ResponsesRelay({ previousResponseId }).response()?.length);
  return response;
}

export const stores: Store[] = [
  new MemoryStore(),
  new MemoryStore({ maxEntries: 1, maxBytes: 1 }),
  new RedisStore({}, { timeoutMs: 100 }),
  new RedisStore({}, { encrypt: async (value) => value, decrypt: (value, key) => (key === '' ? null : value) }),
  { get: () => null, put: async () => {} },
];

export function send(body: Buffer, frames: string[]): string[] {
  const catalog = new Catalog();
  catalog.mergeLive({ data: [] });
  const route: Route = catalog.route('gpt-5.5', { downstream: 'ws', authWs: true, tools: [], bodyBytes: body.length });
  const baseline = new Baseline(body);
  for (const frame of frames) baseline.frame(frame);
  baseline.close();
  const after: 'retry_http_full' | 'retry_ws_full' | 'surface' = afterFailure(route.transport, errorEnvelope(), false);
  const isBody: boolean = clientFrame(body) === 'create' && httpBody(body).length > 0 && after === 'surface';
  const models: string = catalog.toJson('openai');
  console.log(models, catalog.model('m')?.slug, baseline.responseId, isBody);
  return [wsRequest(body, baseline), wsRequest(body), errorFrame(errorEnvelope())];
}

export function serve(body: Buffer, outcome: Outcome): OtelAttributes {
  const { route, model, body: sent }: RoutedRequest = new Catalog().routeRequest(body, { httpLatched: true });
  const headers: Record<string, string> = frameHeaders(body);
  console.log(route.reason, model, sent.length, headers, warmUpFrames('resp_1'), warmUpResponse('resp_1'));
  console.log(imagesRequest(body, 'gpt-5.5').length, new ImageExtractor('out').envelope?.status);
  const attributes = otelAttributes(outcome, { provider: 'openai', requestModel: model });
  const reasons: string[] | undefined = attributes['gen_ai.response.finish_reasons'];
  return reasons === undefined ? attributes : otelAttributes(outcome);
}

// @ts-expect-error a scope is needed
new Continuation();
// @ts-expect-error an unknown option
new Continuation('tenant-1', { ttl: 1 });
// @ts-expect-error both or neither
new MemoryStore({ maxBytes: 1 });
// @ts-expect-error both or neither
new RedisStore({}, { encrypt: (value: Uint8Array) => value });
// @ts-expect-error no such member
new Catalog().route('m', { latched: true });
// @ts-expect-error no such shape
new Catalog().toJson('xml');
// @ts-expect-error no such transport
afterFailure('ws', errorEnvelope(), true);
// @ts-expect-error no such profile
normalizeRequest('{}', 'chatgpt');
// @ts-expect-error no such rule
new Profile({ fields: { user: { rule: 'drop' } } });
// @ts-expect-error an unknown option
chatToResponses('{}', 'codex', { transports: 'http' });
// @ts-expect-error the body is needed
normalizeRequest();
// @ts-expect-error no such member
errorEnvelope({ stauts: 429 });
// @ts-expect-error members of a context are in snake_case
new ChatTranscoder({ context: { includeUsage: true } });
// @ts-expect-error no such action
export const change: Change = { action: 'dropped', path: '', reason: '' };
// @ts-expect-error no such class
export const kind: ErrorClass = 'rate_limit';

// @ts-expect-error who answers is needed
new Transcoder({ client: 'chat' });
// @ts-expect-error no such dialect
transcode(new ReadableStream<Uint8Array>(), { client: 'chat', upstream: 'pigeon' });
const byRole: ConvertedRequest = convertRequest('{}', { client: 'auto', upstream: 'chat', strict: true });
new Collector({ upstream: 'chat', thinkTags: 'open', context: byRole.context }).finalMessage();
const own = new Collector({ upstream: 'chat', messages: { no_details: { code: 'gone' } }, includeRoleChunk: false });
own.feedDocument({ id: 1 }, { status: 500 });
const [id, status, tokens]: (string | number | undefined | null)[] = [own.responseId, own.failure?.status, own.usage?.total_tokens];
console.log(id, status, tokens);
// @ts-expect-error no such failure
new Collector({ upstream: 'chat', messages: { no_words: {} } });
// @ts-expect-error no such profile
lint('', 'codex');
// @ts-expect-error an unknown option
new ChatTranscoder({ modell: 'm' });
// @ts-expect-error no such choice
new ChatTranscoder({ reasoning: 'on' });
new ChatTranscoder().feed('data');
// @ts-expect-error that is an event
new ChatTranscoder().feed({ type: 'ping' });
// @ts-expect-error read only
new ChatTranscoder().committed = true;
// @ts-expect-error no such member
new ResponseCollector().committed;
// @ts-expect-error a source of chunks, not a body
collect('data');
// @ts-expect-error a place for the images
new ImageExtractor();
// @ts-expect-error only of a finished image
new ImageExtractor((event) => console.log(event.meta));
// @ts-expect-error an unknown option
images(new ReadableStream<Uint8Array>(), 'folder', { partialImages: true });

/** What calls give follows the options. */
export function shapes(source: AsyncIterable<Uint8Array>): [Uint8Array, Uint8Array[], unknown[], Uint8Array[]] {
  const roles = { client: 'chat', upstream: 'responses' } as const;
  const onEvent: OnEvent = [new Set(['response.created']), (name, data) => console.log(name, data)];
  const bytes = new Transcoder({ ...roles, onEvent }).feedEvent({ type: 'response.created' });
  const frames = new ChatTranscoder({ frames: true, model: 'm' }).finish();
  const objects = new ResponsesTranscoder({ objects: true }).finish();
  const tee = new Tee({ chat: true, frames: true, onEvent }).finish();
  const stream: AsyncGenerator<Uint8Array[]> = transcode(source, { ...roles, frames: true });
  console.log(stream, new Collector({ upstream: 'chat', onEvent }).snapshot().finalMessage());
  // @ts-expect-error a list has no byteLength
  frames.byteLength;
  return [bytes, frames, objects, tee.chat];
}
