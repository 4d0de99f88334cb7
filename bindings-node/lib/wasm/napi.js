'use strict';
// Node-API for the addon as a WebAssembly module: the functions that napi-rs imports, and no others.
// Input: the module's calls. Output: JavaScript's values, by handles. State: handles of the calls under way, references,
// what objects wrap.
// https://nodejs.org/api/n-api.html has what each function must do.

const { Arena, Memory, encoder } = require('./memory.js');

const {
  BOOLEAN_EXPECTED, CONFIGURABLE, DESCRIPTOR_WORDS, ENUMERABLE, FUNCTION_EXPECTED, INVALID_ARG, NUMBER_EXPECTED, OK,
  PENDING_EXCEPTION, STATIC, STRING_EXPECTED, UINT8_ARRAY, WRITABLE, typeOf,
} = require('./napi-constants.js');

const EMPTY = { value: '', bytes: new Uint8Array(0) };

/** What the module sees of its environment, which is one. */
const ENV = 1;

/**
 * Bytes that stand for those that an object has in the module's memory, where the garbage collector does not see them: without, it
 * would wait for tens of thousands of objects.
 */
const WEIGHT = 4096;

class Napi {
  /** @type {any} */
  #memory;
  /** @type {any} */
  #arena;
  /** @type {any} */
  #table;
  /** A handle is an index; the first is none. */
  #handles = [undefined];
  /** @type {{ value: any, count: number }[]} A reference is an index. */
  #references = [/** @type {any} */ (null)];
  #freeReferences = [];
  /** The call under way: its receiver, arguments, data and `new.target`. */
  #frame = /** @type {any} */ (null);
  /** @type {{ error: any } | null} */
  #thrown = null;
  /** @type {WeakMap<object, { pointer: number, finalize: number, hint: number }>} */
  #wrapped = new WeakMap();
  #finalizers = new FinalizationRegistry((/** @type {any} */ wrap) => this.#finalize(wrap));
  /** The text that was last asked for, and its UTF-8: it is asked for twice. */
  #text = EMPTY;
  /** The buffer that was made last, and where its bytes came from. */
  #made = { value: /** @type {any} */ (null), at: 0 };
  /** A buffer to be written into, and where its bytes are meanwhile. */
  lent = { value: /** @type {any} */ (null), at: 0 };

  /** What the module imports. */
  get imports() {
    return { env: this.#env(), napi: { napi_add_env_cleanup_hook: () => OK } };
  }

  /** The addon's exports. */
  start({ exports }) {
    this.#memory = new Memory(exports.memory);
    this.#arena = new Arena(this.#memory);
    this.#table = exports.__indirect_function_table;
    for (const name of Object.keys(exports)) if (name.startsWith('__napi_register__')) exports[name]();
    const own = {};
    this.#enter(() => exports.napi_register_wasm_v1(ENV, this.#handle(own)), null, [], 0, undefined);
    return own;
  }

  /** Bytes that were written into a lent buffer. */
  takeBack(from, length) {
    const { value, at } = this.lent;
    this.lent.value = null;
    value.set(this.#memory.bytes.subarray(at + from, at + from + length), from);
  }

  #handle(value) {
    return this.#handles.push(value) - 1;
  }

  #give(at, value) {
    this.#memory.words[at >>> 2] = this.#handle(value);
    return OK;
  }

  #answer(at, isSo) {
    this.#memory.bytes[at] = isSo ? 1 : 0;
    return OK;
  }

  /** Calls the module; what it throws is thrown when it has returned. */
  #enter(call, self, args, data, target) {
    const [outer, top, mark] = [this.#frame, this.#handles.length, this.#arena.mark];
    this.#frame = { self, args, data, target };
    try {
      const value = this.#handles[call(ENV, 1)];
      if (this.#thrown === null) return value;
      const { error } = this.#thrown;
      this.#thrown = null;
      throw error;
    } finally {
      this.#thrown = null; // where the module trapped
      this.#frame = outer;
      this.#handles.length = top;
      this.#arena.mark = mark;
    }
  }

  /** Calls JavaScript; what that throws is the module's to clear. */
  #attempt(result, call) {
    try {
      const value = call();
      return result === 0 ? OK : this.#give(result, value);
    } catch (error) {
      this.#thrown = { error };
      return PENDING_EXCEPTION;
    }
  }

  #finalize({ pointer, finalize, hint }) {
    this.#enter(() => (this.#table.get(finalize)(ENV, pointer, hint), 0), null, [], 0, undefined);
  }

  #function(name, callback, data) {
    const call = this.#table.get(callback);
    const enter = (self, args) => this.#enter(call, self, args, data, undefined);
    const own = function (...args) {
      return enter(this, args);
    };
    return Object.defineProperty(own, 'name', { value: name });
  }

  #class(name, callback, data) {
    const call = this.#table.get(callback);
    const construct = (self, args, target) => this.#enter(call, self, args, data, target);
    const Class = class {
      constructor(...args) {
        construct(this, args, new.target);
      }
    };
    return Object.defineProperty(Class, 'name', { value: name });
  }

  /** Defines properties of a class, of which some are static, or of an object. */
  #define(count, at, target, prototype) {
    for (let nth = 0; nth < count; nth += 1) {
      const from = (at >>> 2) + nth * DESCRIPTOR_WORDS;
      const [utf8, name, method, getter, setter, value, attributes, data] = this.#memory.words.slice(from, from + DESCRIPTOR_WORDS);
      const key = utf8 === 0 ? this.#handles[name] : this.#memory.text(utf8, -1);
      const accessor = (callback) => (callback === 0 ? undefined : this.#function(key, callback, data));
      const isAccessor = getter !== 0 || setter !== 0;
      Object.defineProperty((attributes & STATIC) === 0 ? prototype : target, key, {
        enumerable: (attributes & ENUMERABLE) !== 0,
        configurable: (attributes & CONFIGURABLE) !== 0,
        ...(isAccessor
          ? { get: accessor(getter), set: accessor(setter) }
          : { value: accessor(method) ?? this.#handles[value], writable: (attributes & WRITABLE) !== 0 }),
      });
    }
  }

  #error(code, message) {
    const error = new Error(message);
    return code === undefined ? error : Object.assign(error, { code });
  }

  #reference(value, count) {
    const reference = this.#freeReferences.pop() ?? this.#references.length;
    this.#references[reference] = { value: count > 0 ? value : new WeakRef(value), count };
    return reference;
  }

  #utf8(value) {
    if (this.#text.value !== value) this.#text = { value, bytes: encoder.encode(value) };
    return this.#text.bytes;
  }

  /** Where the bytes of a buffer are: of one just made, where it was made of. */
  #addressOf(buffer) {
    if (buffer === this.#made.value) {
      this.#made.value = null; // the addon looks once, and reads nothing
      return this.#made.at;
    }
    this.lent = { value: buffer, at: this.#arena.room(buffer.length) };
    return this.lent.at;
  }

  #env() {
    return { ...this.#values(), ...this.#objects(), ...this.#calls(), ...this.#classes(), ...this.#failures() };
  }

  /** Primitive values, text and bytes. */
  #values() {
    const value = (handle) => this.#handles[handle];
    const number = (handle, write) => {
      if (typeof value(handle) !== 'number') return NUMBER_EXPECTED;
      write(value(handle));
      return OK;
    };
    const create = (_env, given, result) => this.#give(result, given);
    const text = (_env, at, length, result) => this.#give(result, this.#memory.text(at, length));
    return {
      napi_get_undefined: (_env, result) => this.#give(result, undefined),
      napi_get_null: (_env, result) => this.#give(result, null),
      napi_get_global: (_env, result) => this.#give(result, globalThis),
      napi_get_boolean: (_env, isSo, result) => this.#give(result, isSo !== 0),
      napi_create_double: create,
      napi_create_int32: create,
      napi_create_uint32: (_env, given, result) => this.#give(result, given >>> 0),
      napi_create_int64: (_env, given, result) => this.#give(result, Number(given)),
      napi_create_string_utf8: text,
      napi_create_string_latin1: text, // the addon has only ASCII for it
      napi_typeof: (_env, handle, result) => {
        this.#memory.words[result >>> 2] = typeOf(value(handle));
        return OK;
      },
      napi_get_value_uint32: (_env, handle, result) => number(handle, (given) => (this.#memory.words[result >>> 2] = given)),
      napi_get_value_double: (_env, handle, result) => number(handle, (given) => (this.#memory.doubles[result >>> 3] = given)),
      napi_get_value_bool: (_env, handle, result) =>
        typeof value(handle) === 'boolean' ? this.#answer(result, value(handle)) : BOOLEAN_EXPECTED,
      napi_get_value_string_utf8: (_env, handle, at, size, result) => {
        if (typeof value(handle) !== 'string') return STRING_EXPECTED;
        const utf8 = this.#utf8(value(handle));
        const own = at === 0 ? utf8 : utf8.subarray(0, size - 1);
        if (at !== 0) {
          this.#memory.bytes.set(own, at);
          this.#memory.bytes[at + own.length] = 0;
          this.#text = EMPTY;
        }
        if (result !== 0) this.#memory.words[result >>> 2] = own.length;
        return OK;
      },
      napi_coerce_to_string: (_env, handle, result) => this.#attempt(result, () => String(value(handle))),
      napi_coerce_to_object: (_env, handle, result) => this.#give(result, Object(value(handle))),
      napi_strict_equals: (_env, one, other, result) => this.#answer(result, value(one) === value(other)),
      napi_is_typedarray: (_env, handle, result) =>
        this.#answer(result, ArrayBuffer.isView(value(handle)) && !(value(handle) instanceof DataView)),
      napi_get_typedarray_info: (_env, handle, type, length, data, buffer, offset) => {
        const { words } = this.#memory;
        if (type !== 0) words[type >>> 2] = UINT8_ARRAY;
        if (length !== 0) words[length >>> 2] = value(handle).length;
        const at = data === 0 ? 0 : this.#arena.copy(value(handle));
        if (data !== 0) this.#memory.words[data >>> 2] = at;
        if (buffer !== 0) this.#give(buffer, value(handle).buffer);
        if (offset !== 0) this.#memory.words[offset >>> 2] = value(handle).byteOffset;
        return OK;
      },
      napi_create_buffer_copy: (_env, length, from, data, result) => {
        const made = Buffer.allocUnsafeSlow(length);
        made.set(this.#memory.bytes.subarray(from, from + length));
        this.#made = { value: made, at: from };
        if (data !== 0) this.#memory.words[data >>> 2] = from;
        return this.#give(result, made);
      },
      napi_get_buffer_info: (_env, handle, data, length) => {
        if (!ArrayBuffer.isView(value(handle))) return INVALID_ARG;
        const at = this.#addressOf(value(handle));
        const { words } = this.#memory;
        if (data !== 0) words[data >>> 2] = at;
        if (length !== 0) words[length >>> 2] = value(handle).length;
        return OK;
      },
    };
  }

  /** Objects, arrays and properties. */
  #objects() {
    const value = (handle) => this.#handles[handle];
    const named = (at) => this.#memory.text(at, -1);
    return {
      napi_create_object: (_env, result) => this.#give(result, {}),
      napi_create_array_with_length: (_env, length, result) => this.#give(result, new Array(length)),
      napi_get_array_length: (_env, handle, result) => {
        this.#memory.words[result >>> 2] = value(handle).length;
        return OK;
      },
      napi_get_element: (_env, handle, nth, result) => this.#attempt(result, () => value(handle)[nth]),
      napi_set_element: (_env, handle, nth, given) => this.#attempt(0, () => (value(handle)[nth] = value(given))),
      napi_get_property: (_env, handle, key, result) => this.#attempt(result, () => value(handle)[value(key)]),
      napi_set_property: (_env, handle, key, given) => this.#attempt(0, () => (value(handle)[value(key)] = value(given))),
      napi_get_named_property: (_env, handle, name, result) => this.#attempt(result, () => value(handle)[named(name)]),
      napi_set_named_property: (_env, handle, name, given) => this.#attempt(0, () => (value(handle)[named(name)] = value(given))),
      napi_has_own_property: (_env, handle, key, result) => this.#answer(result, Object.hasOwn(value(handle), value(key))),
      napi_get_prototype: (_env, handle, result) => this.#give(result, Object.getPrototypeOf(value(handle))),
      napi_define_properties: (_env, handle, count, at) =>
        this.#attempt(0, () => this.#define(count, at, value(handle), value(handle))),
    };
  }

  /** Functions, and the arguments of the one that was called. */
  #calls() {
    const value = (handle) => this.#handles[handle];
    const list = (count, at) => Array.from(this.#memory.words.subarray(at >>> 2, (at >>> 2) + count), value);
    return {
      napi_get_cb_info: (_env, _info, count, args, self, data) => {
        const { words } = this.#memory;
        const frame = this.#frame;
        const room = count === 0 ? 0 : words[count >>> 2];
        for (let nth = 0; args !== 0 && nth < room; nth += 1) words[(args >>> 2) + nth] = this.#handle(frame.args[nth]);
        if (count !== 0) words[count >>> 2] = frame.args.length;
        if (self !== 0) words[self >>> 2] = this.#handle(frame.self);
        if (data !== 0) words[data >>> 2] = frame.data;
        return OK;
      },
      napi_create_function: (_env, name, length, callback, data, result) =>
        this.#give(result, this.#function(name === 0 ? '' : this.#memory.text(name, length), callback, data)),
      napi_call_function: (_env, self, handle, count, args, result) =>
        typeof value(handle) === 'function'
          ? this.#attempt(result, () => Reflect.apply(value(handle), value(self), list(count, args)))
          : FUNCTION_EXPECTED,
      napi_new_instance: (_env, handle, count, args, result) =>
        this.#attempt(result, () => Reflect.construct(value(handle), list(count, args))),
      // For other threads, and there is one.
      napi_cancel_async_work: () => OK,
      napi_create_threadsafe_function: (...given) => {
        this.#memory.words[given[10] >>> 2] = ENV;
        return OK;
      },
      napi_unref_threadsafe_function: () => OK,
      napi_call_threadsafe_function: () => OK,
    };
  }

  /** Classes, what their objects wrap, and references. */
  #classes() {
    const value = (handle) => this.#handles[handle];
    return {
      napi_define_class: (_env, name, length, callback, data, count, at, result) => {
        const Class = this.#class(this.#memory.text(name, length), callback, data);
        this.#define(count, at, Class, Class.prototype);
        return this.#give(result, Class);
      },
      napi_wrap: (_env, handle, pointer, finalize, hint, result) => {
        const wrap = { pointer, finalize, hint, weight: new ArrayBuffer(WEIGHT) };
        this.#wrapped.set(value(handle), wrap);
        if (finalize !== 0) this.#finalizers.register(value(handle), wrap);
        if (result !== 0) this.#memory.words[result >>> 2] = this.#reference(value(handle), 0);
        return OK;
      },
      napi_unwrap: (_env, handle, result) => {
        const wrap = this.#wrapped.get(value(handle));
        if (wrap === undefined) return INVALID_ARG;
        this.#memory.words[result >>> 2] = wrap.pointer;
        return OK;
      },
      napi_create_reference: (_env, handle, count, result) => {
        this.#memory.words[result >>> 2] = this.#reference(value(handle), count);
        return OK;
      },
      napi_get_reference_value: (_env, reference, result) => {
        const own = this.#references[reference];
        const held = own.count > 0 ? own.value : own.value.deref();
        if (held === undefined) this.#memory.words[result >>> 2] = 0;
        else this.#give(result, held);
        return OK;
      },
      napi_reference_unref: (_env, reference, result) => {
        const own = this.#references[reference];
        own.count -= 1;
        if (own.count === 0) own.value = new WeakRef(own.value);
        if (result !== 0) this.#memory.words[result >>> 2] = own.count;
        return OK;
      },
      napi_delete_reference: (_env, reference) => {
        this.#references[reference] = /** @type {any} */ (null);
        this.#freeReferences.push(reference);
        return OK;
      },
    };
  }

  /** Errors, and what was thrown. */
  #failures() {
    const value = (handle) => this.#handles[handle];
    return {
      napi_create_error: (_env, code, message, result) =>
        this.#give(result, this.#error(code === 0 ? undefined : value(code), value(message))),
      napi_is_error: (_env, handle, result) => this.#answer(result, value(handle) instanceof Error),
      napi_throw: (_env, handle) => {
        this.#thrown = { error: value(handle) };
        return OK;
      },
      napi_throw_error: (_env, code, message) => {
        const [own, text] = [code, message].map((at) => (at === 0 ? undefined : this.#memory.text(at, -1)));
        this.#thrown = { error: this.#error(own, text) };
        return OK;
      },
      napi_is_exception_pending: (_env, result) => this.#answer(result, this.#thrown !== null),
      napi_get_and_clear_last_exception: (_env, result) => {
        const thrown = this.#thrown;
        this.#thrown = null;
        return this.#give(result, thrown === null ? undefined : thrown.error);
      },
    };
  }
}

module.exports = { Napi };
