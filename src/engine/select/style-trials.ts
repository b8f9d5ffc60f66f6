import { fileURLToPath } from 'node:url';
import type { Size } from '../../frame.js';
import type { Style } from '../../model/style.js';
import type { Device } from '../runtime/devices.js';
import { inProcess, type ProcessLimits } from '../threads/limited-process.js';
import { cacheKey, getCached, setCached } from './device-cache.js';

/** A style, and how it is to run. */
export interface StyleTrial {
  readonly style: Style;
  readonly picture: Size;
  readonly working: Size;
  readonly device: Device;
  readonly threads: number;
  readonly steady: boolean;
}

/** The presets that come with stylecast: known to run. */
const OWN = fileURLToPath(new URL('../../../presets/', import.meta.url));

/**
 * Tries styles of others in processes of their own before a show loads them: each network once for a size, on this machine
 * and with this runtime.
 */
export class StyleTrials {
  /** Pixels that each network has painted, at most, by its checksum. */
  private readonly proved = new Map<string, number>();

  constructor(
    private readonly how: Omit<StyleTrial, 'style' | 'working'>,
    private readonly limits: Omit<ProcessLimits, 'signal'> = {},
  ) {}

  /**
   * Tries a style, unless it is known to run.
   *
   * @throws EngineError `ENGINE_LIMIT` when it takes too long or too much, `ENGINE_DIED`; as `LivePainter.load`; the
   * signal's reason
   */
  async check(style: Style, working: Size, signal?: AbortSignal): Promise<void> {
    if (style.folder?.startsWith(OWN)) return;
    const { sha256 } = style.manifest.model;
    const pixels = working.width * working.height;
    if ((this.proved.get(sha256) ?? 0) >= pixels) return;
    const key = cacheKey(style.model, { tried: working, device: this.how.device });
    if (!(await getCached(key))) {
      const script = new URL('../workers/try-style.js', import.meta.url);
      const trial: StyleTrial = { ...this.how, style, working };
      await inProcess(script, trial, `The style ${style.name}`, { ...this.limits, signal });
      await setCached(key, { at: Date.now(), figures: [] });
    }
    this.proved.set(sha256, pixels);
  }
}
