// Compiled, never run: the package is typed for require, too.
import sluicegate = require('sluicegate');
import overFetch = require('sluicegate/fetch');

export const events: sluicegate.SseEvent[] = new sluicegate.SseParser().feed(new Uint8Array());
export const code: string = new sluicegate.SluicegateError('', { code: 'after_finish' }).code;
export const completion: Uint8Array | null = new sluicegate.ResponseCollector().chatCompletion();
export const images: sluicegate.WrittenImage[] = new sluicegate.ImageExtractor('/tmp').written;
export const context: sluicegate.RequestContext = sluicegate.normalizeRequest('{}', new sluicegate.Profile()).context;
export const envelope: sluicegate.Envelope = sluicegate.errorEnvelope();
export const frame: string = sluicegate.wsRequest('{}', new sluicegate.Baseline('{}'));
export const store: sluicegate.Store = new sluicegate.MemoryStore();
export const send: typeof fetch = overFetch.chatOverResponses(fetch, { store: null });
