import { availableParallelism } from 'node:os';
import { deferred } from '../deferred.js';
import type { Device } from '../engine/open.js';
import { LivePainter } from '../engine/painter/live-painter.js';
import { StyleTrials } from '../engine/select/style-trials.js';
import { firstCamera } from '../media/cameras/cameras.js';
import { MaskClip } from '../media/files/mask-clip.js';
import { LiveSource, type SourceSpec } from '../media/live/source.js';
import { canDenoise } from '../media/raw/filters.js';
import { candidatesOf } from '../pipeline/auto/candidates.js';
import { checkRegions } from '../pipeline/region-painter.js';
import { controlsOf } from './controls.js';
import { AutoStyle } from './loop/auto-style.js';
import { PendingShow } from './loop/pending-show.js';
import { LiveShow } from './loop/show.js';
import type { OutputSpec } from './outputs/open.js';
import { RunningOutputs } from './outputs/running.js';
import type { LiveUrls } from './protocol/protocol.js';
import { DEFAULT_PORT, type LiveServer, type ServerOptions, startServer } from './server/server.js';
import { addedFolder } from './settings/gallery/added-file.js';
import { AddedStyles } from './settings/gallery/added-styles.js';
import { GalleryBook } from './settings/gallery/style-book.js';
import { type InitialOptions, initialSettings, withMaskMode } from './settings/initial-settings.js';
import { LookFile, looksPath } from './settings/look-file.js';
import { SettingsFile, settingsPath } from './settings/settings-file.js';
import { FOUND_MASKS, MASK_MODES } from './settings/table.js';
import type { ShowControls } from './show/controls.js';
import { newestFrames } from './show/listen.js';
import { checkNumbers } from './show/numbers.js';
import type { LiveFrame, LiveStats } from './show/types.js';

/** Default frame rate. */
const DEFAULT_FPS = 30;
/** Default limit of the output height in pixels. */
const DEFAULT_OUTPUT_HEIGHT = 720;
/** Largest height in pixels that the network starts at; the governor raises it where there is time. */
const FIRST_HEIGHT = 360;

/** Options of `startLive`. */
export interface LiveOptions extends InitialOptions {
  /** Default: the first camera. */
  readonly source?: SourceSpec;
  /** Width of the mask's soft edge in pixels; default: the mask is used as it is. */
  readonly maskFeather?: number;
  /** Ignore the saved settings of the last run. */
  readonly fresh?: boolean;
  /** Frames per second to read at most and to sustain; default 30. */
  readonly fps?: number;
  /** Output height in pixels; default: that of the source, at most 720. */
  readonly height?: number;
  /** Pass the source's sound on to the outputs; default true. */
  readonly audio?: boolean;
  readonly outputs?: readonly OutputSpec[];
  /** Where the pages are served. */
  readonly server?: Omit<ServerOptions, 'log'>;
  readonly device?: Device;
  readonly threads?: number;
  /** Reduce flicker: align the networks' sampling grid with camera motion and filter over time; default true. */
  readonly steady?: boolean;
  /** Temporal denoising before the network; default: for cameras only. */
  readonly denoise?: boolean;
  /** Aborting ends the show as `close` does. */
  readonly signal?: AbortSignal;
  /** Called with the addresses of the pages before the source is open; the pages wait for it. */
  readonly onServer?: (server: Pick<LiveServer, 'urls' | 'localUrls' | 'qr'>) => void;
  /** Called with what the user should know, one line each. */
  readonly onNote?: (note: string) => void;
}

/** The result of a show. */
export interface LiveResult {
  /** Number of frames sent out. */
  readonly frames: number;
  readonly seconds: number;
  /** Paths of the recorded files. */
  readonly files: readonly string[];
  /** Names of the outputs that had failed at the end, and of those whose target was never reached. */
  readonly failures: readonly string[];
}

/** A running show. */
export interface LiveRun {
  readonly show: LiveShow;
  /** Addresses of the pages as other machines reach them, and as this one does. */
  readonly urls: LiveUrls;
  readonly localUrls: LiveUrls;
  /** The address of the control page as a QR code for a terminal; undefined where only this machine can open it. */
  readonly qr: string | undefined;
  /** The latest statistics, including those of the viewers. */
  stats(): LiveStats;
  /** Resolves when the source has ended or the show was closed, and everything is finished; rejects when it failed. */
  readonly finished: Promise<LiveResult>;
  /**
   * The painted frames as they come: whoever is slow gets the newest, and misses those before it. They end with the
   * show; their pixels are the reader's own. `show.onFrame` calls for every frame instead.
   */
  frames(): AsyncGenerator<LiveFrame, void, undefined>;
  /** Ends the show: finishes recordings and disconnects viewers. */
  close(): Promise<void>;
  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Something that must be closed at the end. */
interface Closable {
  close(): Promise<unknown>;
}

/**
 * Runs a live show: source, network, pages and outputs. The pages are served first and wait; a stream that is not
 * live yet is waited for. Resolves with the first frame.
 *
 * @throws StylecastError when the source, a style, the port or an output cannot be opened, and the signal's reason when it
 * is aborted before the first frame; nothing is left open then
 */
export async function startLive(given: LiveOptions = {}): Promise<LiveRun> {
  const options = withMaskMode(given);
  const { onNote = () => undefined, signal } = options;
  const { fps, height, threads, maskFeather, vary, varySeed } = options;
  checkNumbers({ fps, height, threads, maskFeather, vary, varySeed });
  for (const output of options.outputs ?? [])
    if (output.kind === 'publish') checkNumbers({ kilobits: output.kilobits });
  const { styleOutside: _, ...region } = options;
  checkRegions(region);
  const port = options.server?.port ?? DEFAULT_PORT;
  const open: Closable[] = [];
  const keep = <T extends Closable>(thing: T): T => {
    open.push(thing);
    // Aborted while this was being opened.
    signal?.throwIfAborted();
    return thing;
  };
  try {
    const file = keep(new SettingsFile(settingsPath(port), onNote));
    const remembered = options.fresh ? { settings: {} } : await file.read();
    const added = await AddedStyles.open(addedFolder(), onNote);
    const { gallery, settings, candidates } = await initialSettings(options, remembered, onNote, added);
    const spec = options.source ?? { kind: 'camera', camera: (await firstCamera()).id };
    const pending = new PendingShow({
      settings,
      styles: gallery.cards,
      masks: options.mask === undefined ? FOUND_MASKS : MASK_MODES,
      thumbnail: (name) => gallery.thumbnail(name),
      browser: spec.kind === 'browser',
    });
    let controls: ShowControls | undefined;
    const serving = { ...options.server, port, log: onNote, controls: () => controls };
    const server = keep(await startServer(pending, serving));
    options.onServer?.(server);
    const source = keep(await openSource(spec, options, onNote));
    const pace = Math.min(fps ?? DEFAULT_FPS, source.fps);
    const cores = threads ?? availableParallelism();
    const { device = 'auto', steady = true } = options;
    const painter = keep(await LivePainter.open({ picture: source.size, device, threads: cores, steady }));
    const clip = { size: source.size, ...(maskFeather === undefined ? {} : { feather: maskFeather }) };
    const mask = options.mask === undefined ? undefined : keep(await MaskClip.open(options.mask, clip));
    const trials = new StyleTrials({ picture: source.size, device, threads: cores, steady });
    const show = await LiveShow.open({
      check: (style, working, signal) => trials.check(style, working, signal),
      signal,
      mask,
      source,
      painter,
      gallery,
      settings,
      fps: pace,
      firstHeight: FIRST_HEIGHT,
      threads: cores,
      onNote,
    });
    const auto = new AutoStyle(async () => candidates ?? candidatesOf('auto'), show, onNote);
    show.watch = (frame) => auto.observe(frame);
    const outputs = keep(new RunningOutputs({ size: source.size, fps: pace, audio: source.audio }, onNote));
    for (const spec of options.outputs ?? []) await outputs.start(spec);
    const styles = keep(new GalleryBook(added, gallery, show, onNote));
    controls = controlsOf(show, outputs, { looks: new LookFile(looksPath()), styles });
    show.further = () => ({ outputs: outputs.figures, learning: styles.figures });
    pending.start(show);
    show.onSettings(() => file.write(show.settingsToSave));
    file.write(settings);
    return run(show, server, outputs, open, signal);
  } catch (error) {
    await closeAll(open).catch(() => undefined);
    throw signal?.aborted ? signal.reason : error;
  }
}

/** Runs the show until the source ends or the show is closed. */
function run(
  show: LiveShow,
  server: LiveServer,
  outputs: RunningOutputs,
  open: Closable[],
  signal: AbortSignal | undefined,
): LiveRun {
  const began = performance.now();
  let frames = 0;
  show.onFrame((frame) => {
    frames++;
    outputs.write(frame);
  });
  const ending = deferred<void>();
  show.run().then(ending.resolve, ending.reject);
  signal?.addEventListener('abort', () => ending.resolve(), { once: true });
  if (signal?.aborted) ending.resolve();
  const finished: Promise<LiveResult> = ending.promise
    .finally(() => {
      show.close();
      return closeAll(open);
    })
    .then(() => ({ frames, seconds: (performance.now() - began) / 1000, ...outputs.outcome }));
  // A caller that ignores `finished` must not get an unhandled rejection.
  finished.catch(() => undefined);
  const close = async () => {
    ending.resolve();
    await finished;
  };
  const { urls, localUrls, qr } = server;
  return {
    ...{ show, urls, localUrls, qr, finished, close, [Symbol.asyncDispose]: close },
    stats: () => server.stats(),
    frames: () => newestFrames(show, finished),
  };
}

/** Closes everything in reverse order of opening; a failure does not keep the others open. */
async function closeAll(open: Closable[]): Promise<void> {
  const failures: unknown[] = [];
  for (const thing of open.splice(0).reverse()) await thing.close().catch((error) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

async function openSource(spec: SourceSpec, options: LiveOptions, onNote: (note: string) => void): Promise<LiveSource> {
  const { height = DEFAULT_OUTPUT_HEIGHT, audio = true, outputs = [] } = options;
  let before = 'live';
  return LiveSource.open(spec, {
    fps: options.fps ?? DEFAULT_FPS,
    height,
    // Only where an output asks for it: a stream without sound would be opened twice.
    audio: audio && outputs.length > 0,
    wait: true,
    denoise: options.denoise ?? (spec.kind === 'camera' && (await canDenoise())),
    ...(options.signal ? { signal: options.signal } : {}),
    onState: (state, reason) => {
      if ((state !== before || state === 'connecting') && state !== 'ended')
        onNote(`The source is ${state}${reason ? `: ${reason}` : '.'}`);
      before = state;
    },
  });
}
