import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { Gallery } from '#src/live/settings/gallery/gallery.js';
import { MASK_MODES } from '#src/live/settings/table.js';
import { freshFolder } from '../../fixtures/ffmpeg.js';
import { pause, serve, until } from '../stand.js';
import { expectAccessible, expectClean, launch, NO_BROWSER, numbered, SHOWN, untilPage, visit } from './browser.js';
import { control, DESKTOP, label, PHONE, ready, studio, tile } from './studio.js';

const browser = NO_BROWSER ? undefined! : await launch();

describe.skipIf(NO_BROWSER)(`the control page (skipped: ${NO_BROWSER ?? 'never'})`, () => {
  it('switches styles at a click, and shows the picture', async () => {
    const show = studio();
    const visited = await control(browser, show);
    const { page } = visited;
    show.step(numbered(77));
    await untilPage(page, `${SHOWN} === 77`);
    expect(await label(page)).toBe('The Great Wave');
    await tile(page, 'The Scream').click();
    await until(() => show.settings.style === 'scream');
    await untilPage(page, `document.querySelector('#now').textContent === 'The Scream'`);
    await tile(page, 'As it is').click();
    await until(() => show.settings.style === null);
    expectClean(visited);
  });

  it('changes everything else with its fields', async () => {
    const show = studio();
    const visited = await control(browser, show);
    const { page } = visited;
    await page.locator('#strength').fill('40');
    await page.locator('#second').selectOption('night');
    await page.locator('#blend').fill('30');
    await page.locator('#mask [value=person]').check();
    await page.locator('#keepColors').click();
    await page.locator('#mirror').click();
    await page.locator('#height').selectOption('240');
    await page.locator('#pause').click();
    const wanted = {
      style: 'wave',
      second: 'night',
      blend: 0.3,
      strength: 0.4,
      keepColors: true,
      mask: 'person',
      mirror: true,
      height: 240,
      paused: true,
    };
    await until(() => JSON.stringify(show.settings) === JSON.stringify({ ...show.settings, ...wanted }));
    expect(await label(page)).toBe('The Great Wave with 30 % The Starry Night');
    expectClean(visited);
  });

  it('offers a mask that was given, and a style around it', async () => {
    const show = studio();
    const plain = await control(browser, show);
    const radio = (page: Page) => page.locator('#mask-picture');
    expect(await radio(plain.page).isVisible()).toBe(false);
    expect(await plain.page.locator('#outside').isVisible()).toBe(false);
    show.masks = MASK_MODES;
    const visited = await control(browser, show);
    const { page } = visited;
    await radio(page).waitFor();
    await page.locator('#mask [value=picture]').check();
    await page.locator('#outside').selectOption('night');
    await until(() => show.settings.mask === 'picture' && show.settings.outside === 'night');
    await page.locator('#mask [value=none]').check();
    await page.locator('#outside').waitFor({ state: 'hidden' });
    await page.locator('body').press('m');
    await until(() => show.settings.mask === 'person');
    expectClean(visited);
  });

  it('offers to blend where there is something to blend with', async () => {
    const show = studio();
    show.styles = show.styles.slice(0, 1);
    const visited = await control(browser, show);
    expect(await visited.page.locator('#second').isVisible()).toBe(false);
    await visited.page.keyboard.press('b');
    await tile(visited.page, 'As it is').click();
    await until(() => show.settings.style === null);
    // Nothing is painted then, so there is nothing to blend.
    await visited.page.locator('#second').waitFor({ state: 'hidden' });
    expectClean(visited);
  });

  it('shows a thumbnail for each style of a preset of many', async () => {
    const gallery = await Gallery.open();
    const show = studio();
    show.styles = gallery.cards.filter(({ name }) => name.startsWith('painters:'));
    for (const { name } of show.styles) show.pictures[name] = (await gallery.thumbnail(name))!;
    show.settings = { ...show.settings, style: 'painters:ink' };
    expect(show.styles.length).toBeGreaterThan(1);
    expect(new Set(Object.values(show.pictures).map(({ body }) => body.toString('base64'))).size).toBe(
      show.styles.length,
    );
    const { server } = await serve({ token: 'secret' }, show);
    const visited = await visit(browser, server.urls.control, DESKTOP);
    await ready(visited.page);
    const drawn = `[...document.querySelectorAll('.tile img')].filter((image) => image.naturalWidth > 0).length`;
    await untilPage(visited.page, `${drawn} === ${show.styles.length}`);
    expectClean(visited);
  });

  it('cycles the styles of one preset, truncates them, and blends fine layers separately', async () => {
    const show = studio();
    const more = ['wave', 'kiss'].map((name) => ({
      name: `many:${name}`,
      title: name,
      tier: 'lite',
      thumbnail: undefined,
    }));
    show.styles = [...show.styles, ...more];
    const visited = await control(browser, show);
    const { page } = visited;
    const [alike, fine, drift] = ['#alike', '#fine', '#drift'].map((field) => page.locator(field));
    const shown = async () => [await alike!.isVisible(), await fine!.isVisible(), await drift!.isVisible()];
    await page.locator('#second').selectOption('many:kiss');
    await until(() => show.settings.second === 'many:kiss');
    expect(await shown()).toEqual([false, false, false]);
    await tile(page, 'wave').click();
    await alike!.waitFor();
    expect(await alike!.isChecked()).toBe(true);
    expect(await shown()).toEqual([true, false, true]);
    await page.locator('#blend').fill('70');
    await until(() => show.settings.blend === 0.7 && show.settings.fine === null);
    // On their own they begin where they were, and they come back.
    await alike!.click();
    await until(() => show.settings.fine === 0.7);
    await fine!.waitFor();
    await fine!.fill('20');
    await until(() => show.settings.fine === 0.2);
    await untilPage(page, `document.querySelector('#fine-value').textContent === '20 %'`);
    expect(show.settings.blend).toBe(0.7);
    await expectAccessible(page);
    await alike!.click();
    await until(() => show.settings.fine === null);
    await fine!.waitFor({ state: 'hidden' });
    await drift!.selectOption('30');
    await until(() => show.settings.drift === 30);
    await page.locator('#truncation').fill('60');
    await until(() => show.settings.truncation === 0.6);
    await untilPage(page, `document.querySelector('#truncation-value').textContent === '60 %'`);
    await page.locator('#second').selectOption('');
    await until(() => show.settings.second === null);
    expect(await page.locator('#truncation').isVisible()).toBe(true);
    await tile(page, show.styles[0]!.title).click();
    await page.locator('#truncation').waitFor({ state: 'hidden' });
    expectClean(visited);
  });

  it('works by keyboard alone', async () => {
    const show = studio();
    const visited = await control(browser, show);
    const { page } = visited;
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    const settled = (part: object) =>
      until(
        () => JSON.stringify({ ...show.settings, ...part }) === JSON.stringify(show.settings),
        JSON.stringify(part),
      );
    await press('2');
    await settled({ style: 'night' });
    await press('0');
    await settled({ style: null });

    // Into the gallery, which has one stop in the tab order, and about in it.
    for (let n = 0; n < 20; n++) {
      await press('Tab');
      if (await page.evaluate(`document.activeElement.classList.contains('tile')`)) break;
    }
    await press('ArrowRight', 'ArrowRight', 'Enter');
    await settled({ style: 'wave' });
    await press('End', 'ArrowLeft', ' ');
    await settled({ style: 'scream' });
    await press('ArrowLeft', 'b');
    await settled({ second: 'night', blend: 0.5 });
    await press('b', 'b');
    await settled({ blend: 0.7 });
    await press('B');
    await settled({ blend: 0.6 });
    await press('Tab');
    expect(await page.evaluate(`document.activeElement.classList.contains('tile')`)).toBe(false);
    // The one that was blended in becomes the only one.
    await press('2');
    await settled({ style: 'night', second: null });

    await press('-', '-', '+');
    await settled({ strength: 0.95 });
    await press('c', 'x', 'p');
    await settled({ keepColors: true, mirror: true, paused: true });
    await press('m', 'm', 'm');
    await settled({ mask: 'cutout' });
    await press('?');
    expect(await page.locator('#help').isVisible()).toBe(true);
    await press('Escape');
    expect(await page.locator('#help').isVisible()).toBe(false);

    // Keys belong to a field that uses them itself.
    await page.locator('#second').focus();
    await press('p');
    await pause(200);
    expect(show.settings.paused).toBe(true);
    expectClean(visited);
  });

  it('agrees with other controllers', async () => {
    const show = studio();
    const one = await control(browser, show);
    const other = await visit(browser, one.server.urls.control, DESKTOP);
    await ready(other.page);
    await one.page.locator('#strength').fill('35');
    await tile(one.page, 'The Starry Night').click();
    await untilPage(other.page, `document.querySelector('#strength').value === '35'`);
    await untilPage(other.page, `document.querySelector('.tile[aria-pressed=true]').title === 'The Starry Night'`);

    // A slider does not move under the finger that holds it.
    const box = (await other.page.locator('#strength').boundingBox())!;
    await other.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await other.page.mouse.down();
    const held = await other.page.locator('#strength').inputValue();
    await one.page.locator('#strength').fill('90');
    await until(() => show.settings.strength === 0.9);
    await untilPage(other.page, `document.querySelector('#strength-value').textContent === '90 %'`);
    expect(await other.page.locator('#strength').inputValue()).toBe(held);
    await other.page.mouse.up();
    await untilPage(other.page, `document.querySelector('#strength').value === '90'`);
    expectClean(one);
    expectClean(other);
  });

  it('sends the position of a slider, not every step', async () => {
    const show = studio();
    const wanted: unknown[] = [];
    const change = show.change.bind(show);
    show.change = async (settings) => {
      wanted.push(settings);
      await pause(100);
      return change(settings);
    };
    const { page } = await control(browser, show);
    await page.evaluate(`for (let n = 0; n < 50; n++) {
      document.querySelector('#strength').value = String(n);
      document.querySelector('#strength').dispatchEvent(new Event('input', { bubbles: true }));
    }`);
    await until(() => show.settings.strength === 0.49);
    expect(wanted).toEqual([{ strength: 0 }, { strength: 0.49 }]);
  });

  it('shows what is wrong and what to do, and the settings in force', async () => {
    const show = studio();
    const visited = await control(browser, show);
    const { page } = visited;
    await tile(page, 'A broken one').click();
    await page.locator('.toast').waitFor();
    expect(await page.locator('.toast p').allInnerTexts()).toEqual([
      'The model is not the one that was named.',
      'Fetch it again.',
    ]);
    expect(await page.locator('#toasts').getAttribute('role')).toBe('alert');
    expect(await label(page)).toBe('The Great Wave');
    expect(await tile(page, 'The Great Wave').getAttribute('aria-pressed')).toBe('true');
    await page.locator('.toast button').click();
    expect(await page.locator('.toast').count()).toBe(0);
    expectClean(visited);
  });

  it('shows the figures', async () => {
    const show = studio();
    show.stats = { ...show.stats, working: { width: 512, height: 288 }, source: 'live' };
    const visited = await control(browser, show);
    const { page } = visited;
    show.step(numbered(1));
    await untilPage(page, `document.querySelector('#offset').textContent !== '–'`);
    expect(await page.locator('#offset').innerText()).toMatch(/^\d+ ms$/);
    expect(await page.locator('#pace').innerText()).toBe('29 frames a second of 30');
    expect(await page.locator('#delay').getAttribute('aria-label')).toMatch(
      /^Delay by stage: Waiting 1 ms, Painting 2 ms, Encoding \d+ ms, Delivery \d+ ms$/,
    );
    const facts = await page.locator('#facts').innerText();
    for (const fact of ['CPU (2 threads)', '640×360', '512×288', '3 at the source, 0 at viewers']) {
      expect(facts).toContain(fact);
    }
    expect(await page.locator('#governed').innerText()).toBe('Painting at 288 lines now, to keep the pace.');
    show.stats = { ...show.stats, source: 'lost' };
    await untilPage(page, `document.querySelector('#state').textContent === 'Source lost'`);
    expectClean(visited);
  });

  it('gives the overlay address with the token for watching, and copies it', async () => {
    const show = studio();
    const { server } = await serve({ token: 'secret-control', viewToken: 'only-view' }, show);
    const visited = await visit(browser, server.urls.control, {
      ...DESKTOP,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const { page } = visited;
    await ready(page);
    await page.locator('#shape').selectOption('round');
    const address = await page.locator('#overlay-url').inputValue();
    expect(address).toBe(`http://127.0.0.1:${server.port}/overlay?mask=round#token=only-view`);
    await page.locator('[data-copy=overlay-url]').click();
    await page.getByText('Copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(address);

    show.step(numbered(9));
    const overlay = await visit(browser, address);
    await untilPage(overlay.page, `${SHOWN} === 9`);
    expectClean(visited);
    expectClean(overlay);
  });

  it('downloads a snapshot', async () => {
    const show = studio();
    const visited = await control(browser, show);
    show.step(numbered(4, true));
    const [download] = await Promise.all([visited.page.waitForEvent('download'), visited.page.keyboard.press('s')]);
    expect(download.suggestedFilename()).toMatch(/^stylecast-[\d-]+\.png$/);
    const { data, info } = await sharp(await download.path())
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([320, 180, 4]);
    // What was cut out is transparent.
    const alpha = (x: number) => data[(90 * 320 + x) * 4 + 3];
    expect([alpha(10), alpha(310)]).toEqual([255, 0]);
    expectClean(visited);
  });

  it('gives a waiting page that may be opened before the server', async ({ annotate }) => {
    const show = studio();
    const first = await control(browser, show);
    await first.page.locator('summary', { hasText: 'OBS starts before' }).click();
    const [download] = await Promise.all([
      first.page.waitForEvent('download'),
      first.page.locator('#waiting-page').click(),
    ]);
    const file = join(freshFolder(), 'stylecast-overlay.html');
    await download.saveAs(file);
    await first.server.close();

    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(pathToFileURL(file).href);
    await pause(1500);
    expect(page.url()).toMatch(/^file:/);
    const began = performance.now();
    show.step(numbered(12));
    await serve({ port: first.server.port }, show);
    await page.waitForURL(/^http/);
    await untilPage(page, `${SHOWN} === 12`);
    await annotate(`drawn ${Math.round(performance.now() - began)} ms after the server began to start`);
    await context.close();
  });

  it('shows when the connection is lost, and reconnects', async () => {
    const show = studio();
    const visited = await control(browser, show);
    const { page, server } = visited;
    await server.close();
    await untilPage(page, `document.querySelector('#state').textContent === 'Connection lost, trying again'`);
    await tile(page, 'The Scream').click();
    await page.locator('.toast').waitFor();
    expect(await tile(page, 'The Great Wave').getAttribute('aria-pressed')).toBe('true');
    const again = studio();
    again.settings = { ...again.settings, style: 'night' };
    await serve({ port: server.port }, again);
    await untilPage(page, `document.querySelector('#now').textContent === 'The Starry Night'`);
    await tile(page, 'The Scream').click();
    await until(() => again.settings.style === 'scream');
    expectClean(visited);
  });

  it('says that it was not let in', async () => {
    const { server } = await serve({ token: 'righteous' }, studio());
    const { page } = await visit(browser, `http://127.0.0.1:${server.port}/#token=wrong`, DESKTOP);
    await untilPage(page, `document.querySelector('#state').textContent.startsWith('Not let in')`);
  });

  it.each([
    { name: 'desktop', options: DESKTOP },
    { name: 'desktop, dark', options: { ...DESKTOP, colorScheme: 'dark' as const } },
    { name: 'phone', options: PHONE },
  ])('keeps the rules of accessibility: $name', async ({ options }) => {
    const show = studio();
    // More than fit beside each other.
    for (let n = 0; n < 12; n++) {
      show.styles = [
        ...show.styles,
        { name: `${n}`, title: `A style with a long name, ${n}`, tier: 'lite', thumbnail: undefined },
      ];
    }
    show.settings = { ...show.settings, second: 'night', blend: 0.5 };
    const visited = await control(browser, show, options);
    const { page } = visited;
    show.step(numbered(1));
    await untilPage(page, `document.querySelector('#pace').textContent.startsWith('29')`);
    for (const details of await page.locator('details').all())
      await details.evaluate('(node) => { node.open = true; }');
    await expectAccessible(page);
    expectClean(visited);
  });

  it('has targets large enough for fingers', async () => {
    const { page } = await control(browser, studio(), PHONE);
    const small = await page.evaluate<
      string[]
    >(`[...document.querySelectorAll('button, select, input, summary, .switch')]
      .filter((node) => node.offsetParent && !node.closest('.switch input, .segments'))
      .map((node) => [node, node.closest('label') ?? node])
      .filter(([, node]) => node.getBoundingClientRect().height < 44)
      .map(([node]) => node.outerHTML.slice(0, 80))`);
    expect(small).toEqual([]);
  });
});
