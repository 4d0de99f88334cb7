// The two shapes in which the Codex backend refuses a request, and the wordings its rules share.
// Two layers speak: a gateway with `{"detail":…}`, behind it the validation of the API with `{"error":…}`.

/** A refusal of the gateway. */
export function detail(wording) {
  return { status: 400, body: { detail: wording } };
}

/** A refusal of the API. */
export function invalid(message, param, code = null) {
  return { status: 400, body: { error: { message, type: 'invalid_request_error', param, code } } };
}

export function missing(path) {
  return invalid(`Missing required parameter: '${path}'.`, path, 'missing_required_parameter');
}

export function unknown(path) {
  return invalid(`Unknown parameter: '${path}'.`, path, 'unknown_parameter');
}

export function notOneOf(value, supported, path) {
  return invalid(`Invalid value: '${value}'. Supported values are: ${listed(supported)}.`, path, 'invalid_value');
}

export function wrongType(path, expected, value) {
  const wording = `expected ${expected}, but got ${kindOf(value)} instead`;
  return invalid(`Invalid type for '${path}': ${wording}.`, path, 'invalid_type');
}

export function wrongPattern(path, pattern) {
  const wording = `string does not match pattern. Expected a string that matches the pattern '${pattern}'`;
  return invalid(`Invalid '${path}': ${wording}.`, path, 'invalid_value');
}

/** What is wrong with the length of a name or an id, which all share one limit. */
export function* wrongLength(path, text) {
  const length = [...text].length;
  if (length === 0) {
    const wording = 'empty string. Expected a string with minimum length 1, but got an empty string instead';
    yield invalid(`Invalid '${path}': ${wording}.`, path, 'empty_string');
  }
  if (length > LONGEST) {
    const wording = `Expected a string with maximum length ${LONGEST}, but got a string with length ${length} instead`;
    yield invalid(`Invalid '${path}': string too long. ${wording}.`, path, 'string_above_max_length');
  }
}

const LONGEST = 64;

function listed(values) {
  const quoted = values.map((value) => `'${value}'`);
  if (quoted.length < 3) return quoted.join(' and ');
  return `${quoted.slice(0, -1).join(', ')}, and ${quoted.at(-1)}`;
}

function kindOf(value) {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return { string: 'a string', number: 'a number', boolean: 'a boolean' }[typeof value] ?? 'an object';
}
