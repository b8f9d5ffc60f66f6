import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { GraphSession } from '../../../engine/threads/graph-session.js';
import { PresetError } from '../../../errors.js';
import { readModel } from '../../../graph/onnx/read.js';
import { findStyle } from '../../../model/library/find.js';
import type { Modulation } from '../../../model/manifest/types.js';
import { readFurther, type Style } from '../../../model/style.js';
import { optionError } from '../../../options.js';
import { openLossNetwork } from '../../../quality/loss-network.js';
import { readPicture, STYLE_SIDE } from '../../../quality/style/style-picture.js';
import { CropPool } from '../../data/crop-pool.js';
import { degraded } from '../../data/degradation.js';
import { Photographs } from '../../data/photographs.js';
import { syntheticPictures } from '../../data/synthetic-pictures.js';
import { subjectModel } from '../../objective/subject.js';
import type { StepLosses } from '../../progress.js';
import { meanMeasurement, measureNetwork, type NetworkMeasurement } from '../../report/measure.js';
import { pictureCredits, trainingRecord } from '../../report/record.js';
import { addThumbnails } from '../../report/thumbnails.js';
import { reportTraining } from '../../run/finish.js';
import { checkOutput, makeFolder } from '../../run/output.js';
import type { TrainResult } from '../../run/run.js';
import type { TrainOptions } from '../../settings/options.js';
import { settingsOf } from '../../settings/settings.js';
import { fixedStyle, withoutNoise } from './export.js';
import { joinStep } from './join-step.js';
import { type JoinedVector, joinStrip } from './join-strip.js';
import { saveJoined } from './joined.js';
import { learnVector } from './learn-vector.js';
import { learnedStyles, MAX_STYLES } from './learned.js';

/** File name of the report; the preset's own training report may be in the same folder. */
const JOIN_REPORT = 'into.html';
const SHOWN =
  'A row for each picture: a photograph, painted with the style that learning began with, and with the one learned.';
/** Default number of steps per picture. */
const STEPS = 160;

/** Options of training a whole network, which do not apply to further styles. */
const NETWORK_OPTIONS = ['any', 'domain', 'tier', 'temporal', 'adversarial', 'freeze', 'from', 'resume'] as const;

const LEAVE_OUT = 'Leave it out, or --into: the picture gets a network of its own.';

/** Number of steps between losses kept for the report. */
const HISTORY_EVERY = 5;

/**
 * Learns the pictures as further styles of a preset that has many: its network is not changed; a style vector is
 * learned for each picture, starting from the predicted one (or the mean style without a predictor). The saved preset
 * has these styles before the others, replacing those of the same name. When aborted it leaves nothing behind.
 *
 * @param into name or folder of the preset.
 * @throws OptionError OPTION_VALUE; PresetError PRESET_ONE_STYLE when the preset has one style only, and as `findStyle`
 * and `saveStyle` do; TrainError as `trainStyle` does.
 */
export async function joinStyles(options: TrainOptions, into: string): Promise<TrainResult> {
  const useless = NETWORK_OPTIONS.find((name) => options[name] !== undefined && options[name] !== false);
  if (useless)
    throw optionError(useless, 'none beside into, which trains no network', String(options[useless]), LEAVE_OUT);
  if (options.pictures.length > MAX_STYLES)
    throw optionError('pictures', `at most ${MAX_STYLES} of them, one a style`, String(options.pictures.length));
  const timed = options.minutes !== undefined || options.steps !== undefined;
  const settings = settingsOf(timed ? options : { ...options, steps: STEPS });
  const preset = await findStyle(into);
  const { modulation } = preset.manifest;
  if (!modulation || !preset.folder) throw oneStyle(preset.name);
  await checkOutput(options, resolve(preset.folder));
  const { size, seed, styleScale, weights } = settings;
  const threads = options.threads ?? availableParallelism();
  const lossNetwork = await openLossNetwork(options.lossNetwork);
  const photographs = options.photos === undefined ? syntheticPictures : await Photographs.in(options.photos);
  const styles = await learnedStyles(options.pictures, lossNetwork, { scale: styleScale, threads });
  const credits = await pictureCredits(options.pictures);
  if (options.lossNetwork === undefined) options.onNote?.(`comparing by ${lossNetwork.name}`);
  if (lossNetwork.objective.missing !== undefined) options.onNote?.(lossNetwork.objective.missing);
  const network = readModel(preset.model);
  const plain = withoutNoise(network);
  const vectors: JoinedVector[] = [];
  const judged: [string, NetworkMeasurement][] = [];
  const history: { step: number; losses: StepLosses }[] = [];
  const began = performance.now();
  let steps = 0;
  const subject = subjectModel(lossNetwork, 1, size);
  const pool = await CropPool.open(degraded(photographs), { seed, count: 1, size, threads }, subject);
  try {
    for (const [turn, { name, target, palette }] of styles.entries()) {
      const start = await predictedVector(preset, modulation, options.pictures[turn]!);
      const step = joinStep(plain, {
        network: lossNetwork,
        target,
        palette,
        weights,
        size,
        length: start.length,
      });
      const each = { ...settings, minutes: settings.minutes && settings.minutes / styles.length };
      const learned = await learnVector(step, start, pool, each, {
        ...options,
        threads,
        tell: ({ losses, stepsPerSecond, left }) => {
          if (steps % HISTORY_EVERY === 0) history.push({ step: steps, losses });
          steps += 1;
          // Assumes as many steps for each remaining picture as for those so far.
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
      if (!learned) return { preset: undefined, interrupted: true, training: options.output, ...done };
      vectors.push({ start, learned });
      const one = fixedStyle(network, learned);
      judged.push([name, await measureNetwork(one, lossNetwork, target, photographs, { size, seed, threads })]);
    }
  } finally {
    await pool.close();
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
  const reported = { options, settings, network: lossNetwork, photographs, training };
  const measured = { measured: meanMeasurement(judged.map(([, each]) => each)), styles: judged };
  const preview = await joinStrip(network, vectors, photographs, { size, seed, threads });
  const seconds = (performance.now() - began) / 1000;
  return reportTraining(reported, measured, { history, seconds, steps, preview, shown: SHOWN }, JOIN_REPORT);
}

/** The initial vector: the one that the preset predicts for the picture. */
async function predictedVector(
  { folder }: Style,
  { prediction, mean }: Modulation,
  picture: string,
): Promise<Float32Array> {
  if (!prediction) return Float32Array.from(mean);
  const session = await GraphSession.open(readModel(await readFurther(folder!, prediction)), { threads: 1 });
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
