// The types of the entry `sluicegate/wasm`: those of the package.
import { load } from 'sluicegate/wasm';

const { Transcoder, wrapFetch } = load({});
const bytes: Uint8Array = new Transcoder({ client: 'chat', upstream: 'responses' }).feed('data: {}\n\n');
export const own: [Uint8Array, typeof fetch] = [bytes, wrapFetch(fetch, { upstream: 'chat' })];
