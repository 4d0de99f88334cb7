// The page of `sluicegate serve` in Chromium: what is served, the last requests while they end, who may see it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { chromium } from 'playwright-core';
import { IN_TIME, gatewayTo, ofBinary, openai } from './gateways.mjs';
import { startStrictBackend } from './strict-backend.mjs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = process.env.CHROMIUM ?? PLACES.find((path) => existsSync(path));
const skip = ofBinary || (executablePath === undefined && 'there is no Chromium: make test-page installs it');

const SECRET = 'a secret of mine';
const ASK = { model: 'gpt-5.5', messages: [{ role: 'user', content: SECRET }] };
const TOKEN = 'a-token-that-is-long-enough';

describe('the page', { ...IN_TIME, skip }, () => {
  let [backend, browser] = [];
  before(async () => {
    backend = await startStrictBackend();
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });
  after(() => Promise.all([browser.close(), backend.close()]));

  /** The page of a gateway; whatever the browser finds wrong with it fails the test. */
  const opened = async (context, flags, settings) => {
    const gateway = await gatewayTo(backend.url, flags);
    const page = await browser.newPage(settings);
    const [wrong, elsewhere] = [[], []];
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
    page.on('request', (request) => !request.url().startsWith(gateway.url) && elsewhere.push(request.url()));
    context.after(() => Promise.all([page.close(), gateway.close()]));
    const response = await page.goto(gateway.url);
    return { gateway, page, response, wrong, elsewhere, client: openai(gateway) };
  };
  const textsOf = (page, selector) => page.locator(selector).allInnerTexts();

  test('what is served, and how clients are set up', async (context) => {
    const { gateway, page, response, wrong, elsewhere } = await opened(context);
    const policy = response.headers()['content-security-policy'];
    assert.match(policy, /^default-src 'none'; script-src 'nonce-[0-9a-f]{32}';/);
    await page.getByText('live', { exact: true }).waitFor();
    const paths = ['/v1/chat/completions', '/v1/responses', '/v1/responses/compact', '/v1/messages', '/v1/images/generations', '/v1/images/edits', '/backend-api/codex/responses', '/backend-api/codex/responses/compact'];
    assert.deepEqual(await textsOf(page, '#routes td:first-child'), paths);
    assert.match(await page.locator('#about').innerText(), new RegExp(`in front of ${new URL(backend.url).host}$`));
    const { host, port } = new URL(gateway.url);
    for (const name of await textsOf(page, '[role=tab]')) {
      await page.getByRole('tab', { name }).click();
      const flags = ['serve', '--upstream', 'demo', '--port', port, '--print-config', name];
      const printed = spawnSync(process.env.SLUICEGATE_SERVER, flags, { encoding: 'utf8' }).stdout.trim();
      assert.equal(await page.locator('#config').innerText(), printed);
      assert.ok(printed.includes(host));
    }
    await page.getByRole('tab', { name: 'codex' }).focus();
    await page.keyboard.press('ArrowLeft');
    assert.equal(await page.getByRole('tab', { selected: true }).innerText(), 'openai-python');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: gateway.url });
    await page.locator('#panel button').click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /^from openai import OpenAI/);
    assert.deepEqual([wrong, elsewhere], [[], []]);
  });

  test('requests are listed as they end, without content', async (context) => {
    const { page, client, wrong } = await opened(context);
    await page.getByText('No request yet').waitFor();
    const { response } = await client.chat.completions.create({ ...ASK, stop: 'x', model: 'gpt-5.5-high' }).withResponse();
    await page.locator('#rows tr').waitFor();
    const [row] = await textsOf(page, '#rows tr');
    const id = response.headers.get('x-request-id');
    for (const shown of ['chat', 'gpt-5.5-high → gpt-5.5', '200', '12', '7', id]) assert.ok(row.includes(shown), row);
    await client.chat.completions.create({ ...ASK, model: '<b>fail-429</b>' });
    await assert.rejects(client.chat.completions.create({ ...ASK, model: 'fail-429' }), { status: 429 });
    await page.locator('#rows tr').nth(2).waitFor();
    const rows = await textsOf(page, '#rows tr');
    assert.match(rows[0], /fail-429[\s\S]*429\s*quota/);
    assert.ok(rows[1].includes('<b>fail-429</b>'));
    await page.getByRole('button', { name: 'Failures only' }).press('Enter');
    assert.equal((await textsOf(page, '#rows tr')).length, 1);
    assert.doesNotMatch(await page.content(), /secret|sk-test/);
    assert.deepEqual(wrong, []);
  });

  test('content is shown where the operator wants it', async (context) => {
    const { page, client } = await opened(context, { showContent: true }, { colorScheme: 'dark', viewport: { width: 390, height: 800 } });
    await client.chat.completions.create(ASK);
    await page.getByText('content', { exact: true }).first().click();
    assert.match(await page.locator('#rows details').innerText(), /a secret of mine[\s\S]*Hello from the strict backend/);
    const { scroll, width } = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, width: innerWidth }));
    assert.equal(scroll, width); // nothing is wider than a narrow window
  });

  test('it comes back when the server does', async (context) => {
    const { gateway, page } = await opened(context);
    await page.getByText('live', { exact: true }).waitFor();
    await gateway.close();
    await page.getByText('not connected').waitFor();
    const port = Number(new URL(gateway.url).port);
    const anew = await gatewayTo(backend.url, { port });
    context.after(anew.close);
    await page.getByText('live', { exact: true }).waitFor();
    await openai(anew).chat.completions.create(ASK);
    await page.locator('#rows tr').waitFor();
  });

  test('with a token it is for whoever has it', async (context) => {
    const { gateway, page } = await opened(context, { pageToken: TOKEN });
    for (const given of ['wrong', TOKEN]) {
      await page.getByLabel('Token').fill(given);
      await page.getByRole('button', { name: 'Show' }).click();
      if (given === 'wrong') await page.getByText('That is not the token.').waitFor();
    }
    await page.getByText('What is served').waitFor();
    assert.equal((await fetch(`${gateway.url}/page/requests`)).status, 401);
  });
});

test('strangers find no page', { skip: ofBinary }, async (context) => {
  const get = (gateway, path, headers = {}) => fetch(gateway.url + path, { headers }).then(({ status }) => status);
  const local = await gatewayTo('http://127.0.0.1:1');
  const off = await gatewayTo('http://127.0.0.1:1', { page: false });
  const behind = await gatewayTo('http://127.0.0.1:1', { allowHost: 'gateway.example' });
  context.after(() => Promise.all([local, off, behind].map(({ close }) => close())));
  for (const path of ['/', '/page/served', '/page/requests']) {
    assert.equal(await get(local, path, { 'x-forwarded-for': '192.0.2.1' }), 404);
    assert.equal(await get(local, path, { origin: 'https://page.example' }), 403);
    assert.deepEqual([await get(off, path), await get(behind, path)], [404, 404]);
  }
  assert.equal(await get(local, '/'), 200);
});
