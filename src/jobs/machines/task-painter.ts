import { randomUUID } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { ShotState } from '../../engine/painter/painter.js';
import { EngineError, MediaError, messageOf } from '../../errors.js';
import { inspectVideo } from '../../media/files/inspect.js';
import type { MediaInfo } from '../../media/probe/info.js';
import type { Style } from '../../model/style.js';
import { ProgressMeter } from '../../pipeline/progress.js';
import { firstDifference, identityOf } from '../job/identity.js';
import { type PaintedSegment, paintSegment } from '../segments/paint.js';
import type { SharedFolder } from './shared.js';
import { receiveStyle, type SentStyle } from './styles.js';
import { HANDED, type SegmentResult, type SegmentTask } from './task.js';

/** Milliseconds without a frame after which painting is given up. */
const STUCK = 10 * 60_000;

/** What is known of the job that was worked on last. */
interface OpenedJob {
  readonly folder: string;
  readonly info: MediaInfo;
  readonly styles: Map<string, Style>;
}

/** Paints segments as they were handed out. */
export class TaskPainter {
  private opened: OpenedJob | undefined;

  constructor(
    private readonly shared: SharedFolder,
    private readonly threads: number | undefined,
    private readonly note: (text: string) => void,
  ) {}

  /**
   * Paints a segment into a file of its own in the folder of the job.
   *
   * @param tell called once a second with the frames so far
   * @returns undefined where it was interrupted
   */
  async paint(
    task: SegmentTask,
    tell: (frames: number) => void,
    signal: AbortSignal,
  ): Promise<SegmentResult | undefined> {
    const { info, options, scenes } = await this.open(task);
    const folder = join(this.shared.pathOf(task.folder), HANDED);
    await mkdir(folder, { recursive: true });
    // A name of its own: whoever comes late with the same segment disturbs nobody.
    const name = `${String(task.number).padStart(4, '0')}-${randomUUID()}`;
    const path = join(folder, `${name}${task.extension}`);
    const meter = new ProgressMeter(task.total, undefined);
    const { segment, end, handOver, origin, total } = task;
    const stuck = new Watch(meter, tell);
    const work = paintSegment(
      {
        info,
        options: { ...options, signal: AbortSignal.any([signal, stuck.signal]) },
        segment,
        origin,
        end,
        path,
        making: join(folder, `${name}.partial${task.extension}`),
        scenes,
        total,
        shot: segment.continues ? await this.readShot(task) : undefined,
        handOver,
      },
      meter,
      (...notes) => notes.forEach(this.note),
    );
    const painted: PaintedSegment | undefined = await Promise.race([work, stuck.failed]).finally(() => stuck.close());
    if (!painted) return undefined;
    const shot = painted.shot && `${name}.shot`;
    if (shot) await writeFile(join(folder, shot), serialize(painted.shot), { flush: true });
    const { size } = await stat(path);
    const by = `process ${process.pid} of ${hostname()}`;
    return { file: `${name}${task.extension}`, ...(shot && { shot }), bytes: size, device: painted.device, by };
  }

  /** The video and the styles of a segment. */
  private async open(task: SegmentTask) {
    const { shared } = this;
    const path = shared.pathOf(task.input);
    const found = await identityOf(path).catch((cause) => {
      throw new MediaError('MEDIA_NOT_FOUND', `${path} cannot be read: ${messageOf(cause)}`, { cause });
    });
    const { bytes, ends } = task.identity;
    const differs = firstDifference({ bytes: found.bytes, ends: found.ends }, { bytes, ends });
    if (differs) throw new MediaError('SHARED_DIFFERS', `${path} is not the file that was planned with: ${differs}.`);
    if (this.opened?.folder !== task.folder) {
      this.opened = { folder: task.folder, info: await inspectVideo(path), styles: new Map() };
    }
    const { info, styles } = this.opened;
    const open = async ({ folder, checksum }: SentStyle) => {
      const style = styles.get(checksum) ?? (await receiveStyle({ folder: shared.pathOf(folder), checksum }));
      styles.set(checksum, style);
      return style;
    };
    const scenes = await Promise.all(
      task.scenes.map(async ({ start, style }) => ({ start, style: (await open(style)).folder! })),
    );
    const { mask, ...picture } = task.options;
    const isFile = mask !== undefined && mask !== 'person' && mask !== 'background';
    const { device, threads } = { device: task.device, threads: this.threads };
    const options = {
      ...picture,
      ...(mask !== undefined && { mask: isFile ? shared.pathOf(mask) : mask }),
      ...(threads !== undefined && { threads }),
      device,
      style: task.style ? await open(task.style) : 'auto',
      ...(task.styleOutside && { styleOutside: await open(task.styleOutside) }),
      input: path,
      output: join(shared.pathOf(task.folder), `output${task.extension}`),
    };
    return { info, options: options as Parameters<typeof paintSegment>[0]['options'], scenes };
  }

  private async readShot({ folder, number }: SegmentTask): Promise<ShotState | undefined> {
    const name = `${String(number).padStart(4, '0')}.shot`;
    const bytes = await readFile(join(this.shared.pathOf(folder), name)).catch(() => undefined);
    return bytes && (deserialize(bytes) as ShotState);
  }
}

/** Watches that a painting gets further, and says how far it is. */
class Watch {
  readonly failed: Promise<never>;
  private readonly stop = new AbortController();
  private readonly timer: NodeJS.Timeout;

  constructor(meter: ProgressMeter, tell: (frames: number) => void) {
    let last = { frames: 0, at: performance.now() };
    let fail: (error: Error) => void;
    this.failed = new Promise((_, reject) => {
      fail = reject;
    });
    this.failed.catch(() => undefined);
    this.timer = setInterval(() => {
      const { frames } = meter.progress();
      if (frames > last.frames) last = { frames, at: performance.now() };
      tell(frames);
      if (performance.now() - last.at < STUCK) return;
      this.stop.abort();
      fail(new EngineError('JOB_STUCK', `No frame was painted in ${STUCK / 60_000} minutes.`));
    }, 1000);
  }

  /** Fires when it is given up. */
  get signal(): AbortSignal {
    return this.stop.signal;
  }

  close(): void {
    clearInterval(this.timer);
  }
}
