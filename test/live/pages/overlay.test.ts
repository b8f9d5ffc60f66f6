import { describe, expect, it } from 'vitest';
import { afterTest, pause, Stand, serve, until } from '../stand.js';
import { expectClean, Look, launch, NO_BROWSER, numbered, OTHER_MACHINE, SHOWN, untilPage, visit } from './browser.js';

/** Gives out numbered frames, so many a second. */
function play(show: Stand, fps: number) {
  const state = { last: -1 };
  const timer = setInterval(() => show.step(numbered(++state.last % 1024)), 1000 / fps);
  afterTest(() => clearInterval(timer));
  return { state, stop: () => clearInterval(timer) };
}

describe.skipIf(NO_BROWSER)(`the overlay (skipped: ${NO_BROWSER ?? 'never'})`, async () => {
  const browser = NO_BROWSER ? undefined! : await launch();

  it('draws the newest frame and never an older one, also on a slow computer', async () => {
    const { show, server } = await serve();
    const visited = await visit(browser, server.urls.overlay);
    const { page } = visited;
    const slow = await page.context().newCDPSession(page);
    await slow.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    const { state, stop } = play(show, 60);
    await untilPage(page, `${SHOWN} >= 0`);
    const seen = await page.evaluate<number[]>(`new Promise((done) => {
      const numbers = [];
      const timer = setInterval(() => {
        numbers.push(${SHOWN});
        if (numbers.length === 100) { clearInterval(timer); done(numbers); }
      }, 5);
    })`);
    stop();
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(new Set(seen).size).toBeGreaterThan(3);
    await untilPage(page, `${SHOWN} === ${state.last}`);
    expectClean(visited);
  });

  it('is transparent where the frame is, and around it', async () => {
    const { show, server } = await serve();
    const visited = await visit(browser, server.urls.overlay, { viewport: { width: 400, height: 400 } });
    show.step(numbered(1, true));
    await untilPage(visited.page, `document.documentElement.dataset.sequence === '0'`);
    const look = await Look.at(visited.page);
    expect([look.color(100, 250), look.color(300, 250), look.color(300, 120), look.color(100, 20)]).toEqual([
      'orange',
      'clear',
      'clear',
      'clear',
    ]);
    show.step(numbered(2));
    await untilPage(visited.page, `document.documentElement.dataset.sequence === '1'`);
    expect((await Look.at(visited.page)).color(300, 250)).toBe('orange');
    expectClean(visited);
  });

  it.each([
    // The picture is twice as large as the window is wide: 16:9 in a square of 400.
    { query: '', above: 'clear', corner: 'clear', middle: 'orange', first: 'left' },
    { query: '?fit=contain', above: 'clear', corner: 'clear', middle: 'orange', first: 'left' },
    { query: '?fit=cover', above: 'bits', corner: 'orange', middle: 'orange', first: 'none' },
    { query: '?fit=fill', above: 'bits', corner: 'orange', middle: 'orange', first: 'left' },
    { query: '?fit=fill&mirror=1', above: 'bits', corner: 'orange', middle: 'orange', first: 'righteous' },
    { query: '?fit=fill&mask=round', above: 'bits', corner: 'clear', middle: 'orange', first: 'none' },
    { query: '?fit=fill&mask=rounded', above: 'bits', corner: 'clear', middle: 'orange', first: 'left' },
    { query: '?fit=nonsense&mask=nonsense', above: 'clear', corner: 'clear', middle: 'orange', first: 'left' },
  ])('takes the options of its address: "$query"', async ({ query, above, corner, middle, first }) => {
    const { show, server } = await serve();
    const visited = await visit(browser, server.urls.overlay + query, { viewport: { width: 400, height: 400 } });
    show.step(numbered(1));
    await untilPage(visited.page, `document.documentElement.dataset.sequence === '0'`);
    const look = await Look.at(visited.page);
    expect(look.color(200, 20) === 'clear' ? 'clear' : 'bits').toBe(above);
    expect(look.color(399, 399)).toBe(corner);
    expect(look.color(200, 250)).toBe(middle);
    // The number is 1: its first square is white, the others black.
    const bits = query.includes('fill') ? 40 : 100;
    const white = (x: number) => look.color(x, bits) === '255 255 255 255';
    expect(white(20) ? 'left' : white(380) ? 'righteous' : 'none').toBe(first);
    expectClean(visited);
  });

  it('draws no more frames a second than asked for', async () => {
    const { show, server } = await serve();
    const visited = await visit(browser, `${server.urls.overlay}?fps=4`);
    play(show, 60);
    await untilPage(visited.page, `${SHOWN} >= 0`);
    const drawn = await visited.page.evaluate<number>(`new Promise((done) => {
      const seen = new Set();
      const timer = setInterval(() => seen.add(document.documentElement.dataset.sequence), 5);
      setTimeout(() => { clearInterval(timer); done(seen.size); }, 2000);
    })`);
    expect(drawn).toBeGreaterThan(1);
    expect(drawn).toBeLessThan(12);
  });

  it('sets a style, if its token allows it', async () => {
    const { show, server } = await serve({ token: 'control-token' });
    await visit(browser, `${server.urls.overlay}?style=night`);
    const visited = await visit(browser, `${server.urls.overlay}?style=wave&token=control-token`);
    await until(() => show.settings.style !== null);
    expect(show.settings.style).toBe('wave');
    expectClean(visited);
  });

  it('keeps the last frame for a while when the server goes, then shows nothing, and comes back', async ({
    annotate,
  }) => {
    const show = new Stand();
    const { server } = await serve({}, show);
    const { port } = server;
    const visited = await visit(browser, server.urls.overlay);
    const { page } = visited;
    show.step(numbered(5));
    await untilPage(page, `${SHOWN} === 5`);
    await server.close();
    await untilPage(page, `document.documentElement.dataset.state === 'lost'`);
    expect(await page.evaluate(SHOWN)).toBe(5);
    await untilPage(page, `${SHOWN} === -1`);
    expect((await Look.at(page)).color(320, 300)).toBe('clear');

    const began = performance.now();
    const again = new Stand();
    again.step(numbered(6));
    await serve({ port }, again);
    await untilPage(page, `${SHOWN} === 6`);
    await annotate(`drawn again ${Math.round(performance.now() - began)} ms after the server began to start`);
    expectClean(visited);
  });

  it('shows no error on a stream when refused, and retries', async () => {
    const show = new Stand();
    const { server } = await serve({ viewToken: 'righteous' }, show);
    const visited = await visit(browser, `http://127.0.0.1:${server.port}/overlay#token=wrong`);
    show.step(numbered(1));
    await untilPage(visited.page, `document.documentElement.dataset.state === 'refused'`);
    expect(await visited.page.locator('body').innerText()).toBe('');
    await server.close();
    await serve({ port: server.port }, show);
    await untilPage(visited.page, `${SHOWN} === 1`);
  });

  it('shows its state where requested', async () => {
    const { show, server } = await serve();
    const { page } = await visit(browser, `${server.urls.overlay}?debug=1`);
    show.step(numbered(1));
    await untilPage(page, `document.documentElement.dataset.sequence === '0'`);
    expect(await page.locator('body').innerText()).toMatch(/^320×180 · frame 0 · \d+ ms since captured$/);
  });

  it.each([
    { where: 'plain http of another machine', before: '' },
    { where: 'a browser without ImageDecoder', before: 'delete self.ImageDecoder' },
    { where: 'one without createImageBitmap too', before: 'delete self.ImageDecoder; delete self.createImageBitmap' },
  ])('draws in $where', async ({ before }) => {
    const { show, server } = await serve({ allowedHosts: [OTHER_MACHINE] });
    const visited = await visit(browser, `http://${OTHER_MACHINE}:${server.port}/overlay`, { before });
    expect(await visited.page.evaluate('self.isSecureContext || "ImageDecoder" in self')).toBe(false);
    show.step(numbered(3, true));
    await untilPage(visited.page, `document.documentElement.dataset.sequence === '0'`);
    const look = await Look.at(visited.page);
    expect([look.color(100, 300), look.color(500, 300)]).toEqual(['orange', 'clear']);
    expectClean(visited);
  });

  it('skips a damaged frame', async () => {
    const { show, server } = await serve();
    const visited = await visit(browser, server.urls.overlay, {
      // Every second picture loses its end and its beginning.
      before: `const decode = self.ImageDecoder; let count = 0;
        self.ImageDecoder = function (init) {
          return new decode(count++ % 2 ? { ...init, data: init.data.subarray(50, 100) } : init);
        };
        delete self.createImageBitmap;
        Image.prototype.decode = () => Promise.reject(new Error('damaged'));`,
    });
    for (const number of [1, 2, 3]) {
      show.step(numbered(number));
      await pause(200);
    }
    await untilPage(visited.page, `${SHOWN} === 3`);
    expectClean(visited);
  });
});
