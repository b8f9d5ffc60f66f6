import { PresetError, TrainError } from '../../../errors.js';
import { writeModel } from '../../../graph/onnx/write.js';
import { readManifest } from '../../../model/style.js';
import { TIERS } from '../../../nets/tiers.js';
import { optionError } from '../../../options.js';
import { meanMeasurement, measureNetwork, type NetworkMeasurement } from '../../report/measure.js';
import { pictureCredits } from '../../report/record.js';
import { stepOf, type TrainingContext } from '../../run/context.js';
import { finishTraining, stoppedResult } from '../../run/finish.js';
import { runTraining, setUpTraining, type TrainResult } from '../../run/run.js';
import type { TrainOptions } from '../../settings/options.js';
import { otherStyles } from './any.js';
import { exportModulated, fixedStyle, manifestPart, predictorModel, styleVectors } from './export.js';
import { learnedStyles, MAX_STYLES, styleNames } from './learned.js';
import { StylePool } from './pool.js';

/** Most rows of the preview strip, one per style. */
const MAX_PREVIEWS = 12;

/**
 * Trains one network for many styles, one per picture (shown more often if given more than once), and saves it as a
 * preset whose style vector selects, blends and attenuates them. When aborted it leaves a checkpoint to resume from.
 *
 * @throws OptionError OPTION_VALUE; TrainError, PresetError as `trainSingle` does.
 */
export async function trainModulated(options: TrainOptions): Promise<TrainResult> {
  // A picture given more than once is one style, shown proportionally more often.
  const pictures = [...new Set(options.pictures)];
  if (pictures.length < 2 || pictures.length > MAX_STYLES)
    throw optionError(
      'pictures',
      `2 to ${MAX_STYLES} of them, one a style`,
      String(pictures.length),
      otherwise('pictures'),
    );
  if (options.freeze)
    throw optionError(
      'freeze',
      'no freezing with many styles, whose norms are what tells them apart',
      'it',
      otherwise('freeze'),
    );
  const names = styleNames(pictures);
  const { resumed, ...setup } = await setUpTraining(options);
  const of = setup.settings.styles ?? [];
  if (resumed && of.join() !== names.join()) throw notThese(of.join(', ') || 'of another method', names.join(', '));
  if (resumed) await checkNoLaterStyles(options.output, names);
  const { network, threads, photographs } = setup;
  const { styleScale, size, seed, tier } = setup.settings;
  const measuring = { scale: styleScale, threads };
  const broken = new Map<string, string>();
  const others =
    options.any === undefined ? [] : await otherStyles(options.any, seed, network, measuring, options, broken);
  const before = resumed?.settings.others ?? others.length;
  if (before !== others.length) throw notThese(`${before} further pictures and parts`, String(others.length));
  const settings = { ...setup.settings, styles: names, others: others.length };
  const styles = await learnedStyles(pictures, network, measuring);
  const shown = options.pictures.map((picture) => styles[pictures.indexOf(picture)]!);
  const pool = new StylePool(styles, { seed, shown, others });
  // Before training, because the files may be moved meanwhile.
  const credits = await pictureCredits(pictures);
  const { target, palette } = styles[0]!;
  const context: TrainingContext = { ...setup, settings, credits, target, palette, styles: pool };
  const { styles: _, ...single } = context;
  const earlier = stepOf(single, 'first').parameters;
  const previews = Math.min(pictures.length, MAX_PREVIEWS);
  const outcome = await runTraining(context, resumed, { previews, earlier });
  const { state, finished } = outcome;
  if (!finished) return stoppedResult(context, state);

  const { parameters } = stepOf(context, 'second');
  const model = await exportModulated(TIERS[tier], parameters, state.parameters);
  const vectors = await styleVectors(TIERS[tier], parameters, state.parameters, pool);
  const predictor =
    options.any === undefined ? undefined : predictorModel(TIERS[tier], parameters, state.parameters, pool);
  const given = names.map((name, i) => ({ name, sha256: credits[i]!.sha256! }));
  const part = manifestPart(TIERS[tier], given, vectors, predictor && writeModel(predictor));
  const measure = async () => {
    const judged: [string, NetworkMeasurement][] = [];
    for (const [i, { name, target }] of styles.entries()) {
      const one = fixedStyle(model, vectors[i]!);
      judged.push([name, await measureNetwork(one, network, target, photographs, { size, seed, threads })]);
    }
    return { measured: meanMeasurement(judged.map(([, each]) => each)), styles: judged };
  };
  return finishTraining(context, outcome, { model, part, broken, measure });
}

/**
 * Refuses to resume if styles were added to the preset later, because saving would drop them. @throws PresetError
 * PRESET_EXISTS.
 */
async function checkNoLaterStyles(output: string, names: readonly string[]): Promise<void> {
  const preset = await readManifest(output).catch(() => undefined);
  const further = preset?.modulation?.styles.map(({ name }) => name).filter((name) => !names.includes(name)) ?? [];
  if (further.length === 0) return;
  throw new PresetError(
    'PRESET_EXISTS',
    `${output} has further styles by now, which would be lost: ${further.join(', ')}.`,
    {
      hint: 'Move the preset somewhere else, then go on; add the pictures again by --into.',
    },
  );
}

/** What to do about an option that this method does not take so. */
function otherwise(name: string): string {
  return `Give other ${name}, or train with --method single.`;
}

function notThese(expected: string, got: string): TrainError {
  return new TrainError(
    'TRAIN_NO_CHECKPOINT',
    `nothing to resume: the checkpoint is of the styles ${expected}; expected ${got}`,
    { hint: 'Give the same pictures in the same order, or train without --resume.' },
  );
}
