import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { galleryShow, painting } from '../added.js';
import { until } from '../stand.js';
import { expectAccessible, expectClean, launch, NO_BROWSER, untilPage, visit } from './browser.js';
import { control, DESKTOP, PHONE, studio, tile } from './studio.js';

const browser = NO_BROWSER ? undefined! : await launch();

/** Drags a file from outside over a page, and drops it there unless it is only to be held. */
async function drag(page: Page, name: string, type: string, bytes: Buffer, held = false): Promise<void> {
  const kinds = held ? ['dragenter', 'dragover'] : ['dragenter', 'dragover', 'drop'];
  await page.evaluate(`(() => {
    const bytes = Uint8Array.from(atob('${bytes.toString('base64')}'), (one) => one.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], '${name}', { type: '${type}' }));
    for (const kind of ${JSON.stringify(kinds)})
      document.body.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
  })()`);
}

/** A gallery page of a show to which pictures can be added. */
async function pages(options = DESKTOP) {
  const stand = studio();
  stand.settings = { ...stand.settings, style: null };
  const shown = await galleryShow(undefined, stand);
  const visited = await control(browser, shown.show, options, { controls: () => shown.controls, token: 'righteous' });
  return { ...shown, ...visited };
}

describe.skipIf(NO_BROWSER)(`added paintings (skipped: ${NO_BROWSER ?? 'never'})`, () => {
  it('are dropped on the page, painted with at once, seen by others, renamed, learned and removed', async () => {
    const { page, show, server, gallery, book, ...visited } = await pages();
    const other = await visit(browser, server.urls.control, DESKTOP);
    const name = 'painters:evening-light';
    await drag(page, 'x.png', 'image/png', Buffer.alloc(0), true);
    await page.locator('#drop-place').waitFor();
    await expectAccessible(page);
    await drag(page, 'evening-light.jpg', 'image/jpeg', await painting('#c73', { width: 2000, height: 1500 }));
    await until(() => show.settings.style === name);
    expect(await page.locator('#drop-place').isVisible()).toBe(false);
    await untilPage(
      page,
      `document.querySelector('.tile[title="Evening light"][aria-pressed=true] img')?.naturalWidth > 0`,
    );
    await page.getByText('Evening light is in the gallery').waitFor();
    await tile(other.page, 'Evening light').waitFor();
    await expectAccessible(page);

    // What is no picture is told, and changes nothing.
    await drag(page, 'notes.txt', 'text/plain', Buffer.from('no picture'));
    await page.getByText('notes.txt is no picture that this browser can open.').waitFor();
    expect(gallery.cards.filter(({ added }) => added)).toHaveLength(1);

    const menu = async (title: string) => {
      await page.getByRole('button', { name: `More about ${title}` }).click();
      await expectAccessible(page);
    };
    await menu('Evening light');
    await page.locator('#painting-name').fill('Dusk');
    await page.getByRole('button', { name: 'Rename' }).click();
    await tile(other.page, 'Dusk').waitFor();
    expect(await page.locator('#label').innerText()).toBe('Dusk');

    // Learning shows how far it is, where one looks and in the menu, and can be stopped.
    show.stats = { ...show.stats, learning: { style: name, state: 'learning', share: 0.4, secondsLeft: 38 } };
    await page.locator('.learning', { hasText: '0:38 left' }).waitFor();
    await menu('Dusk');
    expect(await page.locator('#painting-learn-hint').innerText()).toBe('0:38 left');
    expect(await page.locator('#painting-learn').innerText()).toBe('Stop learning');
    await page.locator('#painting-close').click();
    show.stats = { ...show.stats, learning: { style: name, state: 'failed: the disk is full', share: 0 } };
    await page.getByText('The style was not learned.').waitFor();
    expect(await page.locator('.learning').count()).toBe(0);
    await menu('Dusk');
    await page.getByRole('button', { name: 'Learn it better' }).click();
    await until(() => book.figures?.state === 'learning');
    await book.stopLearning();

    // It is not removed while it is painted with, and only by a second press.
    const remove = async () => {
      await menu('Dusk');
      await page.getByRole('button', { name: 'Remove' }).click();
      await page.getByRole('button', { name: 'Remove for good?' }).click();
    };
    await remove();
    await page.getByText('"Dusk" is painted with; it was not removed.').waitFor();
    await tile(page, 'As it is').click();
    await until(() => show.settings.style !== name);
    await remove();
    await tile(page, 'Dusk').waitFor({ state: 'detached' });
    await tile(other.page, 'Dusk').waitFor({ state: 'detached' });
    // What was refused is told by the browser too.
    expect(visited.faults).toEqual([expect.stringContaining('400 (Bad Request)')]);
  });

  it('come from a phone by a button, on both of its pages', async () => {
    const { page, show, server, ...visited } = await pages(PHONE);
    await page.locator('#picture-file').setInputFiles([
      { name: 'Sea.jpg', mimeType: 'image/jpeg', buffer: await painting('#27c') },
      { name: 'Sun.png', mimeType: 'image/png', buffer: await painting('#db3') },
    ]);
    await until(() => show.settings.style === 'painters:sun');
    await tile(page, 'Sea').waitFor();
    await expectAccessible(page);
    expectClean({ page, ...visited });
    const camera = await visit(browser, server.urls.camera, PHONE);
    await camera.page.locator('#picture-file').setInputFiles({
      name: 'Moon.jpg',
      mimeType: 'image/jpeg',
      buffer: await painting('#334'),
    });
    await until(() => show.settings.style === 'painters:moon');
    await tile(page, 'Moon').waitFor();
    await expectAccessible(camera.page);
    expectClean(camera);
  });
});
