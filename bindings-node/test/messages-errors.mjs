// The form in which a Messages server refuses, and the wordings that its rules share.
// Input: what is wrong, and where. Output: a message, or a whole answer. State: none.

/** Of HTTP statuses, the type of the error. */
export const TYPES = {
  400: 'invalid_request_error', 401: 'authentication_error', 402: 'billing_error', 403: 'permission_error',
  404: 'not_found_error', 405: 'invalid_request_error', 413: 'request_too_large', 429: 'rate_limit_error',
  500: 'api_error', 529: 'overloaded_error',
};

export function failure(status, message, type = TYPES[status] ?? 'api_error') {
  return { status, body: { type: 'error', error: { type, message }, request_id: 'req_strict' } };
}

export const required = (path) => `${path}: Field required`;
export const extra = (path) => `${path}: Extra inputs are not permitted`;
export const wrongKind = (path, kind) => `${path}: Input should be a valid ${kind}`;
export const wrongPattern = (path, pattern) => `${path}: String should match pattern '${pattern}'`;

export function notOneOf(path, supported) {
  const quoted = supported.map((value) => `'${value}'`);
  const listed = quoted.length < 2 ? quoted.join() : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
  return `${path}: Input should be ${listed}`;
}

export function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function list(value) {
  return Array.isArray(value) ? value : [];
}

/** What an object lacks, and what it has too many; `members`: the required and the optional ones. */
export function* wrongMembers(path, value, [needed, optional = []]) {
  if (!isObject(value)) return yield wrongKind(path, 'dictionary');
  for (const name of needed) if (value[name] === undefined) yield required(`${path}.${name}`);
  for (const name of Object.keys(value)) {
    if (!needed.includes(name) && !optional.includes(name)) yield extra(`${path}.${name}`);
  }
}
