// Decodes request bodies.
// Input: a body as it was sent. Output: the decoded body, no larger than a body may be. State: none.
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { envelope } from './answers.mjs';

const KNOWN = {
  gzip: zlib.gunzip,
  deflate: zlib.inflate,
  br: zlib.brotliDecompress,
  zstd: zlib.zstdDecompress, // of Node from 22.15 on
};
const DECODERS = new Map(Object.entries(KNOWN).filter(([, decode]) => decode !== undefined));

/** What a client may send, as a header has it. */
export const ACCEPTED = { 'accept-encoding': [...DECODERS.keys()].join(', ') };

/** `{ body }`, or the `failure` to answer with. One encoding at most: each further one would multiply the work. */
export async function decoded(body, encoding, maxBytes) {
  if (encoding === undefined || encoding === 'identity') return { body };
  const decode = DECODERS.get(encoding.trim().toLowerCase());
  if (decode === undefined) return { failure: envelope(415, 'the body has an encoding that is not served here') };
  try {
    return { body: await promisify(decode)(body, { maxOutputLength: maxBytes }) };
  } catch ({ code }) {
    if (code === 'ERR_BUFFER_TOO_LARGE') return { failure: envelope(413, 'the body is too large once decoded') };
    return { failure: envelope(400, 'the body is not in the encoding that its headers name') };
  }
}
