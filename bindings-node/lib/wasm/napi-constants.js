'use strict';
// Numbers that Node-API gives its statuses, types and attributes.

const OK = 0;
const STRING_EXPECTED = 3;
const FUNCTION_EXPECTED = 5;
const NUMBER_EXPECTED = 6;
const BOOLEAN_EXPECTED = 7;
const INVALID_ARG = 1;
const PENDING_EXCEPTION = 10;

/** The number of a type, as `napi_valuetype` has it. */
const TYPES = { undefined: 0, boolean: 2, number: 3, string: 4, symbol: 5, object: 6, function: 7, bigint: 9 };
const NULL = 1;
const UINT8_ARRAY = 1;

/** `napi_property_attributes`. */
const WRITABLE = 1;
const ENUMERABLE = 2;
const CONFIGURABLE = 4;
const STATIC = 1024;
/** Words in a `napi_property_descriptor`. */
const DESCRIPTOR_WORDS = 8;

const typeOf = (value) => (value === null ? NULL : TYPES[typeof value]);

module.exports = {
  BOOLEAN_EXPECTED,
  CONFIGURABLE,
  DESCRIPTOR_WORDS,
  ENUMERABLE,
  FUNCTION_EXPECTED,
  INVALID_ARG,
  NUMBER_EXPECTED,
  OK,
  PENDING_EXCEPTION,
  STATIC,
  STRING_EXPECTED,
  UINT8_ARRAY,
  WRITABLE,
  typeOf,
};
