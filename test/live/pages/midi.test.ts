import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { until } from '../stand.js';
import { expectAccessible, expectClean, launch, NO_BROWSER } from './browser.js';
import { control, DESKTOP, PHONE, ready, studio, tile } from './studio.js';

const browser = NO_BROWSER ? undefined! : await launch();

/** A controller with knobs in place of the browser's MIDI: no device is there in tests, and none is covered by them. */
const KNOBS = `
  const knobs = { name: 'Eight knobs', onmidimessage: undefined };
  navigator.requestMIDIAccess = async () => ({ inputs: new Map([['1', knobs]]) });
  window.turn = (...data) => knobs.onmidimessage({ data: Uint8Array.from(data) });
`;
const turn = (page: Page, ...data: number[]) => page.evaluate(`turn(${data.join(', ')})`);

describe.skipIf(NO_BROWSER)(`MIDI on the control page (skipped: ${NO_BROWSER ?? 'never'})`, () => {
  it('learns which knob steers what, steers it, and keeps it', async () => {
    const show = studio();
    const visited = await control(browser, show, { ...DESKTOP, before: KNOBS } as typeof DESKTOP);
    const { page } = visited;
    const hint = () => page.locator('#midi-hint').innerText();
    await page.locator('#midi-connect').click();
    await expect.poll(hint).toBe('Connected: Eight knobs');
    await page.locator('#midi-learn').click();
    // What is chosen is not changed by that.
    const learn = async (click: () => Promise<void>, ...data: number[]) => {
      await click();
      await expect.poll(hint).toMatch(/^Now move a knob/);
      await turn(page, ...data);
      await expect.poll(hint).toMatch(/ steers /);
    };
    await learn(() => page.locator('#strength').click({ position: { x: 9, y: 8 } }), 0xb0, 74, 5);
    await learn(() => page.locator('label[for=keepColors]').click(), 0xb0, 75, 5);
    await learn(() => tile(page, 'The Scream').click(), 0x99, 36, 100);
    await learn(() => page.locator('#mask input[value=person]').click(), 0x90, 40, 100);
    await expectAccessible(page);
    expect(show.settings).toMatchObject({ strength: 1, keepColors: false, style: 'wave', mask: 'none' });
    await page.locator('#midi-learn').click();
    expect(await page.locator('#midi-bindings li').allInnerTexts()).toEqual([
      'Strength\nCC 74\n✕',
      'Keep the colours\nCC 75\n✕',
      'The Scream\nNote 36, channel 10\n✕',
      'Person\nNote 40\n✕',
    ]);
    await turn(page, 0xb0, 74, 64);
    await until(() => show.settings.strength === 0.5);
    await turn(page, 0xb0, 75, 127);
    await until(() => show.settings.keepColors);
    await turn(page, 0xb0, 75, 0);
    await until(() => !show.settings.keepColors);
    await turn(page, 0x99, 36, 100);
    await until(() => show.settings.style === 'scream');
    await turn(page, 0x90, 40, 90);
    await until(() => show.settings.mask === 'person');
    // Another channel, a clock, and what was forgotten, steer nothing.
    await page.getByRole('button', { name: 'Forget CC 74' }).click();
    for (const data of [[0xb0, 74, 0], [0xb1, 75, 127], [0xf8]]) await turn(page, ...data);
    await turn(page, 0xb0, 75, 127);
    await until(() => show.settings.keepColors);
    expect(show.settings.strength).toBe(0.5);

    await page.reload();
    await ready(page);
    expect(await page.locator('#midi-bindings li').count()).toBe(3);
    expectClean(visited);
  });

  it('says why there is none', async () => {
    const before = 'Object.defineProperty(Navigator.prototype, "requestMIDIAccess", { value: undefined });';
    const { page } = await control(browser, studio(), { ...PHONE, before } as typeof PHONE);
    await page.locator('#midi-connect').click();
    await page.getByText('This browser has no MIDI.').waitFor();
    await expectAccessible(page);
  });
});
