import { createHash } from 'node:crypto';
import { extname, join } from 'node:path';
import { choosesStyle } from '../../pipeline/auto/candidates.js';
import { type JobFiles, VERSION } from '../folder.js';
import { pictureOptions } from '../job/identity.js';
import type { LongVideoOptions } from '../options.js';
import type { RunningJob } from '../run.js';
import type { SharedFolder } from './shared.js';
import { type SentStyle, sendStyle } from './styles.js';
import type { SegmentTask } from './task.js';

/** What the task of every segment of a job has. */
type Common = Pick<SegmentTask, 'folder' | 'input' | 'identity' | 'options' | 'style' | 'styleOutside' | 'device'>;

/** What workers are told of the segments of a job. */
export class JobTasks {
  /** Name of the job: the same when it is gone on with, so that what was painted in the meantime is not painted again. */
  readonly key: string;

  private constructor(
    private readonly job: RunningJob,
    private readonly files: JobFiles,
    private readonly common: Common,
    private readonly sceneStyles: ReadonlyMap<string, SentStyle>,
  ) {
    const { segments } = job.manifest;
    const what = [common, segments.map(({ start, frames }) => [start, frames])];
    this.key = createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 24);
  }

  /**
   * Puts what workers need beside the video into the folder of the job.
   *
   * @param options with the styles that were opened
   * @throws OptionError `SHARED_OUTSIDE` for a file that they cannot see
   */
  static async prepare(
    job: RunningJob,
    files: JobFiles,
    options: LongVideoOptions,
    shared: SharedFolder,
    device: string,
  ): Promise<JobTasks> {
    const { style: _, styleOutside: __, device: ___, mask, ...picture } = pictureOptions(options);
    const isFile = mask !== undefined && mask !== 'person' && mask !== 'background';
    const where = {
      folder: await shared.nameOf(files.folder),
      input: await shared.nameOf(options.input),
      ...(isFile && { mask: await shared.nameOf(mask) }),
    };
    const send = async (style: LongVideoOptions['style'], name: string) => {
      const { folder, checksum } = await sendStyle(style, join(files.folder, 'styles', name));
      return { folder: await shared.nameOf(folder), checksum };
    };
    const sceneStyles = new Map<string, SentStyle>();
    for (const { style } of job.manifest.scenes) {
      if (!sceneStyles.has(style)) sceneStyles.set(style, await send(style, `scene-${sceneStyles.size}`));
    }
    const { styleOutside } = options;
    const common = {
      folder: where.folder,
      input: where.input,
      identity: job.manifest.files.input!,
      options: { ...picture, ...(mask !== undefined && { mask: where.mask ?? mask }) } as Common['options'],
      device: device as Common['device'],
      ...(!choosesStyle(options.style) && { style: await send(options.style, 'style') }),
      ...(styleOutside !== undefined && { styleOutside: await send(styleOutside, 'outside') }),
    };
    return new JobTasks(job, files, common, sceneStyles);
  }

  /** What it is painted on. */
  get device(): string {
    return this.common.device;
  }

  /** All that a worker is told of a segment. */
  of(number: number): SegmentTask {
    const { segments, scenes } = this.job.manifest;
    const { origin, end, total, handOver, segment } = this.job.partOf(number);
    return {
      version: VERSION,
      ...this.common,
      scenes: scenes.map(({ start, style }) => ({ start, style: this.sceneStyles.get(style)! })),
      segment,
      number,
      of: segments.length,
      origin,
      ...(end !== undefined && { end }),
      total,
      ...(handOver !== undefined && { handOver }),
      extension: extname(this.files.segment(number)) as SegmentTask['extension'],
    };
  }
}
