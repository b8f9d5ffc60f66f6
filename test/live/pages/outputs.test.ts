import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { controlsOf } from '#src/live/controls.js';
import { RunningOutputs } from '#src/live/outputs/running.js';
import { ffprobe } from '../../fixtures/ffmpeg.js';
import { deskOf } from '../desk.js';
import { FrameFeed } from '../frames.js';
import { afterTest, Raw, serve, socketOf, until } from '../stand.js';
import { expectAccessible, expectClean, launch, NO_BROWSER, numbered, SHOWN, untilPage, visit } from './browser.js';
import { control, DESKTOP, PHONE, studio } from './studio.js';

const browser = NO_BROWSER ? undefined! : await launch();
const SIZE = { width: 320, height: 180 };

describe.skipIf(NO_BROWSER)(`outputs on the control page (skipped: ${NO_BROWSER ?? 'never'})`, () => {
  it('records, streams and writes HLS, with state, time, size and errors', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stylecast-outputs-'));
    const before = process.cwd();
    process.chdir(folder);
    afterTest(() => process.chdir(before));
    const show = studio();
    const outputs = new RunningOutputs({ size: SIZE, fps: 25 }, () => undefined);
    const feed = new FrameFeed(SIZE);
    show.onFrame((frame) => outputs.write(frame));
    const playing = show.play(feed);
    const telling = setInterval(() => {
      show.stats = { ...show.stats, outputs: outputs.figures };
    }, 100);
    afterTest(async () => {
      clearInterval(telling);
      feed.close();
      await playing;
      await outputs.close();
    });
    const controls = controlsOf(show, outputs, deskOf(join(folder, 'looks.json')).controls);
    const visited = await control(browser, show, DESKTOP, { controls: () => controls });
    const { page } = visited;
    const told = (name: RegExp) => page.locator('#outputs li', { hasText: name }).locator('.told');
    await page.locator('#record').click();
    await expect.poll(() => told(/^record/).innerText(), { timeout: 60_000 }).toMatch(/^Recording · 0:0[2-9] · \d/);
    expect(await page.locator('#record').innerText()).toMatch(/^Recording 0:/);
    await page.locator('#pause').click();
    await expect.poll(() => told(/^record/).innerText(), { timeout: 20_000 }).toMatch(/^Recording, paused/);
    await page.locator('#hls-form button').click();
    await expect.poll(() => told(/^hls/).innerText(), { timeout: 60_000 }).toMatch(/^Writing/);
    await page.locator('#publish-url').fill('rtmp://127.0.0.1:1/app/secret-key');
    await page.locator('#publish-form button').click();
    await expect.poll(() => told(/rtmp/).innerText(), { timeout: 60_000 }).toMatch(/^Retrying in \d+ s: /);
    expect(await page.locator('body').innerText()).not.toContain('secret-key');
    expect(await page.locator('#publish-url').inputValue()).toBe('');
    await expectAccessible(page);
    await page.locator('#hls-form button').click();
    await page.getByText('runs already').waitFor();

    await page.getByRole('button', { name: /^Stop rtmp/ }).click();
    await page.locator('#record').click();
    await page.getByText(/^Finished: record stylecast-/).waitFor();
    const file = (await page.locator('.toast').innerText()).match(/stylecast-[\d-]+\.mp4/)![0];
    expect(ffprobe(join(folder, file)).streams[0]).toMatchObject({ codec_name: 'h264', ...SIZE });
    await page.getByRole('button', { name: 'Stop hls stylecast-hls' }).click();
    await page.locator('#no-outputs').waitFor();
    expect(existsSync(join(folder, 'stylecast-hls', 'index.m3u8'))).toBe(true);
    // What runs already was refused, which the browser says by itself.
    expect(visited.faults).toEqual([expect.stringContaining('400 (Bad Request)')]);
  });

  it('shows a pause, on a phone too', async () => {
    const show = studio();
    show.settings = { ...show.settings, paused: true };
    const visited = await control(browser, show, PHONE);
    const { page } = visited;
    await page.locator('#paused-note').waitFor();
    await untilPage(page, `document.querySelector('#state').textContent === 'Paused'`);
    await expectAccessible(page);
    await page.locator('#pause').click();
    await page.locator('#paused-note').waitFor({ state: 'hidden' });
    expectClean(visited);
  });

  it('shows the source while it is held, or small beside the painting, to who may control alone', async () => {
    const show = studio();
    const visited = await control(browser, show, DESKTOP, { token: 'righteous' });
    const { page } = visited;
    const stranger = await new Raw(socketOf(visited.server)).greet({ view: 'source' });
    expect((await stranger.closed).code).toBe(4401);
    const sourced = SHOWN.replace('#picture', '#source');
    const step = (number: number) => {
      show.step(numbered(number));
      show.source(numbered(number + 500));
    };
    step(1);
    await untilPage(page, `${SHOWN} === 1`);
    expect(show.sourceListeners.size).toBe(0);
    await page.locator('#compare').dispatchEvent('pointerdown', { button: 0 });
    await until(() => show.sourceListeners.size === 1);
    step(2);
    await untilPage(page, `!document.querySelector('#source').hidden && ${sourced} === 502`);
    await page.locator('body').dispatchEvent('pointerup');
    await untilPage(page, `document.querySelector('#source').hidden`);
    await until(() => show.sourceListeners.size === 0);
    await page.keyboard.down('v');
    await until(() => show.sourceListeners.size === 1);
    await page.keyboard.up('v');
    await until(() => show.sourceListeners.size === 0);
    await page.locator('#inset').click();
    await until(() => show.sourceListeners.size === 1);
    step(3);
    await untilPage(page, `document.querySelector('#source.inset') && ${sourced} === 503 && ${SHOWN} === 3`);
    await expectAccessible(page);
    await page.locator('#inset').click();
    await until(() => show.sourceListeners.size === 0);
    expectClean(visited);
  });

  it('has nothing to change where a file is being made', async () => {
    const show = studio();
    show.masks = [];
    show.styles = [];
    const { server } = await serve({}, show);
    const visited = await visit(browser, server.urls.control, DESKTOP);
    const { page } = visited;
    show.step(numbered(5));
    await untilPage(page, `${SHOWN} === 5 && document.body.classList.contains('fixed')`);
    for (const gone of ['#strength', '#pause', '#record', '#gallery', '#looks-import', '#publish-url', '#compare']) {
      expect(await page.locator(gone).isVisible()).toBe(false);
    }
    for (const there of ['#snapshot', '#overlay-url', '#pace'])
      expect(await page.locator(there).isVisible()).toBe(true);
    await expectAccessible(page);
    expectClean(visited);
  });
});
