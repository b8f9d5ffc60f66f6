import { findFfmpeg } from '../../media/ffmpeg/binaries.js';
import { type HlsSpec, planHls } from './hls.js';
import { Output, type OutputOptions } from './output.js';
import type { OutputPlan, PlanContext } from './plan.js';
import { type PublishSpec, planPublish } from './publish.js';
import { planRecord, type RecordSpec } from './record.js';
import { planVirtualCamera, type VirtualCameraSpec } from './virtual-camera.js';

export type { OutputOptions };
export { Output };

/** An output for frames and sound of a show, beside the pages. */
export type OutputSpec = PublishSpec | HlsSpec | RecordSpec | VirtualCameraSpec;

type Plans = {
  [K in OutputSpec['kind']]: (spec: Extract<OutputSpec, { kind: K }>, context: PlanContext) => Promise<OutputPlan>;
};

const PLANS: Plans = {
  publish: planPublish,
  hls: planHls,
  record: planRecord,
  'virtual-camera': (spec) => planVirtualCamera(spec),
};

/**
 * Opens an output. Options are checked at once; later failures show in its `state`.
 *
 * @throws OptionError or MediaError, see the plans
 */
export async function openOutput(spec: OutputSpec, options: OutputOptions): Promise<Output> {
  const ffmpeg = await findFfmpeg();
  const { width, height } = options.size;
  // Most encoders accept even sizes only.
  const size = { width: 2 * Math.max(1, width >> 1), height: 2 * Math.max(1, height >> 1) };
  const plan = await (PLANS[spec.kind] as (spec: OutputSpec, context: PlanContext) => Promise<OutputPlan>)(spec, {
    ffmpeg,
    size,
    fps: options.fps,
  });
  return new Output(ffmpeg, plan, size, options);
}
