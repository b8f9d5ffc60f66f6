import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LookFile } from '#src/live/settings/look-file.js';
import { freshFolder } from '../../fixtures/ffmpeg.js';
import { deskOf } from '../desk.js';
import { until } from '../stand.js';
import { expectAccessible, expectClean, launch, NO_BROWSER, untilPage, visit } from './browser.js';
import { control, DESKTOP, PHONE, studio, tile } from './studio.js';

const browser = NO_BROWSER ? undefined! : await launch();

describe.skipIf(NO_BROWSER)(`looks on the control page (skipped: ${NO_BROWSER ?? 'never'})`, () => {
  it('are kept, chosen by click and key, changed, ordered and deleted', async () => {
    const show = studio();
    const { controls } = deskOf(join(freshFolder(), 'looks.json'));
    const names = async () => (await controls.looks.list()).map(({ name }) => name);
    const visited = await control(browser, show, DESKTOP, { controls: () => controls });
    const { page } = visited;
    const other = await visit(browser, visited.server.urls.control, DESKTOP);
    await page.locator('#strength').fill('40');
    await until(() => show.settings.strength === 0.4);
    await page.locator('#look-keep').click();
    expect(await page.locator('#look-name').inputValue()).toBe('The Great Wave');
    await page.locator('#look-name').fill('Calm sea');
    await page.locator('#look-key').fill('x');
    expect(await page.locator('#look-key-hint').innerText()).toBe('In the place of: Mirror');
    await page.locator('#look-key').fill('0');
    await page.locator('#look-form .strong').click();
    // The way back to the source is nobody else's.
    expect(await page.locator('#look-dialog').isVisible()).toBe(true);
    await page.locator('#look-key').fill('q');
    await expectAccessible(page);
    await page.locator('#look-form .strong').click();
    const look = page.getByRole('button', { name: 'Calm sea', exact: true });
    await look.waitFor();
    // Other pages have it at once.
    await other.page.locator('.look', { hasText: 'Calm sea' }).waitFor();
    expect(await look.getAttribute('aria-pressed')).toBe('true');
    expect((await controls.looks.list())[0]).toMatchObject({ name: 'Calm sea', key: 'q', settings: { strength: 0.4 } });

    await tile(page, 'The Scream').click();
    await until(() => show.settings.style === 'scream');
    await untilPage(page, `document.querySelector('.look').getAttribute('aria-pressed') === 'false'`);
    await page.locator('#look-keep').click();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'The Scream', exact: true }).and(page.locator('.look')).waitFor();
    await page.keyboard.press('q');
    await until(() => show.settings.style === 'wave');
    await page.locator('.look', { hasText: 'The Scream' }).click();
    await until(() => show.settings.style === 'scream');

    const change = async (name: string, press: string) => {
      await page.getByRole('button', { name: `Change the look ${name}` }).click();
      await page.locator(`#look-form [value=${press}]`).click();
      await page.locator('#look-dialog').waitFor({ state: 'hidden' });
    };
    await change('The Scream', 'earlier');
    await expect.poll(names).toEqual(['The Scream', 'Calm sea']);
    await page.getByRole('button', { name: 'Change the look Calm sea' }).click();
    await page.locator('#look-name').fill('Storm');
    await page.locator('#look-form [value=take]').click();
    await expect.poll(names).toEqual(['The Scream', 'Storm']);
    expect((await controls.looks.list())[1]!.settings.style).toBe('scream');
    await page.getByRole('button', { name: 'Change the look Storm' }).waitFor();
    await change('The Scream', 'delete');
    await expect.poll(names).toEqual(['Storm']);
    await expectAccessible(page);
    expectClean(visited);
  });

  it('are exported and imported, beside those that there are', async () => {
    const folder = freshFolder();
    const { controls } = deskOf(join(folder, 'looks.json'));
    for (const name of ['One', 'Two']) await controls.looks.save({ name, settings: { strength: 0.5 } });
    const visited = await control(browser, studio(), PHONE, { controls: () => controls });
    const { page } = visited;
    await page.locator('.look', { hasText: 'Two' }).waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#looks-export').click()]);
    expect(JSON.parse(readFileSync(await download.path(), 'utf8')).looks).toEqual(await controls.looks.list());
    const other = new LookFile(join(folder, 'other.json'));
    await other.save({ name: 'Two', settings: { strength: 0.9 } });
    await other.save({ name: 'Three', settings: {} });
    await page.locator('#looks-file').setInputFiles(join(folder, 'other.json'));
    await page.locator('.look', { hasText: 'Three' }).waitFor();
    expect((await controls.looks.list()).map(({ name, settings }) => [name, settings.strength])).toEqual([
      ['One', 0.5],
      ['Two', 0.9],
      ['Three', undefined],
    ]);
    await page
      .locator('#looks-file')
      .setInputFiles({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('{') });
    await page.getByText('x.json holds no looks.').waitFor();
    await expectAccessible(page);
    expectClean(visited);
  });
});
