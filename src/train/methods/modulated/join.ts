import { availableParallelism } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { PresetError } from '../../../errors.js';
import { readModel } from '../../../graph/onnx/read.js';
import { findStyle } from '../../../model/library/find.js';
import type { Modulation } from '../../../model/manifest/types.js';
import { readFurther, type Style } from '../../../model/style.js';
import { openLossNetwork } from '../../data/loss-network.js';
import { madePictures } from '../../data/made-pictures.js';
import { Photographs } from '../../data/photographs.js';
import { readPicture, STYLE_SIDE } from '../../data/style-picture.js';
import type { Losses } from '../../progress.js';
import { type Measured, meanMeasured, measureNetwork } from '../../report/measure.js';
import { pictureCredits, trainingRecord } from '../../report/record.js';
import { reportPage } from '../../report/report.js';
import { addThumbnails } from '../../report/thumbnails.js';
import { steadyWeights } from '../../run/context.js';
import { checkOutput, makeFolder } from '../../run/output.js';
import type { TrainResult } from '../../run/run.js';
import { Session } from '../../session/session.js';
import type { TrainOptions } from '../../settings/options.js';
import { settingsOf, wrong } from '../../settings/settings.js';
import { replaceFile } from '../../weights/checkpoint.js';
import { fixedStyle, withoutNoise } from './export.js';
import { joinStep } from './join-step.js';
import { type JoinedVector, joinStrip } from './join-strip.js';
import { saveJoined } from './joined.js';
import { learnVector } from './learn-vector.js';
import { learnedStyles, MOST_STYLES } from './learned.js';

/** The report's file beside the preset, where that of the preset's own training may be already. */
const JOIN_REPORT = 'into.html';
/** Steps for each picture where neither these nor minutes are given. */
const STEPS = 160;

/** Options that say how a whole network is trained: a further style has no use for them. */
const OF_NETWORKS = ['any', 'domain', 'tier', 'temporal', 'adversarial', 'freeze', 'from', 'resume'] as const;

const LEAVE_OUT = 'Leave it out, or --into: the picture gets a network of its own.';

/** Every so many steps, losses are kept for the report. */
const HISTORY_EVERY = 5;

/**
 * Learns the pictures as further styles of a preset that has many: nothing of its network is changed, a style vector is
 * found for each picture, beginning with the one that is predicted (with the mean style where none can be). What is
 * saved is that preset with these styles before the others, or in the place of the one that has its name. Stopped by its
 * signal, it leaves nothing behind.
 *
 * @param into name or folder of the preset.
 * @throws OptionError OPTION_VALUE; PresetError PRESET_ONE_STYLE when the preset has one style only, and as `findStyle` and
 * `saveStyle` do; TrainError as `trainStyle` does.
 */
export async function joinStyles(options: TrainOptions, into: string): Promise<TrainResult> {
  const useless = OF_NETWORKS.find((name) => options[name] !== undefined && options[name] !== false);
  if (useless) throw wrong(useless, 'none beside into, which trains no network', String(options[useless]), LEAVE_OUT);
  if (options.pictures.length > MOST_STYLES)
    throw wrong('pictures', `at most ${MOST_STYLES} of them, one a style`, String(options.pictures.length));
  const timed = options.minutes !== undefined || options.steps !== undefined;
  const settings = settingsOf(timed ? options : { ...options, steps: STEPS });
  const preset = await findStyle(into);
  const { modulation } = preset.manifest;
  if (!modulation || !preset.folder) throw oneStyle(preset.name);
  await checkOutput(options, resolve(preset.folder));
  const { size, seed, styleScale, scales, weights } = settings;
  const threads = options.threads ?? availableParallelism();
  const lossNetwork = await openLossNetwork(options.lossNetwork);
  const photographs = options.photos === undefined ? madePictures : await Photographs.in(options.photos);
  const styles = await learnedStyles(options.pictures, lossNetwork, { scale: styleScale, scales, threads });
  const credits = await pictureCredits(options.pictures);
  if (options.lossNetwork === undefined) options.onNote?.(`comparing by ${lossNetwork.name}`);
  const network = readModel(preset.model);
  const plain = withoutNoise(network);
  const vectors: JoinedVector[] = [];
  const judged: [string, Measured][] = [];
  const history: { step: number; losses: Losses }[] = [];
  const began = performance.now();
  let steps = 0;
  for (const [turn, { name, target, palette }] of styles.entries()) {
    const start = await firstVector(preset, modulation, options.pictures[turn]!);
    const step = joinStep(plain, {
      network: lossNetwork,
      target,
      palette: { type: 'float32', dims: [1, 4, 4], data: palette },
      tone: weights.tone > 0,
      weights: steadyWeights(weights),
      size,
      length: start.length,
    });
    const each = { ...settings, minutes: settings.minutes && settings.minutes / styles.length };
    const learned = await learnVector(step, start, photographs, each, {
      ...options,
      threads,
      tell: ({ losses, stepsPerSecond, left }) => {
        if (steps % HISTORY_EVERY === 0) history.push({ step: steps, losses });
        steps += 1;
        // As many for each picture as for those so far.
        const all = Math.max(steps + left, Math.round(((steps + left) * styles.length) / (turn + 1)));
        const { size: brokenPhotos } = photographs.broken;
        const secondsLeft = (all - steps) / stepsPerSecond;
        options.onProgress?.({
          stage: 'second',
          step: steps,
          steps: all,
          losses,
          stepsPerSecond,
          secondsLeft,
          brokenPhotos,
        });
      },
    });
    const done = { steps, losses: history.at(-1)?.losses ?? {}, brokenPhotos: photographs.broken };
    if (!learned) return { preset: undefined, training: options.output, ...done };
    vectors.push({ start, learned });
    const one = fixedStyle(network, learned);
    judged.push([name, await measureNetwork(one, lossNetwork, target, photographs, { size, seed, threads })]);
  }
  const names = styles.map(({ name }, i) => ({ name, vector: vectors[i]!.learned }));
  const record = trainingRecord(options, settings, {
    steps,
    learned: photographs,
    lossNetwork: lossNetwork.name,
  });
  const saved = await saveJoined(options.output, preset, modulation, { names, credits, training: record });
  await addThumbnails(saved, { names: names.map(({ name }) => name), threads });
  const training = `${options.output}.training`;
  await makeFolder(training);
  const measured = meanMeasured(judged.map(([, each]) => each));
  const preview = await joinStrip(network, vectors, photographs, { size, seed, threads });
  const page = reportPage({
    title: basename(options.output),
    settings,
    lossNetwork: lossNetwork.name,
    history,
    measured,
    styles: judged,
    seconds: (performance.now() - began) / 1000,
    steps,
    brokenPhotos: photographs.broken,
    preview,
    shown:
      'A row for each picture: a photograph, painted with the style that learning began with, and with the one learned.',
  });
  await replaceFile(join(training, JOIN_REPORT), Buffer.from(page));
  const losses = history.at(-1)?.losses ?? {};
  const about = { steps, losses, measured, styles: Object.fromEntries(judged), brokenPhotos: photographs.broken };
  return { preset: options.output, training, ...about };
}

/** Where a vector begins: as the preset predicts it for the picture. */
async function firstVector(
  { folder }: Style,
  { prediction, mean }: Modulation,
  picture: string,
): Promise<Float32Array> {
  if (!prediction) return Float32Array.from(mean);
  const session = await Session.open(readModel(await readFurther(folder!, prediction)), { threads: 1 });
  try {
    const { data, width, height } = await readPicture(picture, STYLE_SIDE, 8);
    const found = await session.run({ picture: { type: 'uint8', dims: [1, height, width, 3], data } }, ['style']);
    return found.style!.data as Float32Array;
  } finally {
    await session.close();
  }
}

function oneStyle(name: string): PresetError {
  return new PresetError('PRESET_ONE_STYLE', `${name} has one style; expected a preset of many.`, {
    hint: 'Name another with --into, such as painters, or leave it out: the picture gets a preset of its own.',
  });
}
