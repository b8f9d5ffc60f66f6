import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { blindPage, type ComparedPaintings } from '#src/evaluate/blind/blind-page.js';
import { readVotes } from '#src/evaluate/blind/votes.js';
import { freshFolder } from '../../fixtures/ffmpeg.js';
import { expectAccessible, expectClean, launch, NO_BROWSER, visit } from '../../live/pages/browser.js';

const folder = freshFolder();

async function picture(color: string): Promise<Uint8Array> {
  return sharp({ create: { width: 160, height: 90, channels: 3, background: color } })
    .jpeg()
    .toBuffer();
}

/** An evaluation of painters by the number of their style picture, each of which has painted the same photographs. */
async function evaluation(
  painters: Record<string, number | undefined>,
  photographs = ['castle', 'night'],
): Promise<ComparedPaintings> {
  const source = await picture('#888');
  const colors = ['#b33', '#3b3', '#33b', '#bb3'];
  const styles = await Promise.all(
    Object.entries(painters).map(async ([name, own], at) => ({
      name,
      own,
      pictures: await Promise.all(
        photographs.map(async (name) => ({ name, source, result: await picture(colors[at]!) })),
      ),
    })),
  );
  return { styles };
}

async function open(of: ComparedPaintings, options = {}) {
  const file = join(folder, `${Math.random()}.html`);
  writeFileSync(file, (await blindPage(of))!);
  return {
    ...(await visit(browser, pathToFileURL(file).href, { viewport: { width: 1280, height: 800 }, ...options })),
    file,
  };
}

const progress = (page: Page) => page.locator('#progress').innerText();
/** The painter on a side, by its picture. */
const painter = (page: Page, side: 'left' | 'right') =>
  page.evaluate<string>(`(() => {
    const { src } = document.querySelector('#${side} img');
    const { paintings } = JSON.parse(document.querySelector('#data').textContent);
    for (const painted of Object.values(paintings))
      for (const [name, address] of Object.entries(painted)) if (address === src) return name;
  })()`);

const browser = NO_BROWSER ? undefined! : await launch();

describe('blindPage', () => {
  it('has nothing to show where no two painters can be compared', async () => {
    expect(await blindPage(await evaluation({ wave: 0 }))).toBeUndefined();
    expect(await blindPage(await evaluation({ wave: 0, ink: 1 }))).toBeUndefined();
    expect(await blindPage({ styles: ['a', 'b'].map((name) => ({ name, own: 0 })) })).toBeUndefined();
  });
});

describe.skipIf(NO_BROWSER)(`the blind page (skipped: ${NO_BROWSER ?? 'never'})`, () => {
  it('takes votes by keyboard, takes them back, ranks and saves them', async () => {
    const visited = await open(await evaluation({ wave: 0, ink: 1, 'other wave': 0 }));
    const { page } = visited;
    // Two photographs, and of three painters two with the same style picture.
    expect(await progress(page)).toBe('pair 1 of 2');
    const names = async () => [await painter(page, 'left'), await painter(page, 'right')];
    expect((await names()).sort()).toEqual(['other wave', 'wave']);
    // No name is to be seen.
    expect(await page.locator('body').innerText()).not.toContain('wave');
    const first = await names();
    await page.keyboard.press('ArrowDown');
    expect(await progress(page)).toBe('pair 2 of 2');
    await page.keyboard.press('u');
    expect(await progress(page)).toBe('pair 1 of 2');
    expect(await names()).toEqual(first);
    await page.keyboard.press('p');
    expect(await page.locator('#source img').isVisible()).toBe(true);
    await expectAccessible(page);
    // The one called wave is always liked.
    for (let i = 0; i < 2; i++) {
      await page.keyboard.press((await painter(page, 'left')) === 'wave' ? 'ArrowLeft' : 'ArrowRight');
    }
    expect(await page.locator('#count').innerText()).toBe('2 of 2 pairs');
    const cells = await page.locator('tbody tr').evaluateAll((rows) => rows.map((row) => row.textContent));
    expect(cells[0]).toMatch(/^wave2000\.\d\d0\.\d\d[01]\.\d\d$/);
    expect(cells[1]).toMatch(/^other wave0020\.\d\d0\.\d\d[01]\.\d\d$/);
    await expectAccessible(page);
    const download = page.waitForEvent('download');
    await page.keyboard.press('s');
    const saved = join(folder, 'saved.json');
    await (await download).saveAs(saved);
    const votes = await readVotes([saved]);
    expect(votes).toHaveLength(2);
    for (const { left, right, choice } of votes) expect(choice === 'left' ? left : right).toBe('wave');
    expectClean(visited);
  });

  it('keeps votes when it is closed, and goes on with the other pairs', async () => {
    const visited = await open(await evaluation({ wave: undefined, ink: undefined, cel: undefined }));
    const { page } = visited;
    expect(await progress(page)).toBe('pair 1 of 6');
    const seen = new Set<string>();
    for (let i = 0; i < 3; i++) {
      seen.add([await painter(page, 'left'), await painter(page, 'right')].sort().join());
      await page.keyboard.press('ArrowLeft');
    }
    await page.reload();
    expect(await progress(page)).toBe('pair 4 of 6');
    await page.click('#finish');
    expect(await page.locator('#count').innerText()).toBe('3 of 6 pairs');
    await page.click('#back');
    for (let i = 0; i < 3; i++) await page.click('#vote-right');
    expect(await page.locator('#count').innerText()).toBe('6 of 6 pairs');
    // Back from the end is to the last pair.
    await page.keyboard.press('b');
    expect(await progress(page)).toBe('pair 6 of 6');
    expectClean(visited);
  });

  it('shows pairs and sides in random order', async () => {
    const photographs = Array.from({ length: 12 }, (_, i) => `photograph ${i}`);
    const page = (await open(await evaluation({ wave: 0, ink: 0 }, photographs))).page;
    const sides: string[] = [];
    for (let i = 0; i < 12; i++) {
      sides.push(await painter(page, 'left'));
      await page.keyboard.press('ArrowDown');
    }
    expect(new Set(sides)).toEqual(new Set(['wave', 'ink']));
  });

  it('fits a narrow window', async () => {
    const { page } = await open(await evaluation({ wave: 0, ink: 0 }), { viewport: { width: 390, height: 844 } });
    await expectAccessible(page);
    await page.keyboard.press('ArrowLeft');
    await page.click('#finish');
    await expectAccessible(page);
  });

  it('is one file that asks for nothing else', async () => {
    const { file } = await open(await evaluation({ wave: 0, '</script><b>ink': 0 }));
    const text = readFileSync(file, 'utf8');
    expect(text).not.toMatch(/(?:src|href)="(?!data:)/);
    expect(text).not.toContain('</script><b>');
  });
});
