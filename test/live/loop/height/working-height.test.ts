import { expect, test } from 'vitest';
import { WorkingHeight } from '#src/live/loop/height/working-height.js';
import type { Preference } from '#src/live/show/types.js';

/** A height for 30 frames a second, and the heights that it asked for. */
function height(prefer: Preference) {
  const asked: number[] = [];
  const notes: string[] = [];
  const stage = {
    targetHeight: 720,
    resize: async (lines: number) => {
      asked.push(lines);
    },
  };
  const working = new WorkingHeight(
    720,
    prefer,
    360,
    30,
    () => undefined,
    (note) => notes.push(note),
  );
  return { asked, notes, stage, working };
}

test('for the pace the lines give way; it begins low', () => {
  const { asked, notes, stage, working } = height('pace');
  expect(working.lines).toBeLessThanOrEqual(360);
  working.everySecond(stage, 200);
  expect(asked).toHaveLength(1);
  expect(asked[0]).toBeLessThan(360);
  expect(notes[0]).toMatch(/to keep 30 fps\.$/);
});

test('for the detail they stay, however long painting takes', () => {
  const { asked, stage, working } = height('detail');
  expect(working.lines).toBe(720);
  for (let n = 0; n < 20; n++) working.everySecond(stage, 900);
  expect([working.lines, asked]).toEqual([720, []]);
});

test('it may be changed while it runs', () => {
  const { asked, stage, working } = height('pace');
  working.everySecond(stage, 200);
  const lowered = working.lines;
  working.setLimit(stage, 720, 'detail');
  expect(working.lines).toBe(720);
  // Back to the pace, the governor starts from there.
  working.setLimit(stage, 720, 'pace');
  working.everySecond(stage, 900);
  expect(working.lines).toBeLessThanOrEqual(lowered);
  working.setLimit(stage, 480, 'detail');
  expect(working.lines).toBe(480);
  expect([asked[0], asked[1], asked.at(-1)]).toEqual([lowered, 720, 480]);
});
