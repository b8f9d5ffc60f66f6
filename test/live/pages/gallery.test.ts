import { describe, expect, it } from 'vitest';
import { until } from '../stand.js';
import { expectAccessible, expectClean, launch, NO_BROWSER, untilPage } from './browser.js';
import { control, DESKTOP, PHONE, ready, studio, tile } from './studio.js';

const browser = NO_BROWSER ? undefined! : await launch();

describe.skipIf(NO_BROWSER)(`the gallery (skipped: ${NO_BROWSER ?? 'never'})`, () => {
  it('shows each painting once, with a choice of quality', async () => {
    const show = studio();
    const style = (name: string, title: string, tier = 'lite') => ({ name, title, tier, thumbnail: undefined });
    show.styles = [
      style('many:wave', 'The Great Wave'),
      style('wave-fine', 'The Great Wave', 'fine'),
      style('wave-large', 'The Great Wave', 'standard'),
      ...show.styles,
      style('many:kiss', 'The Kiss'),
      style('other:kiss', 'The Kiss'),
    ];
    const visited = await control(browser, show);
    const { page } = visited;
    const titles = await page.locator('.tile').evaluateAll((tiles) => tiles.map((one) => one.getAttribute('title')));
    expect(titles).toEqual([
      'As it is',
      'Auto',
      'The Great Wave',
      'The Starry Night',
      'The Scream',
      'A broken one',
      'The Kiss',
    ]);
    const labels = (place: string) => page.locator(`${place} label`).allInnerTexts();
    expect(await labels('#qualities')).toEqual(['Fast', 'Better', 'Best', 'Many']);
    await page.locator('#qualities').getByLabel('Best').check();
    await until(() => show.settings.style === 'wave-fine');
    // It is what a click and a key choose from now on, also after a reload.
    await tile(page, 'The Scream').click();
    await until(() => show.settings.style === 'scream');
    expect(await page.locator('#quality').isVisible()).toBe(false);
    await page.keyboard.press('1');
    await until(() => show.settings.style === 'wave-fine');
    await tile(page, 'The Scream').click();
    await until(() => show.settings.style === 'scream');
    await page.reload();
    await ready(page);
    await tile(page, 'The Great Wave').click();
    await until(() => show.settings.style === 'wave-fine');
    // Another one's is chosen in its menu, and painted when that is chosen.
    await page.getByRole('button', { name: 'More about The Kiss' }).click();
    expect(await labels('#painting-qualities')).toEqual(['Many', 'Other']);
    await page.locator('#painting-qualities').getByLabel('Other').check();
    await expectAccessible(page);
    await page.locator('#painting-close').click();
    expect(show.settings.style).toBe('wave-fine');
    await tile(page, 'The Kiss').click();
    await until(() => show.settings.style === 'other:kiss');
    expectClean(visited);
  });

  it('has favourites first and on the keys, hides paintings, and finds them', async () => {
    const show = studio();
    show.styles = [
      ...show.styles,
      { name: 'cafe', title: 'The Night Café', artist: 'Vincent van Gogh', tier: 'lite', thumbnail: undefined },
    ];
    const visited = await control(browser, show);
    const { page } = visited;
    const titles = () =>
      page.locator('.painting:visible .tile').evaluateAll((tiles) => tiles.map((one) => one.getAttribute('title')));
    await page.getByRole('button', { name: 'Favourite: The Scream' }).click();
    await tile(page, 'The Night Café').focus();
    await page.keyboard.press('f');
    expect((await titles()).slice(0, 4)).toEqual(['As it is', 'Auto', 'The Scream', 'The Night Café']);
    // The key did not take the focus away.
    expect(await page.evaluate('document.activeElement.title')).toBe('The Night Café');
    await page.keyboard.press('2');
    await until(() => show.settings.style === 'cafe');
    await page.keyboard.press('3');
    await until(() => show.settings.style === 'wave');
    await page.reload();
    await ready(page);
    await page.keyboard.press('1');
    await until(() => show.settings.style === 'scream');

    await page.getByRole('button', { name: 'More about The Great Wave' }).click();
    await page.locator('#painting-hide').click();
    expect(await titles()).not.toContain('The Great Wave');
    await page.keyboard.press('3');
    await until(() => show.settings.style === 'night');
    await page.locator('#show-hidden').click();
    expect((await titles()).at(-1)).toBe('The Great Wave');
    await page.getByRole('button', { name: 'More about The Great Wave' }).click();
    await page.locator('#painting-hide').click();
    expect(await page.locator('#show-hidden').isVisible()).toBe(false);

    await page.locator('body').press('/');
    await page.keyboard.type('cafe GOGH');
    expect(await titles()).toEqual(['The Night Café']);
    await page.keyboard.press('Enter');
    await until(() => show.settings.style === 'cafe');
    await page.locator('#search').fill('nothing');
    await page.locator('#none-found').waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    expect(await titles()).toHaveLength(7);
    expectClean(visited);
  });

  it('leaves the choice to what is to be seen', async () => {
    const show = studio();
    const visited = await control(browser, show);
    const { page } = visited;
    await tile(page, 'Auto').click();
    await until(() => show.settings.auto);
    await show.change({ style: 'night' });
    await untilPage(
      page,
      `document.querySelector('#label').innerText === 'The Starry Night, chosen by what is to be seen'`,
    );
    expect(await tile(page, 'Auto').getAttribute('aria-pressed')).toBe('true');
    await page.keyboard.press('a');
    await until(() => !show.settings.auto);
    await page.keyboard.press('a');
    await until(() => show.settings.auto);
    await page.keyboard.press('0');
    await until(() => show.settings.style === null && !show.settings.auto);
    expectClean(visited);
  });

  it('never cuts a name, also of many', async () => {
    const show = studio();
    for (let n = 0; n < 30; n++) {
      const title = `A painting with a name that is quite long, number ${n}`;
      show.styles = [...show.styles, { name: `p${n}`, title, tier: 'lite', thumbnail: undefined }];
    }
    for (const options of [DESKTOP, PHONE]) {
      const { page } = await control(browser, show, options);
      const cut = `[...document.querySelectorAll('.tile .name > span')]
        .filter((node) => node.scrollWidth > node.clientWidth || node.scrollHeight > node.clientHeight + 1).length`;
      expect(await page.evaluate(cut)).toBe(0);
    }
  });
});
