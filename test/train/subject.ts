import { tensor } from '#src/graph/elements.js';
import type { Model, Tensor } from '#src/graph/types.js';
import { TONES } from '#src/losses/colour/palette.js';
import { numbers, run } from '../graph/run.js';
import { waves } from '../reference/wave.js';

/** Photographs as feeds of a step, with what the step compares of them. */
export async function shown(subject: Model, photographs: Tensor): Promise<Record<string, Tensor>> {
  const seen = Object.entries(await run(subject, { photographs }));
  return {
    photographs,
    ...Object.fromEntries(seen.map(([name, value]) => [name, tensor('float32', [...value.dims], numbers(value))])),
  };
}

/** The colours of a style that nobody painted. */
export const palette = { mean: waves(3, 0.4, 0.1, 0.2), tones: waves(2 * TONES, 0.8, 0.2) };
