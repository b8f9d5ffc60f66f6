import { expect, test } from 'vitest';
import { keyAction, keyHelp } from '#src/cli/live/keys.js';
import { DEFAULT_SETTINGS, FOUND_MASKS, MASK_MODES } from '#src/live/settings/table.js';
import type { LiveSettings } from '#src/live/show/types.js';

const styles = ['ink', 'kiss', 'wave'].map((name) => ({ name, title: name, tier: 'lite', thumbnail: undefined }));
const press = (key: string, settings: Partial<LiveSettings> = {}) =>
  keyAction({ settings: { ...DEFAULT_SETTINGS, style: 'kiss', ...settings }, styles, masks: FOUND_MASKS }, key);

test.for([
  ['1', {}, { style: 'ink' }],
  ['3', {}, { style: 'wave' }],
  ['4', {}, undefined],
  ['0', {}, { style: null }],
  ['a', {}, { auto: true }],
  [']', {}, { style: 'wave' }],
  [']', { style: 'wave' }, { style: 'ink' }],
  ['[', { style: 'ink' }, { style: 'wave' }],
  [']', { style: null }, { style: 'ink' }],
  ['[', { style: null }, { style: 'wave' }],
  ['b', {}, { second: 'wave', blend: 0.1 }],
  ['b', { second: 'ink', blend: 0.2 }, { blend: 0.3 }],
  ['b', { second: 'ink', blend: 0.95 }, { blend: 1 }],
  ['B', { second: 'ink', blend: 0.3 }, { blend: 0.2 }],
  ['B', {}, undefined],
  ['+', { strength: 0.5 }, { strength: 0.6 }],
  ['=', { strength: 0.7 }, { strength: 0.8 }],
  ['-', { strength: 0.3 }, { strength: 0.2 }],
  ['-', { strength: 0 }, { strength: 0 }],
  ['c', {}, { keepColors: true }],
  ['m', {}, { mask: 'person' }],
  ['m', { mask: 'cutout' }, { mask: 'none' }],
  ['x', { mirror: true }, { mirror: false }],
  ['p', {}, { paused: true }],
  ['s', {}, 'snapshot'],
  ['h', {}, 'help'],
  ['q', {}, 'quit'],
  ['\u0003', {}, 'interrupt'],
  ['\u001b[A', {}, undefined],
  ['ü', {}, undefined],
] as const)('%j with %j asks for %j', ([key, settings, action]) => {
  expect(press(key, settings)).toEqual(action);
});

test('without styles, keys for styles mean nothing', () => {
  const nothing = { settings: DEFAULT_SETTINGS, styles: [], masks: FOUND_MASKS };
  for (const key of ['1', '[', ']', 'b']) expect(keyAction(nothing, key)).toBeUndefined();
});

test('a mask that was given is one of the ways to mask', () => {
  const show = { settings: { ...DEFAULT_SETTINGS, mask: 'background' as const }, styles, masks: MASK_MODES };
  expect(keyAction(show, 'm')).toEqual({ mask: 'picture' });
});

test('the help names every key', () => {
  for (const key of ['1-9', '0', 'a', '[ ]', 'b B', '+ -', 'c', 'm', 'x', 'p', 's', 'h', 'q']) {
    expect(keyHelp()).toContain(`  ${key} `);
  }
});
