import { expect, test } from 'vitest';
import { deferred } from '#src/deferred.js';
import { AutoStyle } from '#src/live/loop/auto-style.js';
import { DEFAULT_SETTINGS } from '#src/live/settings/table.js';
import type { LiveSettings } from '#src/live/show/types.js';
import { APPEARANCE_SIZE, appearanceOf } from '#src/pipeline/auto/appearance.js';
import { until } from '../stand.js';

const SIZE = { width: 320, height: 180 };
const [RED, BLUE] = [
  [180, 40, 30],
  [30, 40, 180],
] as const;
const plain = (colour: readonly number[], { width, height } = SIZE) =>
  Uint8Array.from({ length: width * height * 3 }, (_, i) => colour[i % 3]!);
const candidates = [
  { name: 'red', appearance: appearanceOf(plain(RED, APPEARANCE_SIZE)) },
  { name: 'blue', appearance: appearanceOf(plain(BLUE, APPEARANCE_SIZE)) },
];

/** A show of settings only, and frames of one colour at 10 a second. */
function show() {
  let settings: LiveSettings = { ...DEFAULT_SETTINGS, auto: true };
  const said: string[] = [];
  const changed: (string | null | undefined)[] = [];
  const change = async (wanted: Partial<LiveSettings>) => {
    changed.push(wanted.style);
    settings = { ...settings, ...wanted };
    return settings;
  };
  const stage = {
    change,
    get settings() {
      return settings;
    },
  };
  const auto = new AutoStyle(
    async () => candidates,
    stage,
    (note) => said.push(note),
  );
  let count = 0;
  const see = (colour: readonly number[], frames: number) => {
    for (let n = 0; n < frames; n++) {
      const data = plain(colour);
      auto.observe({ ...SIZE, data, channels: 3, sequence: count, pts: count++ / 10, capturedAt: 0 });
      // The painter has taken it over.
      structuredClone(data, { transfer: [data.buffer] });
    }
  };
  return { see, said, changed, change };
}

test('the first picture decides, then cuts, unless they come too soon', async () => {
  const { see, said, changed } = show();
  see(BLUE, 1);
  await until(() => changed.length === 1);
  see(BLUE, 29);
  // A cut after three seconds is too soon; within the new scene nothing changes any more.
  see(RED, 40);
  expect(changed).toEqual(['blue']);
  see(BLUE, 60);
  await until(() => changed.length === 2);
  see(RED, 10);
  await until(() => changed.length === 3);
  expect(changed).toEqual(['blue', 'blue', 'red']);
  expect(said).toEqual(['The style for what is to be seen now: blue.', 'The style for what is to be seen now: red.']);
});

test('choosing a style by hand ends it, and asking for it again chooses at once', async () => {
  const { see, said, changed, change } = show();
  see(RED, 60);
  await until(() => changed.length === 1);
  await change({ style: 'blue', auto: false });
  see(BLUE, 60);
  see(RED, 60);
  expect(changed).toEqual(['red', 'blue']);
  expect(said.slice(1)).toEqual(['The style is not chosen by content any more.']);
  await change({ auto: true });
  see(RED, 1);
  await until(() => changed.length === 4);
  expect(changed.at(-1)).toBe('red');
});

test('nothing is chosen where it was given up while candidates were found', async () => {
  const changed: unknown[] = [];
  const asked = deferred<typeof candidates>();
  let auto = true;
  const stage = {
    change: async (wanted: Partial<LiveSettings>) => {
      changed.push(wanted);
      return DEFAULT_SETTINGS;
    },
    get settings() {
      return { style: null, auto };
    },
  };
  const chooser = new AutoStyle(
    () => asked.promise,
    stage,
    () => undefined,
  );
  const frame = { ...SIZE, data: plain(RED), channels: 3, sequence: 0, pts: 0, capturedAt: 0 } as const;
  chooser.observe(frame);
  auto = false;
  asked.resolve(candidates);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(changed).toEqual([]);
  chooser.observe({ ...frame, pts: 5 });
  auto = true;
  chooser.observe({ ...frame, pts: 10 });
  await until(() => changed.length > 0);
  expect(changed[0]).toEqual({ style: 'red', auto: true });
});
