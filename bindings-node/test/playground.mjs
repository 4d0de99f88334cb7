// The playground in Chromium, opened as a file: what it shows of each kind of input, by hand and by keyboard, and that it stays to itself.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('../..', import.meta.url));
const url = pathToFileURL(process.env.PLAYGROUND ?? `${root}target/playground/index.html`).href;
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = process.env.CHROMIUM ?? PLACES.find((path) => existsSync(path));
const fixture = (path) => readFileSync(`${root}fixtures/${path}`, 'utf8');

describe('the playground', { timeout: 300_000 }, () => {
  let browser;
  before(async () => {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });
  after(() => browser.close());

  /** All is read again; until then the page shows what was before the click. */
  const settled = (page) => page.locator('#panes[aria-busy="false"]').waitFor({ state: 'attached' });
  /** The page; after the test nothing may have been wrong, and nothing have left it. */
  const opened = async (context, { fragment = '', ...settings } = {}) => {
    const page = await browser.newPage(settings);
    const wrong = [];
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && wrong.push(message.text()));
    page.on('request', (request) => /^(file|https?|wss?):/.test(request.url()) && request.url().split('#')[0] !== url && wrong.push(request.url()));
    context.after(async () => {
      await page.close();
      assert.deepEqual(wrong, []);
    });
    await page.goto(url + fragment);
    await page.locator('#all').waitFor();
    await settled(page);
    return page;
  };
  const paste = (page, text) => page.getByRole('textbox', { name: 'Input' }).fill(text);
  const shown = async (page, dialect) => {
    await settled(page);
    return page.locator(`#pane-${dialect} pre`).textContent();
  };
  const segment = (page, name) => page.locator('.segments').getByText(name, { exact: true }).click();
  const recognized = (page, kind) => page.getByText(`Read as ${kind}`, { exact: true }).waitFor();

  test('a stream is shown in every dialect, as the fixtures have it', async (context) => {
    const page = await opened(context);
    await paste(page, fixture('respond/tour/input.sse'));
    await recognized(page, 'a Chat stream');
    assert.equal(await shown(page, 'responses'), fixture('respond/tour/output.sse'));
    await paste(page, fixture('chat/tour/input.sse'));
    await recognized(page, 'a Responses stream');
    assert.equal(await shown(page, 'chat'), fixture('chat/tour/output.sse'));
    await segment(page, 'Body');
    const completion = JSON.parse(await shown(page, 'chat'));
    assert.deepEqual(completion, JSON.parse(fixture('chat/tour/completion.json')));
    assert.equal(JSON.parse(await shown(page, 'messages')).stop_reason, 'tool_use');
    assert.match(await page.locator('#facts').innerText(), /completed[\s\S]*tool_calls[\s\S]*182 \(128 cached\)/);
    assert.match(await page.locator('#pane-chat').innerText(), /1 note\s+reasoning_dropped/);
    const wordsOf = (all) => all.map(({ childNodes: [first, second] }) => first.textContent + second.textContent);
    const lanes = await page.locator('#lanes .label').evaluateAll(wordsOf);
    assert.deepEqual(lanes, [
      'events 18, completed', '0 reasoning', '1 message', '2 function call get_weather', '3 function call get_weather',
    ]);
  });

  test('the dialects are switched by keyboard', async (context) => {
    const page = await opened(context);
    assert.equal(await page.locator('article:visible').count(), 3);
    const order = [];
    for (let nth = 0; nth < 6; nth += 1) {
      await page.keyboard.press('Tab');
      order.push(await page.evaluate(() => document.activeElement.id));
    }
    assert.deepEqual(order, ['sample', 'open', 'share', 'input', 'kind', 'dialect']);
    await page.getByRole('radio', { name: 'Side by side' }).focus();
    for (const name of ['Chat', 'Responses', 'Messages']) {
      await page.keyboard.press('ArrowRight');
      await settled(page);
      await page.locator('article:visible').and(page.getByRole('article', { name })).waitFor();
      assert.equal(await page.locator('article:visible').count(), 1);
    }
    await page.getByRole('combobox', { name: 'Dialect' }).selectOption('chat');
    await recognized(page, 'a Chat stream');
    await page.getByText('truncated').first().waitFor(); // the wrong reader finds no end
  });

  test('the cut is moved, and everything is read anew', async (context) => {
    const page = await opened(context);
    const text = fixture('chat/text/input.sse');
    await paste(page, text);
    await page.getByText(`all ${text.length.toLocaleString('en')} bytes`).waitFor();
    const slider = page.getByRole('slider', { name: 'cut at byte' });
    await slider.focus();
    await page.keyboard.press('ArrowLeft');
    await page.getByText(`${(text.length - 1).toLocaleString('en')} of ${text.length.toLocaleString('en')} bytes`).waitFor();
    for (let cut = 0; cut < 3; cut += 1) await page.getByRole('button', { name: 'To the event before' }).click();
    await page.locator('#facts').getByText('upstream_truncated').waitFor();
    assert.match(await shown(page, 'chat'), /"code":"upstream_truncated"[\s\S]*\[DONE\]\n\n$/);
    assert.match(await shown(page, 'responses'), /event: response\.failed/);
    assert.match(await shown(page, 'messages'), /event: error/);
    const dimmed = await page.locator('#behind .cut').allTextContents();
    assert.ok(dimmed.length > 0 && text.endsWith(dimmed.join('')));
    await slider.press('Home');
    await page.getByText(/^0 of/).waitFor();
    await page.getByRole('button', { name: 'All' }).click();
    await page.locator('#facts').getByText('completed').waitFor();
  });

  test('a finding leads to its place', async (context) => {
    const page = await opened(context);
    await paste(page, fixture('lint/delta_after_done/input.sse'));
    const finding = JSON.parse(fixture('lint/delta_after_done/findings.jsonl').split('\n')[0]);
    await page.getByRole('button', { name: new RegExp(`^${finding.rule} at byte ${finding.offset}:`) }).click();
    const selected = await page.locator('textarea').evaluate((area) => [area.selectionStart, area.value.slice(area.selectionStart, area.selectionEnd)]);
    assert.deepEqual(selected, [finding.offset, 'event: response.output_text.delta']);
    assert.equal(await page.locator(`#behind .error[data-from="${finding.offset}"]`).innerText(), selected[1]);
    await page.getByLabel('as read by').selectOption('codex_cli');
    await page.locator('#findings').waitFor();
  });

  test('a request has its ledger, as marks in the text', async (context) => {
    const page = await opened(context);
    await page.getByLabel('Sample').selectOption('Chat request');
    await recognized(page, 'a Chat request');
    assert.match(await page.locator('#pane-responses').innerText(), /removed\s*temperature unsupported by the backend/);
    const removed = await page.locator('#behind .removed').allTextContents();
    assert.ok(removed.includes('"temperature": 0.2'), removed.join());
    assert.deepEqual(await page.locator('#pane-responses pre .added').allTextContents().then((all) => all.join('').includes('"store": false')), true);
    await page.getByRole('button', { name: /removed logit_bias/ }).first().click();
    assert.equal(await page.locator('textarea').evaluate((area) => area.value.slice(area.selectionStart, area.selectionEnd)), '"logit_bias": {"50256": -100}');
    await page.getByLabel('Responses upstream').selectOption('openai');
    await page.locator('#pane-responses').getByText('unsupported by the backend').first().waitFor({ state: 'detached' });
    for (let cut = 0; cut < 2; cut += 1) await page.getByRole('slider').press('ArrowLeft'); // the line end, and the last brace
    await page.locator('#pane-chat').getByText('rejected').waitFor();
  });

  test('an error has its envelope', async (context) => {
    const page = await opened(context);
    await paste(page, '{"error":{"message":"No more <b>today</b>","code":"insufficient_quota"}}');
    await recognized(page, 'a failure');
    await page.getByLabel('HTTP status').fill('429');
    await page.locator('#pane-messages').getByText('quota').first().waitFor();
    assert.equal(JSON.parse(await shown(page, 'messages')).error.message, 'No more <b>today</b>');
    assert.equal(JSON.parse(await shown(page, 'chat')).error.code, 'insufficient_quota');
  });

  test('a shared address opens as it was', async (context) => {
    const page = await opened(context);
    await paste(page, fixture('messages_upstream/web_search_with_citations/input.sse'));
    await recognized(page, 'a Messages stream');
    await page.getByRole('button', { name: 'To the event before' }).click();
    await segment(page, 'Messages');
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByText(/has the whole input in it/).waitFor();
    const fragment = await page.evaluate(() => location.hash);
    assert.match(fragment, /^#z1\.[\w-]+$/);
    const again = await opened(context, { fragment });
    await recognized(again, 'a Messages stream');
    assert.equal(await again.locator('#cut-text').innerText(), await page.locator('#cut-text').innerText());
    assert.equal(await shown(again, 'messages'), await shown(page, 'messages'));
    assert.equal(await again.locator('article:visible').count(), 1);
    const plain = (state) => `#p1.${Buffer.from(JSON.stringify(state)).toString('base64url')}`; // of a browser that cannot compress
    const failure = { text: '{"detail":"gone"}', kind: 'unheard of', profile: 7, status: 410 };
    await recognized(await opened(context, { fragment: plain(failure) }), 'a failure');
    for (const broken of ['#z1.AAAA', plain({}), '#elsewhere']) {
      await recognized(await opened(context, { fragment: broken }), 'a Responses stream'); // the first sample
    }
  });

  test('what is too long is not shared', async (context) => {
    const page = await opened(context);
    const noise = Array.from({ length: 4000 }, (_, nth) => Math.sin(nth)).join(' ');
    await paste(page, `data: ${noise}\n\n`);
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByText(/^Too long to share/).waitFor();
    assert.equal(await page.evaluate(() => location.hash), '');
  });

  test('files, any fixture, nothing at all', async (context) => {
    const page = await opened(context);
    await page.locator('#file').setInputFiles(`${root}fixtures/document/a_response_pretty/body`);
    await recognized(page, 'a finished Responses answer');
    await page.evaluate((text) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([text], 'frames.jsonl'));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    }, fixture('chat/interrupted/frames.jsonl'));
    await recognized(page, 'Responses frames');
    const kinds = { chat: 'input.sse', messages_upstream: 'input.sse', document: 'body', envelope: 'body', to_messages: 'request.json' };
    for (const [kind, file] of Object.entries(kinds)) {
      const cases = readdirSync(`${root}fixtures/${kind}`).filter((name) => existsSync(`${root}fixtures/${kind}/${name}/${file}`));
      for (const name of cases.filter((_, nth) => nth % 20 === 0)) await paste(page, fixture(`${kind}/${name}/${file}`));
    }
    await paste(page, fixture('chat/error_failure_and_done/input.sse')); // its `[DONE]` is null among objects
    await paste(page, '');
    await page.getByText('Paste, drop or pick something').waitFor();
    assert.equal(await page.locator('article:visible').count(), 0);
  });

  test('narrow and dark, nothing is wider than the window', async (context) => {
    for (const width of [390, 800]) {
      const page = await opened(context, { colorScheme: 'dark', viewport: { width, height: 800 } });
      const seen = await page.evaluate(() => [document.documentElement.scrollWidth, getComputedStyle(document.body).backgroundColor]);
      assert.deepEqual(seen, [width, 'rgb(16, 20, 25)']);
    }
  });

  test('the policy keeps everything out, and everything in', async (context) => {
    const page = await opened(context);
    const policy = await page.locator('meta[http-equiv]').getAttribute('content');
    const hashless = policy.replace(/'sha256-[\w+/=]+'/g, '#');
    assert.equal(hashless, "default-src 'none'; script-src # 'wasm-unsafe-eval'; style-src #; img-src data:; base-uri 'none'; form-action 'none'");
    assert.equal(await page.locator('[src], link[href^="http"], [style]').evaluateAll((all) => all.filter(({ id }) => id !== 'strip').length), 0);
  });
});
