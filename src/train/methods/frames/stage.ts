import { type SentTensor, scalar, type Tensors } from '../../../engine/threads/graph-session.js';
import type { LossNetwork } from '../../../losses/networks/network.js';
import { Random } from '../../../nets/parameters/random.js';
import type { ClipFrames } from '../../data/clip/clip-frames.js';
import type { PaintedPairs } from '../../data/clip/painted-pairs.js';
import { motionInputs, randomMotion } from '../../objective/motion.js';
import type { StageName } from '../../progress.js';
import { normOf } from '../../run/context.js';
import type { StageObjective } from '../../run/stage.js';
import type { TrainSettings } from '../../settings/settings.js';
import { PAIR_INPUTS, pairStep } from './step.js';

/** The objective of a stage: crops of painted frames, and crops of others with their moved counterparts. */
export function pairObjective(
  settings: TrainSettings,
  network: LossNetwork,
  { clip, pairs }: { readonly clip: ClipFrames; readonly pairs: PaintedPairs },
  stage: StageName,
): StageObjective {
  const { batch, size, seed, weights } = settings;
  const norm = normOf(settings, stage);
  const bytes = (data: Uint8Array<ArrayBuffer>): SentTensor => ({ type: 'uint8', dims: [batch, size, size, 3], data });
  return {
    step: pairStep(settings, network, norm),
    norm,
    count: batch,
    degraded: false,
    feeds: async (index, share): Promise<Tensors> => {
      const motion = randomMotion(new Random(seed, index, 5), batch, size);
      const moved = Object.entries(motionInputs(batch)).map(([name, { type, dims }]): [string, SentTensor] => [
        name,
        { type, dims, data: motion[name as keyof typeof motion] },
      ]);
      const { frames, paintings } = pairs.crops(seed, index, batch, size);
      const beside = new Uint8Array(paintings.length);
      for (let i = 0; i < batch; i++) {
        const place = clip.place(seed, index * batch + i, size);
        const crop = pairs.beside(place, new Random(seed, index * batch + i, 17), size);
        beside.set(crop, i * crop.length);
      }
      return {
        [PAIR_INPUTS.frames]: bytes(frames),
        [PAIR_INPUTS.paintings]: bytes(paintings),
        ...(weights.adversarial > 0 ? { [PAIR_INPUTS.beside]: bytes(beside) } : {}),
        ramp: scalar(stage === 'first' ? 0 : Math.min(1, share / 0.2)),
        ...Object.fromEntries(moved),
      };
    },
  };
}
