import type { Browser, Page } from 'playwright-core';
import type { ServerOptions } from '#src/live/server/server.js';
import { Stand, serve } from '../stand.js';
import { untilPage, visit } from './browser.js';

export const DESKTOP = { viewport: { width: 1280, height: 800 } };
export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

/** A show with four styles, one of them broken. */
export function studio(): Stand {
  const show = new Stand();
  const titles = { wave: 'The Great Wave', night: 'The Starry Night', scream: 'The Scream', broken: 'A broken one' };
  show.styles = Object.entries(titles).map(([name, title]) => ({ name, title, tier: 'lite', thumbnail: undefined }));
  show.settings = { ...show.settings, style: 'wave', height: 360 };
  show.stats = { ...show.stats, picture: { width: 640, height: 360 }, working: { width: 640, height: 360 } };
  return show;
}

/** A control page that is connected. */
export async function control(
  browser: Browser,
  show: Stand,
  options: Parameters<typeof visit>[2] = DESKTOP,
  serving: ServerOptions = {},
) {
  const { server } = await serve(serving, show);
  const visited = await visit(browser, server.urls.control, options);
  await ready(visited.page);
  return { ...visited, server };
}

export const ready = (page: Page) =>
  untilPage(page, `document.querySelectorAll('.tile[aria-pressed=true]').length === 1`);
export const tile = (page: Page, title: string) => page.locator(`.tile[title="${title}"]`);
export const label = (page: Page) => page.locator('#label').innerText();
