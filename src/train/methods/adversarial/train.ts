import { TIERS } from '../../../nets/tiers.js';
import { measureStyle, STYLE_SIDE } from '../../../quality/style/style-picture.js';
import { withoutGrain } from '../../data/grain.js';
import { Photographs } from '../../data/photographs.js';
import { measureNetwork } from '../../report/measure.js';
import { PREVIEW_PHOTOGRAPHS } from '../../report/preview.js';
import { pictureCredits } from '../../report/record.js';
import type { TrainingContext } from '../../run/context.js';
import { finishTraining, stoppedResult } from '../../run/finish.js';
import { runTraining, setUpTraining, type TrainResult } from '../../run/run.js';
import type { TrainOptions } from '../../settings/options.js';
import { exportNetwork } from '../../weights/export.js';
import { measureDomain } from './measure.js';
import { adversarialSettings } from './settings.js';
import { adversarialObjective, adversarialStepOf } from './stage.js';

/** Pictures of the domain whose style is measured for the report. */
const MEASURED_PICTURES = 12;

/**
 * Trains a style network on a body of work against a patch discriminator, and saves it as a preset.
 *
 * In two stages, as in content-preserving adversarial transfer: first the network learns the style and the content
 * branch the content, separately; then both jointly, on pairs of frames with known motion. The method `gan` is the
 * same without a content branch.
 *
 * @throws OptionError OPTION_VALUE; TrainError, PresetError as `trainSingle` does.
 */
export async function trainOnDomain(options: TrainOptions): Promise<TrainResult> {
  const { resumed, ...setup } = await setUpTraining(options, adversarialSettings);
  const { settings, threads, network, photographs } = setup;
  const { size, seed, styleScale } = settings;
  const domain = await Photographs.in(options.domain ?? '', {
    called: 'pictures of the domain',
    hint: 'Give a folder of pictures that make the style with --domain.',
    zoom: styleScale,
  });
  const some = await domain.some(MEASURED_PICTURES);
  // At the mean scale of their training crops.
  const scale = (2 * size * styleScale) / STYLE_SIDE;
  const target = await measureStyle(some, network, {
    scale,
    layers: network.objective.style,
    threads,
    prepare: withoutGrain,
  });
  const read = domain.files.filter((file) => !domain.broken.has(file));
  const credits = await pictureCredits(read, options.domain);
  const context: TrainingContext = { ...setup, credits, target };
  const { parameters, networkLength: painters } = adversarialStepOf(settings, 'first');
  const own = parameters.slice(0, painters);
  const outcome = await runTraining(context, resumed, {
    previews: PREVIEW_PHOTOGRAPHS,
    objective: (stage) => adversarialObjective(settings, domain, stage),
  });
  const { state, finished } = outcome;
  if (!finished) return stoppedResult(context, state);
  const model = await exportNetwork(TIERS[settings.tier], own, state.parameters, 'live');
  const figures = { size, seed, threads };
  return finishTraining(context, outcome, {
    model,
    broken: domain.broken,
    measure: async () => ({
      measured: {
        ...(await measureNetwork(model, network, target, photographs, figures)),
        ...(await measureDomain(model, network, photographs, domain, figures)),
      },
    }),
  });
}
