import { describe, expect, it } from 'vitest';
import { adversarialSettings } from '#src/train/methods/adversarial/settings.js';
import { checkResumed } from '#src/train/run/resume.js';
import type { TrainOptions } from '#src/train/settings/options.js';
import { settingsOf, type TrainSettings } from '#src/train/settings/settings.js';

const single = { pictures: ['style.jpg'], output: 'preset' };
const domain = { pictures: [], domain: 'paintings', method: 'adversarial', output: 'preset' };

describe.each<[string, TrainOptions, (options: TrainOptions) => TrainSettings]>([
  ['one style', single, settingsOf],
  ['a body of work', domain, adversarialSettings],
])('a training of %s goes on', (_, plain, of) => {
  const resume = (begun: Partial<TrainOptions>, given: Partial<TrainOptions>) =>
    checkResumed({ ...plain, ...given }, of({ ...plain, ...begun }), of({ ...plain, ...given }));

  it.each(['contentStrength', 'styleStrength', 'temporal'] as const)('with another %s: not', (name) => {
    expect(() => resume({ [name]: 2 }, { [name]: 4 })).toThrow(
      `${name}: expected what the training was begun with, got 4`,
    );
    expect(() => resume({ [name]: 2 }, { [name]: 1 })).toThrow(`${name}: expected`);
    expect(() => resume({}, { [name]: 2 })).toThrow(`${name}: expected`);
  });

  it('with the same, or where nothing is said', () => {
    const begun = { contentStrength: 2, styleStrength: 4 };
    expect(() => resume(begun, begun)).not.toThrow();
    expect(() => resume(begun, {})).not.toThrow();
  });

  it('with both changed so that the distance of structure stays: not', () => {
    expect(() => resume({}, { contentStrength: 2, styleStrength: 2 })).toThrow('Strength: expected');
  });
});
