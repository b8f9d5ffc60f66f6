import { flowMotion, OpticalFlow } from '../../quality/motion/flow.js';
import { visible } from '../../quality/motion/occlusion.js';
import { type Picture, warpingError } from '../../quality/motion/warping.js';
import { FlowFile, givenFlow, type KnownFlow } from '../sources/flows.js';
import type { Clip } from '../sources/scenes.js';
import { type EvaluationContext, evaluateResult, evaluateSource, withTimedPainter } from './context.js';
import { areOfStyle, mean, type StyleMeasurements } from './style-measurements.js';

/** Number of frames of a clip that are compared with their source. */
export const COMPARED_FRAMES = 3;
/** With a smaller share of reliable pixels, as at a cut or in a whirl, the pair of frames does not count. */
const FOLLOWED = 0.25;

/** Result of the motion pass over a clip. */
interface Motions {
  readonly flows: FlowFile;
  /** Warping error of the clip itself, by pair; undefined where it does not count. */
  readonly own: readonly (number | undefined)[];
  readonly trusted: readonly number[];
  readonly given: boolean;
}

/** Measures all styles on a clip: warping error over all pairs, distances and similarity on a few frames. */
export async function measureClip(context: EvaluationContext, clip: Clip): Promise<void> {
  const flows = await FlowFile.create(clip.size.width, clip.size.height);
  try {
    const motions = await motionsOf(context, clip, flows);
    for (const each of context.measurements.filter(areOfStyle)) await paintClip(context, each, clip, motions);
  } finally {
    await flows.close();
  }
}

async function motionsOf(context: EvaluationContext, clip: Clip, flows: FlowFile): Promise<Motions> {
  const { options, counter } = context;
  const { width, height } = clip.size;
  const given = options.flow === undefined ? undefined : await givenFlow(options.flow, clip.name, width, height);
  if (options.flow !== undefined && !given) {
    options.onNote?.(`${options.flow} has no motion for ${clip.name}: it is estimated.`);
  }
  const optical = await OpticalFlow.open();
  const judged = comparedFrames(context.frames);
  const own: (number | undefined)[] = [];
  const trusted: number[] = [];
  let earlier: Picture | undefined;
  let index = 0;
  for await (const later of clip.frames()) {
    if (earlier) {
      const { forward, backward } = optical.between(earlier, later);
      const flow = (await given?.(flows.pairs)) ?? forward;
      const known = { flow, mask: visible(flow, backward) };
      const share = mean(
        Array.from({ length: height }, (_, y) => mean(known.mask.subarray(y * width, (y + 1) * width))),
      );
      await flows.add(known);
      trusted.push(share);
      own.push(share >= FOLLOWED ? errorBetween(earlier, later, known) : undefined);
      counter.count('flow', `motion of ${clip.name}`);
    }
    if (judged.has(index++)) await evaluateSource(context, clip.name, later);
    earlier = later;
  }
  return { flows, own, trusted, given: given !== undefined };
}

async function paintClip(
  context: EvaluationContext,
  each: StyleMeasurements,
  clip: Clip,
  { flows, own, trusted, given }: Motions,
) {
  const { counter, frames } = context;
  const judged = comparedFrames(frames);
  const errors: number[] = [];
  let index = 0;
  await withTimedPainter(context, each, clip.size, async (painter) => {
    let before: Picture | undefined;
    for await (const source of clip.frames()) {
      const result = await painter.paint(source);
      if (before && own[index - 1] !== undefined)
        errors.push(errorBetween(before, result, await flows.read(index - 1)));
      counter.count('paint', `${each.name}: ${clip.name}`);
      const show = index === 0;
      if (judged.has(index++)) await evaluateResult(context, each, { name: clip.name, source, result, show });
      before = result;
    }
  });
  each.clips.push({
    name: clip.name,
    frames: index,
    warping: mean(errors),
    sourceWarping: mean(own.filter((error) => error !== undefined)),
    trusted: mean(trusted),
    motion: given ? 'given' : 'estimated',
  });
}

function errorBetween(earlier: Picture, later: Picture, { flow, mask }: KnownFlow): number {
  return warpingError(earlier, later, flowMotion(flow), (x, y) => mask[y * flow.width + x] === 1);
}

/** The first frame and others, evenly; fewer in clips that end before. */
function comparedFrames(frames: number): Set<number> {
  return new Set(Array.from({ length: COMPARED_FRAMES }, (_, i) => Math.floor((i * frames) / COMPARED_FRAMES)));
}
