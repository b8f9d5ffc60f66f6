import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { ffmpeg, freshFolder } from '../../fixtures/ffmpeg.js';
import { pause, Stand, serve, until } from '../stand.js';
import { expectAccessible, expectClean, launch, NO_BROWSER, OTHER_MACHINE, untilPage, visit } from './browser.js';

/** A show whose source is the browser's camera: gives out what comes in. */
class Mirrorless extends Stand {
  override styles: Stand['styles'] = [];

  override feed(jpeg: Uint8Array, capturedAt: number): void {
    super.feed(Uint8Array.from(jpeg), capturedAt);
    void sharp(jpeg)
      .raw()
      .toBuffer({ resolveWithObject: true })
      .then(({ data, info: { width, height } }) => this.step({ data: Uint8Array.from(data), width, height }));
  }
}

/** An expression for the colours of a picture's left and right half in the page. */
const sides = (selector: string) => `(() => {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 64;
  const context = canvas.getContext('2d');
  context.drawImage(document.querySelector('${selector}'), 0, 0, 64, 64);
  const name = (x) => {
    const [r, g, b] = context.getImageData(x, 32, 1, 1).data;
    return r > 150 && b < 100 ? 'red' : b > 150 && r < 100 ? 'blue' : r + ' ' + g + ' ' + b;
  };
  return name(16) + ' ' + name(48);
})()`;

describe.skipIf(NO_BROWSER)(`the camera page (skipped: ${NO_BROWSER ?? 'never'})`, async () => {
  // What the camera sees: blue on the left, red on the right.
  const clip = NO_BROWSER ? '' : join(freshFolder(), 'camera.y4m');
  if (clip) {
    const half = (color: string) => ['-f', 'lavfi', '-i', `color=${color}:size=320x360:rate=30:duration=1`];
    ffmpeg(...half('blue'), ...half('red'), '-filter_complex', 'hstack', '-pix_fmt', 'yuv420p', clip);
  }
  const fake = ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${clip}`];
  const browser = NO_BROWSER ? undefined! : await launch(...fake, '--use-fake-ui-for-media-stream');
  const refusing = NO_BROWSER ? undefined! : await launch(...fake, '--deny-permission-prompts');
  const bare = NO_BROWSER ? undefined! : await launch('--use-fake-ui-for-media-stream');

  it('sends what the camera sees, two pictures at a time, and shows the result', async () => {
    const show = new Mirrorless();
    const { server } = await serve({ token: 'a-token' }, show);
    const visited = await visit(browser, server.urls.camera, {
      before: `const send = WebSocket.prototype.send;
        let onTheirWay = 0;
        self.most = 0;
        WebSocket.prototype.send = function (data) {
          if (typeof data !== 'string') {
            self.most = Math.max(self.most, ++onTheirWay);
            if (!this.counted) this.addEventListener('message', ({ data }) => {
              if (typeof data === 'string' && JSON.parse(data).type === 'ack') onTheirWay--;
            });
            this.counted = true;
          }
          return send.call(this, data);
        };`,
    });
    const { page } = visited;
    await page.locator('#power').click();
    await until(() => show.fed.length > 20);
    const { data, info } = await sharp(show.fed.at(-1)!.jpeg).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([640, 360]);
    const pixel = (x: number) => [...data.subarray((180 * 640 + x) * 3, (180 * 640 + x) * 3 + 3)];
    expect(pixel(100)[2]).toBeGreaterThan(200);
    expect(pixel(540)[0]).toBeGreaterThan(200);
    await untilPage(page, `${sides('#picture')} === 'blue red' && ${sides('#preview')} === 'blue red'`);
    expect(await page.evaluate('self.most')).toBeGreaterThan(0);
    expect(await page.evaluate('self.most')).toBeLessThanOrEqual(2);
    const age = performance.timeOrigin + performance.now() - show.fed.at(-1)!.capturedAt;
    expect(age).toBeGreaterThanOrEqual(-1);

    await page.locator('#power').click();
    await untilPage(page, `document.querySelector('#preview').srcObject === null`);
    const fed = show.fed.length;
    await page.locator('#power').click();
    await until(() => show.fed.length > fed + 3);
    await expectAccessible(page);
    expectClean(visited);
  });

  it('has the paintings too, where it may choose them', async () => {
    const show = new Mirrorless();
    show.styles = ['Wave', 'Scream'].map((title) => ({ name: title, title, tier: 'lite', thumbnail: undefined }));
    const { server } = await serve({ token: 'a-token' }, show);
    const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
    const visited = await visit(browser, server.urls.camera, phone);
    const { page } = visited;
    await page.locator('.tile[title=Scream]').click();
    await until(() => show.settings.style === 'Scream');
    await untilPage(page, `document.querySelector('.tile[title=Scream]').getAttribute('aria-pressed') === 'true'`);
    await expectAccessible(page);
    expectClean(visited);
    const stranger = await visit(browser, `http://127.0.0.1:${server.port}/camera#token=another`, phone);
    await pause(500);
    expect(await stranger.page.locator('#styles').isVisible()).toBe(false);
  });

  it('continues when the server comes back', async () => {
    const { show, server } = await serve({}, new Mirrorless());
    const visited = await visit(browser, server.urls.camera);
    const { page } = visited;
    await page.locator('#power').click();
    await until(() => show.fed.length > 0);
    await server.close();
    await untilPage(page, `document.querySelector('#state').textContent === 'Connection lost, trying again'`);
    const again = await serve({ port: server.port }, new Mirrorless());
    await until(() => again.show.fed.length > 0);
    await untilPage(page, `document.querySelector('#state').textContent === 'Camera on'`);
    expectClean(visited);
  });

  it('says plainly why there is no camera', async () => {
    const { server } = await serve({ allowedHosts: [OTHER_MACHINE] }, new Mirrorless());
    const trouble = async (which: typeof browser, url: string) => {
      const visited = await visit(which, url);
      await visited.page.locator('#power').click();
      await visited.page.locator('#trouble').waitFor();
      expectClean(visited);
      return visited.page.locator('#trouble p').allInnerTexts();
    };
    expect(await trouble(browser, `http://${OTHER_MACHINE}:${server.port}/camera`)).toEqual([
      'Browsers give a camera only to safe pages.',
      expect.stringContaining('--tls'),
    ]);
    expect(await trouble(refusing, server.urls.camera)).toEqual([
      'The camera was not allowed.',
      expect.stringContaining('Allow it'),
    ]);
    expect(await trouble(bare, server.urls.camera)).toEqual([
      'There is no camera.',
      expect.stringContaining('Connect one'),
    ]);
  });

  it('says that it was not let in', async () => {
    const { server } = await serve({ token: 'righteous' });
    const { page } = await visit(browser, `http://127.0.0.1:${server.port}/camera#token=wrong`);
    await page.locator('#power').click();
    await page.locator('#trouble').waitFor();
    expect(await page.locator('#power').innerText()).toBe('Start the camera');
  });
});
