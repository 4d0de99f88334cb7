// The frames of a WebSocket (RFC 6455), as a server has them. Input: bytes of the client. Output: its messages.
import { createHash } from 'node:crypto';

const OPCODES = { 0: 'continuation', 1: 'text', 2: 'binary', 8: 'close', 9: 'ping', 10: 'pong' };
const NUMBERS = Object.fromEntries(Object.entries(OPCODES).map(([number, name]) => [name, Number(number)]));
const CONTROL = ['close', 'ping', 'pong'];
/** What the Codex backend takes at most. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** The answer to the key of a handshake (§4.2.2). */
export function acceptOf(key) {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

/** A frame of the server: whole, not masked. */
export function frame(name, payload) {
  const data = Buffer.from(payload);
  const head = Buffer.alloc(data.length < 126 ? 2 : data.length < 65536 ? 4 : 10);
  head[0] = 0x80 | NUMBERS[name];
  head[1] = { 2: data.length, 4: 126, 10: 127 }[head.length];
  if (head.length === 4) head.writeUInt16BE(data.length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(data.length), 2);
  return Buffer.concat([head, data]);
}

/** The payload of a close frame. */
export function closing(code) {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return payload;
}

/** The client broke the protocol; `code` is the one to close with (§7.4.1). */
export class Violation extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** Puts frames and fragments together. */
export class FrameReader {
  #rest = Buffer.alloc(0);
  #fragments = /** @type {{ name: string, parts: Buffer[], bytes: number } | null} */ (null);

  /** The messages that these bytes complete, `{name, payload}`; throws a Violation. */
  *feed(bytes) {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (let next = this.#take(); next !== null; next = this.#take()) {
      if (CONTROL.includes(next.name)) yield next;
      else yield* this.#join(next);
    }
  }

  /** The next frame, unmasked; null where it is not all there. */
  #take() {
    const header = readHeader(this.#rest);
    if (header === null || this.#rest.length < header.bytes + header.length) return null;
    const payload = Buffer.from(this.#rest.subarray(header.bytes, header.bytes + header.length));
    for (let at = 0; at < payload.length; at += 1) payload[at] ^= header.mask[at % 4];
    this.#rest = this.#rest.subarray(header.bytes + header.length);
    return { name: header.name, isLast: header.isLast, payload };
  }

  *#join({ name, isLast, payload }) {
    if ((name === 'continuation') === (this.#fragments === null)) throw new Violation(1002, 'fragments out of order');
    const message = this.#fragments ?? { name, parts: [], bytes: 0 };
    message.parts.push(payload);
    message.bytes += payload.length;
    if (message.bytes > MAX_MESSAGE_BYTES) throw new Violation(1009, 'message too big');
    this.#fragments = isLast ? null : message;
    if (isLast) yield { name: message.name, payload: Buffer.concat(message.parts) };
  }
}

/** The header of a frame (§5.2); null where it is not all there. */
function readHeader(bytes) {
  if (bytes.length < 2) return null;
  const name = OPCODES[bytes[0] & 0x0f];
  const isLast = (bytes[0] & 0x80) !== 0;
  const short = bytes[1] & 0x7f;
  const isControl = CONTROL.includes(name);
  if (name === undefined || (bytes[0] & 0x70) !== 0) throw new Violation(1002, 'reserved bits');
  if ((bytes[1] & 0x80) === 0) throw new Violation(1002, 'frame is not masked');
  if (isControl && (!isLast || short > 125)) throw new Violation(1002, 'control frame is long or in fragments');
  const start = { 126: 4, 127: 10 }[short] ?? 2;
  if (bytes.length < start + 4) return null;
  const length = { 126: () => bytes.readUInt16BE(2), 127: () => Number(bytes.readBigUInt64BE(2)) }[short]?.() ?? short;
  if (length > MAX_MESSAGE_BYTES) throw new Violation(1009, 'message too big');
  return { name, isLast, length, bytes: start + 4, mask: bytes.subarray(start, start + 4) };
}
