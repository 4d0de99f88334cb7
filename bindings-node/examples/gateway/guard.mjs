// Whether a request may come from where it comes from: a page in a browser can send requests to any address that the
// browser reaches, and credentials are not all that protects a server.
// Input: a request's headers. Output: a refusal, or null. State: none.
import { envelope } from './answers.mjs';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i;

export function refusal({ host: listens, allowHost, allowOrigin }, headers) {
  const host = headers.get('host') ?? '';
  const name = host.replace(/:\d*$/, '');
  // On the loopback only names of the loopback count: any other was made to lead here.
  const isHost = name === allowHost || (LOOPBACK.test(listens) ? LOOPBACK.test(name) : allowHost === null);
  if (!isHost) return envelope(403, 'not by this Host: see --allow-host');
  const origin = headers.get('origin');
  const isOrigin = origin === null ? headers.get('sec-fetch-site') !== 'cross-site' : isOwn(origin, host, allowOrigin);
  return isOrigin ? null : envelope(403, 'not from this Origin: see --allow-origin');
}

/** A page of this server's own, or one that the operator listed. */
function isOwn(origin, host, allowOrigin) {
  return origin.split('://')[1] === host || allowOrigin === '*' || origin === allowOrigin;
}
