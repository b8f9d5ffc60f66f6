import { OptionError } from '../../errors.js';
import type { Size } from '../../frame.js';
import { findCamera } from '../cameras/cameras.js';
import type { Ffmpeg } from '../ffmpeg/binaries.js';
import { ffmpegInput, isUrl } from '../ffmpeg/path.js';
import { maskSecrets } from '../ffmpeg/secret.js';
import { probe } from '../probe/probe.js';

/** Where live frames come from. */
export type SourceSpec =
  | {
      readonly kind: 'camera';
      /** Number, name or device, see `findCamera`. */
      readonly camera: string;
      /** Pixels to ask the camera for; default 1280 × 720. */
      readonly size?: Size;
      /**
       * The audio device that goes with it, by its name in the system; default: none. Linux: PulseAudio's, or
       * `default`.
       */
      readonly microphone?: string;
    }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'file'; readonly path: string; readonly loop?: boolean }
  | {
      readonly kind: 'screen';
      /** Linux: an X display such as `:0.0+100,200`; macOS: a number from 0; Windows: `desktop` or `title=…`. */
      readonly screen?: string;
    }
  | { readonly kind: 'pattern'; readonly pattern?: Pattern; readonly size?: Size }
  | { readonly kind: 'browser'; readonly size?: Size };

/** A moving test picture. */
export type Pattern = keyof typeof PATTERNS;

/** One way to open a source with ffmpeg. */
export interface LiveInput {
  readonly inputs: readonly { readonly source: string; readonly options: readonly string[] }[];
  /** Index of the input that has the sound. */
  readonly sound: number;
}

/** A source as ffmpeg inputs. */
export interface LiveInputs {
  /** For messages; without secrets. */
  readonly name: string;
  /** Whether the end of the stream ends the source; if not, it reconnects. */
  readonly ends: boolean;
  /** Ways to open it, best first; the next is tried where one gives no frame. */
  readonly candidates: readonly LiveInput[];
}

/** What is requested of a source. */
export interface InputRequest {
  /** Frames a second. */
  readonly fps: number;
  readonly ffmpeg: Ffmpeg;
  readonly platform: NodeJS.Platform;
}

/** Moving test pictures, as filter chains of ffmpeg. */
export const PATTERNS = {
  testsrc2: (size: string, fps: number) => `testsrc2=size=${size}:rate=${fps}`,
  smptebars: (size: string, fps: number) => `smptebars=size=${size}:rate=${fps},scroll=horizontal=0.005`,
} as const;

const HD: Size = { width: 1280, height: 720 };
const LEVEL_5_1 = 57.028;

/** Avoids delay: no frames counted to guess the rate, no frame-parallel decoding. */
const NO_DELAY = ['-fpsprobesize', '0', '-thread_type', 'slice'];
/** Limits probing to what is needed to detect the streams. */
const LOW_LATENCY = ['-flags', 'low_delay', ...NO_DELAY, '-probesize', '1000000', '-analyzeduration', '1000000'];

/** Options by protocol. */
const PROTOCOLS: Readonly<Record<string, readonly string[]>> = {
  rtsp: ['-rtsp_transport', 'tcp'],
  rtsps: ['-rtsp_transport', 'tcp'],
};

/** Recordings and playlists behind a web address come faster than real time unless they are slowed down. */
const PACED = /^https?:\/\/[^?#]+\.(mp4|m4v|mov|mkv|webm|avi|m3u8|mpd)([?#]|$)/i;
/** Recordings, whose end ends the source. */
const RECORDED = /^https?:\/\/[^?#]+\.(mp4|m4v|mov|mkv|webm|avi)([?#]|$)/i;

/**
 * How ffmpeg opens a source.
 *
 * @throws OptionError `SOURCE_URL`, `SOURCE_PATTERN`, `CAMERA_UNKNOWN`, `SCREEN_UNSUPPORTED`; MediaError as `probe` for
 * files
 */
export function liveInputs(spec: Exclude<SourceSpec, { kind: 'browser' }>, wish: InputRequest): Promise<LiveInputs> {
  return (KINDS[spec.kind] as (spec: SourceSpec, wish: InputRequest) => Promise<LiveInputs>)(spec, wish);
}

type Kind = Exclude<SourceSpec['kind'], 'browser'>;
const KINDS: { [K in Kind]: (spec: Extract<SourceSpec, { kind: K }>, wish: InputRequest) => Promise<LiveInputs> } = {
  async camera(spec, wish) {
    const camera = await findCamera(spec.camera);
    const open = CAMERAS[wish.platform] ?? CAMERAS.linux!;
    const ways = open(camera.id, spec.size ?? HD, spec.microphone, wish);
    return { name: `the camera "${camera.name}"`, ends: false, candidates: ways };
  },

  async url({ url }) {
    if (!isUrl(url)) {
      throw new OptionError('SOURCE_URL', `"${maskSecrets(url)}" is no URL; expected one such as rtsp://host/path.`, {
        hint: 'For a file use --file.',
      });
    }
    const protocol = url.slice(0, url.indexOf(':')).toLowerCase();
    const options = [...LOW_LATENCY, ...(PROTOCOLS[protocol] ?? []), ...(PACED.test(url) ? ['-re'] : [])];
    return { name: maskSecrets(url), ends: RECORDED.test(url), candidates: one(url, options) };
  },

  async file({ path, loop = false }) {
    await probe(path);
    const options = ['-re', ...(loop ? ['-stream_loop', '-1'] : [])];
    const { source, options: before } = ffmpegInput(path);
    return { name: path, ends: !loop, candidates: one(source, [...options, ...before]) };
  },

  async screen({ screen }, { fps, platform }) {
    const rate = [...NO_DELAY, '-framerate', String(fps)];
    const display = process.env.DISPLAY;
    if (platform === 'darwin') {
      const options = ['-f', 'avfoundation', '-capture_cursor', '1', ...rate];
      return { name: 'the screen', ends: false, candidates: one(`Capture screen ${screen ?? 0}:none`, options) };
    }
    if (platform === 'win32') {
      return { name: 'the screen', ends: false, candidates: one(screen ?? 'desktop', ['-f', 'gdigrab', ...rate]) };
    }
    if (!screen && !display) {
      throw new OptionError('SCREEN_UNSUPPORTED', 'There is no X display (DISPLAY is not set) to take the screen of.', {
        hint: 'Run inside a desktop session, or name a display such as --screen :0.0; under Wayland, share the screen from the page /camera or OBS.',
      });
    }
    return { name: 'the screen', ends: false, candidates: one(screen ?? display!, ['-f', 'x11grab', ...rate]) };
  },

  async pattern({ pattern = 'testsrc2', size = HD }, { fps }) {
    if (!Object.hasOwn(PATTERNS, pattern)) {
      throw new OptionError(
        'SOURCE_PATTERN',
        `There is no pattern "${pattern}"; expected ${Object.keys(PATTERNS).join(' or ')}.`,
        { hint: 'Leave it out for the usual one.' },
      );
    }
    const picture = PATTERNS[pattern](`${size.width}x${size.height}`, fps);
    return {
      name: `the pattern ${pattern}`,
      ends: false,
      candidates: one(`${picture},realtime`, ['-f', 'lavfi', ...NO_DELAY]),
    };
  },
};

type CameraInputs = (id: string, size: Size, microphone: string | undefined, wish: InputRequest) => LiveInput[];

/** Cameras deliver compressed frames faster than raw ones; options that a camera may lack are dropped step by step. */
const CAMERAS: { readonly [platform in NodeJS.Platform]?: CameraInputs } = {
  linux(id, size, microphone, { fps, ffmpeg }) {
    const asked = ['-framerate', String(fps), '-video_size', `${size.width}x${size.height}`];
    // Both inputs use the system clock; without `-copyts` each would begin at zero by itself.
    const sound = {
      source: microphone ?? '',
      options: ['-f', 'pulse', ...(ffmpeg.level >= LEVEL_5_1 ? ['-isync', '0'] : [])],
    };
    return [['-input_format', 'mjpeg', ...asked], asked, []].map((options) => ({
      inputs: [
        { source: id, options: ['-f', 'v4l2', '-ts', 'abs', ...NO_DELAY, ...options] },
        ...(microphone === undefined ? [] : [sound]),
      ],
      sound: microphone === undefined ? 0 : 1,
    }));
  },

  darwin(id, size, microphone, { fps }) {
    const rates = [...new Set([fps, 30, 25, 15])];
    const sized = ['-video_size', `${size.width}x${size.height}`];
    const ways = rates.flatMap((rate) => [sized, []].map((more) => ['-framerate', String(rate), ...more]));
    return ways.map((options) =>
      only(`${id}:${microphone ?? 'none'}`, ['-f', 'avfoundation', ...NO_DELAY, ...options]),
    );
  },

  win32(id, size, microphone, { fps }) {
    const asked = ['-framerate', String(fps), '-video_size', `${size.width}x${size.height}`];
    const source = microphone === undefined ? `video=${id}` : `video=${id}:audio=${microphone}`;
    const common = ['-f', 'dshow', '-rtbufsize', '64M', ...NO_DELAY];
    return [['-vcodec', 'mjpeg', ...asked], asked, []].map((options) => only(source, [...common, ...options]));
  },
};

function only(source: string, options: readonly string[]): LiveInput {
  return { inputs: [{ source, options }], sound: 0 };
}

function one(source: string, options: readonly string[]): LiveInput[] {
  return [only(source, options)];
}
