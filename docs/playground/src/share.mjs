// The state of the page as the fragment of its address: nothing of it reaches a server.
//   Input: a plain object, or a fragment
//   Output: a fragment, or null where it would be too long; an object, or null for what is none of ours
//   State: none
export const MAX_FRAGMENT = 32 * 1024;
const MAX_TEXT = 4 * 1024 * 1024; // unpacked

const toBase64 = (bytes) => {
  const signs = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(signs).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
};
const fromBase64 = (text) => {
  const signs = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(signs, (sign) => sign.charCodeAt(0));
};

/** All that a stream has, or nothing of one that has too much. */
async function gather(stream) {
  const chunks = [];
  let length = 0;
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(chunks).arrayBuffer());
    length += value.length;
    if (length > MAX_TEXT) throw new RangeError('too much');
    chunks.push(value);
  }
}

const through = (bytes, transform) => gather(new Blob([bytes]).stream().pipeThrough(transform));

export async function toFragment(state) {
  const bytes = new TextEncoder().encode(JSON.stringify(state));
  const isPacked = 'CompressionStream' in globalThis;
  const sent = isPacked ? await through(bytes, new CompressionStream('deflate-raw')) : bytes;
  const fragment = `#${isPacked ? 'z' : 'p'}1.${toBase64(sent)}`;
  return fragment.length > MAX_FRAGMENT ? null : fragment;
}

export async function fromFragment(fragment) {
  const [, form, text] = /^#([zp])1\.([\w-]*)$/.exec(fragment) ?? [];
  if (form === undefined || fragment.length > MAX_FRAGMENT) return null;
  try {
    const bytes = form === 'z' ? await through(fromBase64(text), new DecompressionStream('deflate-raw')) : fromBase64(text);
    const state = JSON.parse(new TextDecoder().decode(bytes));
    return typeof state?.text === 'string' ? state : null;
  } catch {
    return null;
  }
}
