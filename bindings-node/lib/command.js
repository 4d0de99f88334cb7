#!/usr/bin/env node
'use strict';
// The command: runs the binary of the package sluicegate-cli. Where that is not installed, npm fetches it, as npx would.
// Input: arguments, signals. Output: what the binary does. State: its process.

const { spawn, spawnSync } = require('node:child_process');
const { constants } = require('node:os');
const { dirname } = require('node:path');
const { platformPackage } = require('./platform.js');
const { name, version } = require('../package.json');

const CLI = 'sluicegate-cli';
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
/** Set, the command prints where its binary is: npm gives what it has fetched to no one but a command of it. */
const WHERE = 'SLUICEGATE_WHERE';

/** The binary, where it is installed: beside this package, or with the other one. */
function installed() {
  const own = platformPackage(process).replace('sluicegate', CLI);
  const file = process.platform === 'win32' ? 'sluicegate.exe' : 'sluicegate';
  try {
    const paths = [__dirname, ...(name === CLI ? [] : [dirname(require.resolve(`${CLI}/package.json`))])];
    return require.resolve(`${own}/bin/${file}`, { paths });
  } catch {
    return undefined;
  }
}

/** The binary, from where npm keeps what it has fetched. */
function fetched() {
  const { npm_execpath: npm } = process.env;
  if (name === CLI || npm === undefined) return undefined;
  const args = [npm, 'exec', '--yes', `--package=${CLI}@${version}`, '--', CLI];
  const env = { ...process.env, [WHERE]: '1' };
  const { stdout } = spawnSync(process.execPath, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return stdout.trim() || undefined;
}

/** @param {string} remedy */
function missing(remedy) {
  console.error(`sluicegate: the command is not installed; ${remedy}`);
  return process.exit(2);
}

/** @param {string} binary */
function run(binary) {
  const child = spawn(binary, process.argv.slice(2), { stdio: 'inherit' });
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  child.on('error', ({ message }) => missing(message));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
}

const binary = installed() ?? fetched();
if (binary === undefined) missing(name === CLI ? `cargo install ${CLI}` : `npm install ${CLI}@${version}, or run npx sluicegate`);
else if (process.env[WHERE]) console.log(binary);
else run(binary);
