import { coverageOf, Mixer } from '../engine/painter/mixer.js';
import type { CoveredMask } from '../engine/painter/protocol.js';
import { OptionError } from '../errors.js';
import { type Frame, type Size, seconds } from '../frame.js';
import { MaskClip, uniformMasks } from '../media/files/mask-clip.js';
import type { FramePainter } from './frame-painter.js';
import type { RegionOptions } from './style.js';

/** Masks that are found in the picture itself. */
const FOUND = ['person', 'background'];
/** Mask modes of live shows only. */
const LIVE = ['none', 'cutout', 'picture'];
/** The widest soft edge in pixels. */
const WIDEST = 500;

/** Options of `RegionPainter`. */
export interface RegionParts {
  readonly options: RegionOptions & { readonly mask: string; readonly compare?: boolean };
  /** Size of the frames in pixels, and of the source before it was scaled. */
  readonly size: Size;
  readonly shape: Size;
  /** Time stamp of the source's beginning in seconds, where that is known; default: that of the first frame. */
  readonly startTime?: number | undefined;
  readonly threads: number;
}

/**
 * Checks the options of regions.
 *
 * @throws OptionError `MASK_MISSING`, `MASK_LIVE`, `MASK_FEATHER`
 */
export function checkRegions({ mask, maskFeather, styleOutside }: RegionOptions): void {
  const further = { '--style-outside': styleOutside, '--mask-feather': maskFeather };
  const [alone] = Object.entries(further).find(([, value]) => value !== undefined) ?? [];
  if (mask === undefined && alone !== undefined) {
    throw new OptionError('MASK_MISSING', `${alone} is given without --mask; expected both.`, {
      hint: `Add --mask, or leave ${alone} out.`,
    });
  }
  if (mask !== undefined && LIVE.includes(mask)) {
    throw new OptionError('MASK_LIVE', `mask is "${mask}"; expected a picture, a clip, ${FOUND.join(' or ')}.`, {
      hint: `That is for "stylecast live". A file of that name is ./${mask}.`,
    });
  }
  if (maskFeather === undefined) return;
  if (mask !== undefined && FOUND.includes(mask)) {
    throw new OptionError('MASK_FEATHER', `--mask-feather is given for "${mask}", whose edges are soft already.`, {
      hint: 'Leave it out.',
    });
  }
  if (maskFeather >= 0 && maskFeather <= WIDEST) return;
  throw new OptionError('MASK_FEATHER', `mask-feather is ${maskFeather}; expected pixels from 0 to ${WIDEST}.`, {
    hint: 'Correct --mask-feather or leave it out.',
  });
}

/** Paints each region of a frame with its own painter; a painter whose region is empty is skipped. */
export class RegionPainter implements FramePainter {
  private constructor(
    private readonly inside: FramePainter | undefined,
    private readonly outside: FramePainter | undefined,
    private readonly masks: Masks,
    private readonly mixer: Mixer,
    private readonly compare: boolean,
  ) {}

  /**
   * Opens the mask. The painters are closed with it.
   *
   * @param painted where the mask is white
   * @param elsewhere where it is black; undefined keeps the source
   * @throws OptionError `MASK_SHAPE`; MediaError when the mask cannot be read; EngineError `ENGINE_MASK`
   */
  static async open(painted: FramePainter, elsewhere: FramePainter | undefined, parts: RegionParts) {
    const { size, threads } = parts;
    const { mask, compare = false } = parts.options;
    const found = FOUND.includes(mask);
    const given = found ? undefined : await GivenMasks.open(parts);
    try {
      const mixes = { pictures: 2, masking: found ? 'plane' : 'picture' } as const;
      const finds = found ? ({ person: 'first' } as const) : {};
      const mixer = await Mixer.open({ picture: size, threads, compare, mixes, ...finds });
      const masks: Masks = given ?? { of: ({ data }) => mixer.find(data), close: async () => undefined };
      // For `background` the painters are swapped.
      const [inside, outside] = mask === 'background' ? [elsewhere, painted] : [painted, elsewhere];
      return new RegionPainter(inside, outside, masks, mixer, compare);
    } catch (error) {
      await given?.close();
      throw error;
    }
  }

  get sessions(): number {
    return Math.max(this.inside?.sessions ?? 1, this.outside?.sessions ?? 1);
  }

  async paint(frame: Frame): Promise<Frame> {
    const { mask, cover } = await this.masks.of(frame);
    const { compare } = this;
    const mixed = compare || cover === 'part';
    // Painters take over their frames, so they are copied if needed afterwards.
    const source = mixed ? frame.data.slice() : frame.data;
    const copy = mixed && this.inside && this.outside ? { ...frame, data: source.slice() } : frame;
    const [inside, outside] = await Promise.all([
      cover === 'none' ? undefined : region(this.inside, frame, source),
      cover === 'all' ? undefined : region(this.outside, copy, source),
    ]);
    if (!mixed) return { ...frame, data: (inside ?? outside)! };
    const some = (inside ?? outside)!;
    const pictures = [inside ?? some, outside ?? some];
    const { data } = await this.mixer.mix({
      pictures,
      inside: [1, 0],
      outside: [0, 1],
      mask,
      ...(compare ? { source } : {}),
    });
    return { ...frame, data, width: compare ? 2 * frame.width : frame.width };
  }

  async close(): Promise<void> {
    await Promise.all([this.inside?.close(), this.outside?.close(), this.mixer.close(), this.masks.close()]);
  }
}

type Picture = Uint8Array<ArrayBuffer>;

async function region(painter: FramePainter | undefined, frame: Frame, source: Picture): Promise<Picture> {
  return painter ? (await painter.paint(frame)).data : source;
}

/** Masks of successive frames. */
interface Masks {
  of(frame: Frame): Promise<CoveredMask>;
  close(): Promise<void>;
}

/** Masks from a file. */
class GivenMasks implements Masks {
  private last: CoveredMask | undefined;
  private readonly ends: ReturnType<typeof uniformMasks>;

  private constructor(
    private readonly clip: MaskClip,
    size: Size,
    private startTime: number | undefined,
  ) {
    this.ends = uniformMasks(size);
  }

  static async open({ options, size, shape, startTime }: RegionParts): Promise<GivenMasks> {
    const { mask, maskFeather: feather } = options;
    const clip = await MaskClip.open(mask, { size, shape, ...(feather === undefined ? {} : { feather }) });
    return new GivenMasks(clip, size, startTime);
  }

  async of({ pts }: Frame): Promise<CoveredMask> {
    this.startTime ??= seconds(pts);
    const mask = await this.clip.at(seconds(pts) - this.startTime);
    if (this.last?.mask !== mask) this.last = { mask, cover: coverageOf(mask, this.ends) };
    return this.last;
  }

  close(): Promise<void> {
    return this.clip.close();
  }
}
