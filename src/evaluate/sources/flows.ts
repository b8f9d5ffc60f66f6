import { type FileHandle, mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MediaError } from '../../errors.js';
import { readFlo } from '../../quality/motion/flo.js';
import type { Flow } from '../../quality/motion/flow.js';

/** Motion between two frames, with a mask of reliable pixels of the earlier frame, 1 or 0. */
export interface KnownFlow {
  readonly flow: Flow;
  readonly mask: Uint8Array;
}

/** Stores the motion of a clip in a temporary file, so that all styles can use it in bounded memory. */
export class FlowFile {
  private count = 0;

  private constructor(
    private readonly folder: string,
    private readonly file: FileHandle,
    private readonly width: number,
    private readonly height: number,
  ) {}

  /** An empty file for flows of one size. */
  static async create(width: number, height: number): Promise<FlowFile> {
    const folder = await mkdtemp(join(tmpdir(), 'stylecast-flow-'));
    return new FlowFile(folder, await open(join(folder, 'flow'), 'wx+'), width, height);
  }

  /** Number of pairs of frames stored. */
  get pairs(): number {
    return this.count;
  }

  /** Appends the motion of the next pair. */
  async add({ flow, mask }: KnownFlow): Promise<void> {
    const at = this.count++ * this.bytes;
    await this.file.write(new Uint8Array(flow.data.buffer, flow.data.byteOffset, flow.data.byteLength), 0, null, at);
    await this.file.write(mask, 0, null, at + flow.data.byteLength);
  }

  /** The motion of a pair, the first is 0. */
  async read(pair: number): Promise<KnownFlow> {
    const { width, height } = this;
    const bytes = new Uint8Array(this.bytes);
    await this.file.read(bytes, 0, bytes.length, pair * bytes.length);
    const data = new Float32Array(bytes.buffer, 0, width * height * 2);
    return { flow: { data, width, height }, mask: bytes.subarray(data.byteLength) };
  }

  /** Removes the file. */
  async close(): Promise<void> {
    await this.file.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  private get bytes(): number {
    return this.width * this.height * 9;
  }
}

/** Known motion of a clip, by the index of the pair. */
export type GivenFlow = (pair: number) => Promise<Flow>;

/**
 * The `.flo` files of a clip in a folder: `<clip>.flo` for every pair, or `<clip>/*.flo` by name, the first from frame
 * 0 to frame 1.
 *
 * @returns undefined when the folder has none for this clip.
 * @throws MediaError `EVAL_FLOW` when one is missing, broken or of another size.
 */
export async function givenFlow(folder: string, clip: string, width: number, height: number) {
  const whole = join(folder, `${clip}.flo`);
  const names = await readdir(join(folder, clip)).catch(() => []);
  const files = names.filter((name) => name.endsWith('.flo')).sort();
  const single = await readFile(whole).catch(() => undefined);
  if (!single && files.length === 0) return undefined;
  const fitting = (flow: Flow, name: string): Flow => {
    if (flow.width === width && flow.height === height) return flow;
    throw new MediaError(
      'EVAL_FLOW',
      `${name} has ${flow.width}×${flow.height} pixels; its clip is compared at ${width}×${height}.`,
      { hint: `Give --height ${flow.height}, or flows of the size that is compared.` },
    );
  };
  if (single) {
    const flow = fitting(readFlo(single, whole), whole);
    return (async () => flow) as GivenFlow;
  }
  return (async (pair) => {
    const name = files[pair];
    if (name !== undefined) {
      const path = join(folder, clip, name);
      return fitting(readFlo(await readFile(path), path), path);
    }
    throw new MediaError(
      'EVAL_FLOW',
      `${join(folder, clip)} has ${files.length} flows; expected one for each pair of frames, at least ${pair + 1}.`,
      { hint: `Give --frames ${files.length + 1}, or add the missing flows.` },
    );
  }) as GivenFlow;
}
