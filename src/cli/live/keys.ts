import type { LiveSettings, Show } from '../../live.js';

/** Action of a key: settings to change, or an action of the command itself. */
export type KeyAction = Partial<LiveSettings> | 'snapshot' | 'help' | 'quit' | 'interrupt' | undefined;

/** Change of blend and strength per key press. */
const STEP = 0.1;
interface Key {
  /** As shown in the help. */
  readonly label: string;
  readonly does: string;
  /** Sequences sent by the terminal. */
  readonly sends: readonly string[];
  readonly act: (show: Pick<Show, 'settings' | 'styles' | 'masks'>, sent: string) => KeyAction;
}

const CTRL_C = '\u0003';

/** All keys. */
const KEYS: readonly Key[] = [
  {
    label: '1-9',
    does: 'style',
    sends: [...'123456789'],
    act: ({ styles }, sent) => {
      const style = styles[Number(sent) - 1];
      return style && { style: style.name };
    },
  },
  { label: '0', does: 'no style', sends: ['0'], act: () => ({ style: null }) },
  { label: 'a', does: 'style by what is to be seen', sends: ['a'], act: ({ settings }) => ({ auto: !settings.auto }) },
  { label: '[ ]', does: 'previous, next style', sends: ['['], act: (show) => turn(show, -1) },
  { label: '', does: '', sends: [']'], act: (show) => turn(show, 1) },
  { label: 'b B', does: 'more, less of a second style', sends: ['b'], act: (show) => blend(show, STEP) },
  { label: '', does: '', sends: ['B'], act: (show) => blend(show, -STEP) },
  { label: '+ -', does: 'strength', sends: ['+', '='], act: ({ settings }) => strength(settings, STEP) },
  { label: '', does: '', sends: ['-', '_'], act: ({ settings }) => strength(settings, -STEP) },
  {
    label: 'c',
    does: 'keep colours',
    sends: ['c'],
    act: ({ settings }) => ({ keepColors: !settings.keepColors }),
  },
  {
    label: 'm',
    does: 'mask: none, person, background, what was given, cut out',
    sends: ['m'],
    act: ({ settings, masks }) => ({ mask: masks[(masks.indexOf(settings.mask) + 1) % masks.length]! }),
  },
  { label: 'x', does: 'mirror', sends: ['x'], act: ({ settings }) => ({ mirror: !settings.mirror }) },
  { label: 'p', does: 'pause', sends: ['p', ' '], act: ({ settings }) => ({ paused: !settings.paused }) },
  { label: 's', does: 'snapshot', sends: ['s'], act: () => 'snapshot' },
  { label: 'h', does: 'this help', sends: ['h', '?'], act: () => 'help' },
  { label: 'q', does: 'quit', sends: ['q'], act: () => 'quit' },
  { label: '', does: '', sends: [CTRL_C], act: () => 'interrupt' },
];

/** Action of a key in the current state of a show; undefined for unassigned keys. */
export function keyAction(show: Pick<Show, 'settings' | 'styles' | 'masks'>, sent: string): KeyAction {
  return KEYS.find(({ sends }) => sends.includes(sent))?.act(show, sent);
}

/** The keys and what they do, one a line. */
export function keyHelp(): string {
  return KEYS.filter(({ label }) => label !== '')
    .map(({ label, does }) => `  ${label.padEnd(5)}${does}`)
    .join('\n');
}

function turn({ settings, styles }: Pick<Show, 'settings' | 'styles'>, by: number): KeyAction {
  if (styles.length === 0) return undefined;
  const now = styles.findIndex(({ name }) => name === settings.style);
  const next = now < 0 && by < 0 ? styles.length - 1 : (now + by + styles.length) % styles.length;
  return { style: styles[next]!.name };
}

/** Increases the blend; without a second style, the next one becomes second. */
function blend({ settings, styles }: Pick<Show, 'settings' | 'styles'>, by: number): KeyAction {
  if (settings.style === null) return undefined;
  if (settings.second !== null) return { blend: step(settings.blend, by) };
  if (by < 0) return undefined;
  const now = styles.findIndex(({ name }) => name === settings.style);
  const second = styles[(now + 1) % Math.max(1, styles.length)];
  return second && second.name !== settings.style ? { second: second.name, blend: step(0, by) } : undefined;
}

function strength(settings: LiveSettings, by: number): KeyAction {
  return { strength: step(settings.strength, by) };
}

/** Rounds to tenths. */
function step(value: number, by: number): number {
  return Math.min(1, Math.max(0, Math.round((value + by) * 100) / 100));
}
