import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rankVotes, readVotes } from '#src/evaluate/blind/votes.js';
import { freshFolder } from '../../fixtures/ffmpeg.js';

const folder = freshFolder();
function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}
const votes = (...list: [string, string, string][]) => ({
  kind: 'stylecast votes',
  votes: list.map(([left, right, choice]) => ({ photograph: 'castle', left, right, choice })),
});

describe('votes', () => {
  it('of several files count together', async () => {
    const files = [
      file('one.json', votes(['wave', 'ink', 'left'], ['ink', 'wave', 'equal'])),
      file('two.json', votes(['ink', 'wave', 'right'], ['cel', 'ink', 'right'])),
    ];
    const { tables, rankings } = rankVotes(await readVotes(files));
    expect(rankings).toHaveLength(1);
    const [ranked, pairs] = tables;
    expect(ranked!.map((row) => row.slice(0, 5))).toEqual([
      ['painter', 'pairs', 'won', 'equal', 'lost'],
      ['wave', '3', '2', '1', '0'],
      ['ink', '4', '1', '1', '2'],
      ['cel', '1', '0', '0', '1'],
    ]);
    expect(
      ranked![1]!
        .slice(5)
        .map(Number)
        .every((value) => value > 0 && value < 1),
    ).toBe(true);
    expect(pairs!.map((row) => row.slice(0, 2))).toEqual([
      ['painter', 'other'],
      ['wave', 'ink'],
      ['wave', 'cel'],
      ['ink', 'cel'],
    ]);
    // Of two painters the first table says it all.
    expect(rankVotes((await readVotes(files)).slice(0, 3)).tables).toHaveLength(1);
  });

  it.each<[string, unknown, string]>([
    ['broken.json', '{', 'holds no votes that can be read: '],
    [
      'other.json',
      { kind: 'state', votes: [] },
      'holds no votes that can be read: ✖ Invalid input: expected "stylecast votes"',
    ],
    ['choice.json', votes(['a', 'b', 'both']), 'holds no votes that can be read: ✖ Invalid option'],
    ['empty.json', votes(), 'There are no votes in'],
  ])('%s is refused', async (name, content, message) => {
    await expect(readVotes([file(name, content)])).rejects.toMatchObject({
      code: 'EVAL_VOTES',
      message: expect.stringContaining(message),
    });
  });

  it('that are not there are refused', async () => {
    await expect(readVotes(['nowhere.json'])).rejects.toThrow('nowhere.json holds no votes that can be read: ENOENT');
  });
});
