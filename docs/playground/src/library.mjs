// The library, of the module that stands in the page.
//   Input: the script element with the gzipped module as base64
//   Output: every name of the package
//   State: none
import { load } from '../../../bindings-node/wasm/load.mjs';

export const DIALECTS = ['chat', 'responses', 'messages'];
export const NAMES = { chat: 'Chat', responses: 'Responses', messages: 'Messages' };

const bytesOf = (base64) => Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));

export async function library(element) {
  const packed = new Blob([bytesOf(element.textContent.trim())]).stream();
  const unpacked = packed.pipeThrough(new DecompressionStream('gzip'));
  const module = await WebAssembly.compile(await new Response(unpacked).arrayBuffer());
  element.remove(); // a megabyte that nobody reads again
  return load(module);
}
