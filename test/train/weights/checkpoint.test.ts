import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { settingsOf } from '#src/train/settings/settings.js';
import { type Checkpoint, checkpointFile, loadCheckpoint, saveCheckpoint } from '#src/train/weights/checkpoint.js';

const folder = mkdtempSync(join(tmpdir(), 'stylecast-'));
afterAll(() => rmSync(folder, { recursive: true }));

const checkpoint: Checkpoint = {
  settings: settingsOf({ pictures: ['style.jpg'], output: 'preset', steps: 20 }),
  stage: 'second',
  done: 3,
  before: 6,
  elapsed: 1234.5,
  history: [{ step: 0, losses: { loss: 2.5, structure: 1.25 } }],
  balance: { weight: 1.7, structure: 0.1 + 0.2 },
  parameters: Float32Array.of(1, -2, 0.1),
  mean: Float32Array.of(0.5, 0, 0),
  square: Float32Array.of(0, 3, 0),
  grams: Float32Array.of(7, 0.25),
};

describe('a checkpoint', () => {
  it('comes back as it was, the balance to the last digit', async () => {
    await saveCheckpoint(folder, checkpoint);
    const { settings, ...rest } = await loadCheckpoint(folder);
    const { settings: saved, ...others } = checkpoint;
    expect(rest).toEqual(others);
    expect(settings).toEqual(JSON.parse(JSON.stringify(saved)));
  });

  it.each([
    [4, 'an earlier'],
    [6, 'a later'],
  ])('of format %d is refused: it knows nothing of what a step needs', async (format, which) => {
    await saveCheckpoint(folder, checkpoint);
    const file = checkpointFile(folder);
    const bytes = readFileSync(file, 'latin1');
    expect(bytes).toContain('\\"format\\":5');
    writeFileSync(file, bytes.replace('\\"format\\":5', `\\"format\\":${format}`), 'latin1');
    await expect(loadCheckpoint(folder)).rejects.toMatchObject({
      code: 'TRAIN_NO_CHECKPOINT',
      message: `nothing to resume: ${file} is of ${which} version of stylecast, format ${format}; expected 5`,
      hint: 'Begin anew with --overwrite, or go on with the version that it was begun with.',
    });
  });
});
