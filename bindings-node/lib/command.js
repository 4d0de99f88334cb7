#!/usr/bin/env node
'use strict';
// The command: runs the binary of the package sluicegate-cli. Where that is not installed, npm fetches it, as npx would.
// Input: arguments, signals. Output: what the binary does. State: its process.

const { spawn } = require('node:child_process');
const { constants } = require('node:os');
const { platformPackage } = require('./platform.js');
const { name, version } = require('../package.json');

const CLI = 'sluicegate-cli';
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/** The program and its first arguments. */
function program() {
  const own = platformPackage(process).replace('sluicegate', CLI);
  const file = process.platform === 'win32' ? 'sluicegate.exe' : 'sluicegate';
  try {
    return [require.resolve(`${own}/bin/${file}`)];
  } catch {
    const { npm_execpath: npm } = process.env;
    if (name !== CLI && npm) return [process.execPath, npm, 'exec', '--yes', `--package=${CLI}@${version}`, '--', CLI];
  }
  const remedy = name === CLI ? `there is no ${own}: cargo install ${CLI}` : `npm install ${CLI}@${version}, or run npx sluicegate`;
  console.error(`sluicegate: the command is not installed; ${remedy}`);
  return process.exit(2);
}

function main() {
  const [file, ...first] = program();
  const child = spawn(file, [...first, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  child.on('error', ({ message }) => {
    console.error(`sluicegate: ${message}`);
    process.exitCode = 2;
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
}

main();
