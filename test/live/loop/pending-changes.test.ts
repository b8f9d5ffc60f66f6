import { describe, expect, test } from 'vitest';
import { stylesOf } from '#src/live/loop/fades/fade.js';
import { PendingChanges } from '#src/live/loop/pending-changes.js';
import { changedSettings } from '#src/live/settings/settings.js';
import { DEFAULT_SETTINGS } from '#src/live/settings/table.js';
import type { LiveSettings } from '#src/live/show/types.js';
import { failure } from '../../fixtures/failure.js';

/** Settings, and styles that are loaded when the test says so. */
function desk(loaded: readonly string[] = []) {
  const there = new Set(loaded);
  const begun: { name: string; signal: AbortSignal; end: (error?: Error) => void }[] = [];
  const state = { settings: { ...DEFAULT_SETTINGS, style: 'first' } as LiveSettings, at: 0, most: 0, loading: 0 };
  there.add('first');
  const changes = new PendingChanges({
    missing: (wanted) => stylesOf(changedSettings(state.settings, wanted)).filter((name) => !there.has(name)),
    load: (name, signal) =>
      new Promise((resolve, reject) => {
        state.loading++;
        state.most = Math.max(state.most, state.loading);
        const end = (error?: Error) => {
          state.loading--;
          if (error) return reject(error);
          there.add(name);
          resolve();
        };
        begun.push({ name, signal, end });
      }),
    commit: (wanted) => {
      state.settings = changedSettings(state.settings, wanted);
    },
  });
  const change = (wanted: Partial<LiveSettings>) => changes.change(wanted, 0).then(() => state.settings);
  return { state, begun, change, changes };
}

/** Lets promises that can resolve do so. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the last change wins', () => {
  test('as it is, while a style is loaded: it is given up, and stays away', async () => {
    const { state, begun, change } = desk();
    const heavy = change({ style: 'heavy' });
    await turn();
    expect(await change({ style: null })).toMatchObject({ style: null });
    expect(await heavy).toMatchObject({ style: null });
    expect(begun.map(({ name, signal }) => [name, signal.aborted])).toEqual([['heavy', true]]);
    begun[0]!.end();
    await turn();
    expect(state.settings.style).toBeNull();
  });

  test('field by field: what came along with a slow change does not overwrite what is newer', async () => {
    const { state, begun, change } = desk();
    const slow = change({ style: 'heavy', strength: 0.2, mirror: true });
    expect(await change({ strength: 0.9 })).toMatchObject({ style: 'first', strength: 0.9, mirror: false });
    begun[0]!.end();
    expect(await slow).toMatchObject({ style: 'heavy', strength: 0.9, mirror: true });
    expect(state.settings).toMatchObject({ style: 'heavy', strength: 0.9, mirror: true });
  });

  test('of many styles only the first and the last are loaded, one at a time; the others are answered at once', async () => {
    const { state, begun, change } = desk();
    const all = Array.from({ length: 50 }, (_, i) => change({ style: `style-${i}` }));
    await turn();
    expect(await Promise.all(all.slice(0, 49))).toHaveLength(49);
    expect(begun.map(({ name }) => name)).toEqual(['style-0']);
    expect(begun[0]!.signal.aborted).toBe(true);
    begun[0]!.end();
    await turn();
    expect(begun.map(({ name }) => name)).toEqual(['style-0', 'style-49']);
    begun[1]!.end();
    expect(await all[49]).toMatchObject({ style: 'style-49' });
    expect([state.settings.style, state.most]).toEqual(['style-49', 1]);
  });

  test('two styles in two fields are both loaded, one after the other', async () => {
    const { begun, change } = desk();
    const one = change({ style: 'a' });
    const two = change({ second: 'b', blend: 0.3 });
    await turn();
    expect(begun).toHaveLength(1);
    begun[0]!.end();
    expect(await one).toMatchObject({ style: 'a', second: null });
    expect(begun.map(({ name }) => name)).toEqual(['a', 'b']);
    begun[1]!.end();
    expect(await two).toMatchObject({ style: 'a', second: 'b', blend: 0.3 });
  });
});

test('a style that cannot be loaded: nothing of its change is in force, the rest is', async () => {
  const { state, begun, change } = desk();
  const broken = change({ style: 'broken', mirror: true });
  const other = change({ style: 'fine', second: 'broken' });
  const third = change({ strength: 0.5 });
  expect(await third).toMatchObject({ strength: 0.5 });
  // The newer change took the style's place: the first has only the mirror left, which needs nothing.
  expect(await broken).toMatchObject({ mirror: true, style: 'first' });
  const refused = failure(other);
  begun[0]!.end(new Error('damaged'));
  expect(await refused).toMatchObject({ message: 'damaged' });
  expect(begun.map(({ name }) => name)).toEqual(['broken']);
  expect(state.settings).toMatchObject({ style: 'first', second: null });
});

test('when the show ends, what waits is told', async () => {
  const { begun, change, changes } = desk();
  const waiting = failure(change({ style: 'heavy' }));
  changes.close();
  expect(await waiting).toMatchObject({ code: 'LIVE_ENDED' });
  expect(begun[0]!.signal.aborted).toBe(true);
  expect(await failure(change({ mirror: true }))).toMatchObject({ code: 'LIVE_ENDED' });
});
