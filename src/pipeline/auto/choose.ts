import { OptionError } from '../../errors.js';
import type { Frame } from '../../frame.js';
import type { StyleChoice } from '../../model/blend.js';
import { candidatesOf } from './candidates.js';
import { chooseScenes, type Scene } from './scenes.js';

/** The scenes of a clip, and what to tell the user about their styles. */
export interface ChosenScenes {
  readonly scenes: readonly [Scene, ...Scene[]];
  readonly notes: readonly string[];
}

/**
 * Splits a clip into scenes and chooses the style of each among the candidates of `auto`.
 *
 * @param readSmallFrames reads its frames at `APPEARANCE_SIZE`; undefined where they can be read only once
 * @throws OptionError `AUTO_ONCE` where they can, `BLEND` where a blend is given too; as `candidatesOf`
 */
export async function chooseStyles(
  style: string,
  { blend, fineBlend }: StyleChoice,
  readSmallFrames: (() => AsyncIterable<Frame>) | undefined,
): Promise<ChosenScenes> {
  if (!readSmallFrames) {
    throw new OptionError('AUTO_ONCE', `--style ${style} reads the frames twice; expected a file.`, {
      hint: 'For frames that come only once, name a style.',
    });
  }
  if (blend ?? fineBlend) {
    throw new OptionError('BLEND', `A blend and --style ${style} are given; expected one of them.`, {
      hint: 'Name the preset whose styles are to be blended, such as --style painters.',
    });
  }
  const candidates = await candidatesOf(style);
  const [first = { start: 0, style: candidates[0]!.name }, ...later] = await chooseScenes(
    readSmallFrames(),
    candidates,
  );
  const among = candidates.map(({ name }) => name).join(', ');
  const notes = [
    later.length === 0
      ? `The style is ${first.style}, chosen among ${among}.`
      : `The styles of ${later.length + 1} scenes are chosen among ${among}.`,
  ];
  return { scenes: [first, ...later], notes };
}
