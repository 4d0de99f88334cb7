// What the replays use of node:assert/strict, for runtimes that have none.

function fail(message, got, expected) {
  const shown = [got, expected].map((value) => String(JSON.stringify(value)).slice(0, 400));
  throw new Error(`${message ?? 'differs'}: got ${shown[0]}, expected ${shown[1]}`);
}

const isObject = (value) => value !== null && typeof value === 'object';
const isPlain = (value) => isObject(value) && !Array.isArray(value) && !ArrayBuffer.isView(value);

function isSame(one, other) {
  if (Object.is(one, other)) return true;
  if (!isObject(one) || !isObject(other) || isPlain(one) !== isPlain(other)) return false;
  if (!isPlain(one)) return one.length === other.length && Array.from(one).every((each, nth) => isSame(each, other[nth]));
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every((name) => Object.hasOwn(other, name) && isSame(one[name], other[name]));
}

function ok(value, message) {
  if (!value) fail(message, value, true);
}

function equal(got, expected, message) {
  if (!Object.is(got, expected)) fail(message, got, expected);
}

function deepEqual(got, expected, message) {
  if (!isSame(got, expected)) fail(message, got, expected);
}

function throws(call, isExpected) {
  try {
    call();
  } catch (error) {
    return ok(isExpected(error), `threw ${error.message}`);
  }
  return fail('threw nothing');
}

export default Object.assign(ok, { ok, equal, deepEqual, throws });
