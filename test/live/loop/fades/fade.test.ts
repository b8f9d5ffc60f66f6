import { expect, test } from 'vitest';
import { FADE_MS, Fade, weightsOf } from '#src/live/loop/fades/fade.js';

test('weights of settings: one style, two styles, none, the same twice', () => {
  expect(weightsOf({ style: 'a', second: null, blend: 0.5 })).toEqual({ a: 1 });
  expect(weightsOf({ style: 'a', second: 'b', blend: 0.25 })).toEqual({ a: 0.75, b: 0.25 });
  expect(weightsOf({ style: 'a', second: 'b', blend: 0 })).toEqual({ a: 1 });
  expect(weightsOf({ style: 'a', second: 'b', blend: 1 })).toEqual({ b: 1 });
  expect(weightsOf({ style: 'a', second: 'a', blend: 0.25 })).toEqual({ a: 1 });
  expect(weightsOf({ style: null, second: null, blend: 0 })).toEqual({});
  // The source as it is, whatever else is set.
  expect(weightsOf({ style: null, second: 'b', blend: 0.5 })).toEqual({});
});

test('a fade goes evenly from one style to another, and forgets the first', () => {
  const fade = new Fade();
  fade.fadeTo({ a: 1 }, 0, 0);
  expect(fade.weights(0)).toEqual({ a: 1 });
  fade.fadeTo({ b: 1 }, 1000);
  expect(fade.weights(1000)).toEqual({ a: 1 });
  expect(fade.weights(1000 + FADE_MS / 4)).toEqual({ a: 0.75, b: 0.25 });
  expect(fade.fading(1000 + FADE_MS - 1)).toBe(true);
  expect(fade.weights(1000 + FADE_MS)).toEqual({ b: 1 });
  expect(fade.fading(1000 + FADE_MS)).toBe(false);
  expect(fade.names).toEqual(['b']);
});

test('a new target during a fade starts from the current weights, without a jump', () => {
  const fade = new Fade();
  fade.fadeTo({ a: 1 }, 0, 0);
  fade.fadeTo({ b: 1 }, 0);
  const half = FADE_MS / 2;
  fade.fadeTo({ c: 1 }, half);
  expect(fade.weights(half)).toEqual({ a: 0.5, b: 0.5 });
  expect(fade.weights(half + FADE_MS / 2)).toEqual({ a: 0.25, b: 0.25, c: 0.5 });
});

test('to the source and back: the sum is the weight of the painting', () => {
  const fade = new Fade();
  fade.fadeTo({ a: 1 }, 0, 0);
  fade.fadeTo({}, 0);
  expect(fade.weights(FADE_MS / 2)).toEqual({ a: 0.5 });
  expect(fade.weights(FADE_MS)).toEqual({});
});
