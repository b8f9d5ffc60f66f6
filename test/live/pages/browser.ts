import { accessSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, expect } from 'vitest';
import type { LiveFrame } from '#src/live/show/types.js';
import { afterTest, pause } from '../stand.js';

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** Why there is no browser to test in; undefined where there is one. */
export const NO_BROWSER = (() => {
  try {
    accessSync(CHROMIUM);
    return undefined;
  } catch {
    return `no browser at ${CHROMIUM}; set CHROMIUM_PATH`;
  }
})();

/** The name of an origin that browsers do not trust, for plain http as from another machine. */
export const OTHER_MACHINE = 'stylecast.test';

/** What browsers say by themselves: of a server that is away, and of plain http. */
const UNAVOIDABLE = /^WebSocket connection to|Cross-Origin-Opener-Policy header has been ignored/;

/** Starts a browser for the tests of a file. */
export async function launch(...args: string[]): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--mute-audio', `--host-resolver-rules=MAP ${OTHER_MACHINE} 127.0.0.1`, ...args],
  });
  afterAll(() => browser.close());
  return browser;
}

/** A page, and what it did that a page must not do. */
export interface Visit {
  readonly page: Page;
  /** Errors in the console, among them violations of the content-security policy, and requests to other origins. */
  readonly faults: string[];
}

/** Opens an address; the page is closed after the test. `before` is run in the page before its scripts. */
export async function visit(
  browser: Browser,
  url: string,
  { before, ...options }: BrowserContextOptions & { before?: string } = {},
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 640, height: 360 }, ...options });
  afterTest(() => context.close());
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() !== 'error' || UNAVOIDABLE.test(message.text())) return;
    faults.push(`${message.text()} (${message.location().url})`);
  });
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== new URL(url).origin) faults.push(`request to ${request.url()}`);
  });
  if (before) await page.addInitScript(before);
  await page.goto(url);
  return { page, faults };
}

/** Waits until an expression is true in the page. (`waitForFunction` wants `eval`, which the pages forbid.) */
export async function untilPage(page: Page, expression: string): Promise<void> {
  const end = performance.now() + 20_000;
  while (!(await page.evaluate(expression))) {
    if (performance.now() > end) throw new Error(`never came true in the page: ${expression}`);
    await pause(10);
  }
}

const SQUARE = 32;
const WIDTH = 10 * SQUARE;
const HEIGHT = 180;

/**
 * A frame of 320×180 that carries a number below 1024: a row of ten black and white squares, lowest bit first. Below it
 * is orange. With `cutout`, the right half is transparent.
 */
export function numbered(number: number, cutout = false): Partial<LiveFrame> {
  const channels = cutout ? 4 : 3;
  const data = new Uint8Array(WIDTH * HEIGHT * channels);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const bit = ((number >> Math.floor(x / SQUARE)) & 1) * 255;
      const color = y < SQUARE ? [bit, bit, bit] : [240, 140, 20];
      if (cutout) color.push(x < WIDTH / 2 ? 255 : 0);
      data.set(color, (y * WIDTH + x) * channels);
    }
  }
  return { data, width: WIDTH, height: HEIGHT, channels };
}

/** An expression for the number that the page's canvas shows; -1 where it shows nothing. */
export const SHOWN = `(() => {
  const canvas = document.querySelector('#picture');
  const { data } = canvas.getContext('2d').getImageData(0, Math.round(canvas.height / 12), canvas.width, 1);
  let number = 0;
  for (let bit = 0; bit < 10; bit++) {
    const at = Math.round(((bit + 0.5) * canvas.width) / 10) * 4;
    if (data[at + 3] < 128) return -1;
    number += (data[at] > 127 ? 1 : 0) << bit;
  }
  return number;
})()`;

/** A page as a viewer over it sees it: RGBA, with what is transparent left so. */
export class Look {
  private constructor(
    private readonly data: Buffer,
    private readonly width: number,
  ) {}

  static async at(page: Page): Promise<Look> {
    const png = await page.screenshot({ omitBackground: true });
    const { data, info } = await sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    return new Look(data, info.width);
  }

  /** `clear`, `orange`, or the colour in numbers. */
  color(x: number, y: number): string {
    const [r = 0, g = 0, b = 0, a = 0] = this.data.subarray((y * this.width + x) * 4);
    if (a === 0) return 'clear';
    if (a === 255 && Math.abs(r - 240) + Math.abs(g - 140) + Math.abs(b - 20) < 30) return 'orange';
    return `${r} ${g} ${b} ${a}`;
  }
}

/** Fails when a page did what it must not do. */
export function expectClean({ faults }: Visit): void {
  expect(faults).toEqual([]);
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Fails when a page breaks a rule of accessibility (those of axe-core), or is wider than its window. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>('axe.run()');
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(page.viewportSize()!.width);
}
