import { OptionError } from '../../errors.js';
import type { Size } from '../../frame.js';
import { findCamera } from '../cameras/cameras.js';
import type { Ffmpeg } from '../ffmpeg/binaries.js';
import { isUrl, probe } from '../ffmpeg/probe.js';
import { maskSecrets } from '../ffmpeg/secret.js';

/** Where live frames come from. */
export type SourceSpec =
  | {
      readonly kind: 'camera';
      /** Number, name or device, see `findCamera`. */
      readonly camera: string;
      /** Pixels to ask the camera for; default 1280 × 720. */
      readonly size?: Size;
      /** The sound that goes with it, in the system's own words; default: none. Linux: PulseAudio's, or `default`. */
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

/** A source as ffmpeg is told about it. */
export interface LiveInputs {
  /** For messages; without secrets. */
  readonly name: string;
  /** Whether its end is final. */
  readonly ends: boolean;
  /** Ways to open it, the best first; the next is tried where one gives no frame. */
  readonly ways: readonly LiveInput[];
}

/** What a source is asked for. */
export interface Wish {
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

/** Without frames of delay: no counting of frames to guess the rate, no frames decoded side by side. */
const PROMPT = ['-fpsprobesize', '0', '-thread_type', 'slice'];
/** Do not wait for more than is needed to know what is in a stream. */
const QUICK = ['-flags', 'low_delay', ...PROMPT, '-probesize', '1000000', '-analyzeduration', '1000000'];

/** Options by protocol. */
const PROTOCOLS: Readonly<Record<string, readonly string[]>> = {
  rtsp: ['-rtsp_transport', 'tcp'],
  rtsps: ['-rtsp_transport', 'tcp'],
};

/** Recordings and playlists behind a web address come faster than real time unless they are slowed down. */
const PACED = /^https?:\/\/[^?#]+\.(mp4|m4v|mov|mkv|webm|avi|m3u8|mpd)([?#]|$)/i;
/** Of these the end is the end. */
const RECORDED = /^https?:\/\/[^?#]+\.(mp4|m4v|mov|mkv|webm|avi)([?#]|$)/i;

/**
 * How ffmpeg opens a source.
 *
 * @throws OptionError `SOURCE_URL`, `SOURCE_PATTERN`, `CAMERA_UNKNOWN`, `SCREEN_UNSUPPORTED`; MediaError as `probe` for files
 */
export function liveInputs(spec: Exclude<SourceSpec, { kind: 'browser' }>, wish: Wish): Promise<LiveInputs> {
  return (KINDS[spec.kind] as (spec: SourceSpec, wish: Wish) => Promise<LiveInputs>)(spec, wish);
}

type Kind = Exclude<SourceSpec['kind'], 'browser'>;
const KINDS: { [K in Kind]: (spec: Extract<SourceSpec, { kind: K }>, wish: Wish) => Promise<LiveInputs> } = {
  async camera(spec, wish) {
    const camera = await findCamera(spec.camera);
    const open = CAMERAS[wish.platform] ?? CAMERAS.linux!;
    const ways = open(camera.id, spec.size ?? HD, spec.microphone, wish);
    return { name: `the camera "${camera.name}"`, ends: false, ways };
  },

  async url({ url }) {
    if (!isUrl(url)) {
      throw new OptionError('SOURCE_URL', `"${maskSecrets(url)}" is no URL; expected one such as rtsp://host/path.`, {
        hint: 'For a file use --file.',
      });
    }
    const protocol = url.slice(0, url.indexOf(':')).toLowerCase();
    const options = [...QUICK, ...(PROTOCOLS[protocol] ?? []), ...(PACED.test(url) ? ['-re'] : [])];
    return { name: maskSecrets(url), ends: RECORDED.test(url), ways: one(url, options) };
  },

  async file({ path, loop = false }) {
    await probe(path);
    const options = ['-re', ...(loop ? ['-stream_loop', '-1'] : [])];
    // As a URL of its own, or a name that begins with a dash or holds a colon means something else.
    return { name: path, ends: !loop, ways: one(`file:${path}`, options) };
  },

  async screen({ screen }, { fps, platform }) {
    const rate = [...PROMPT, '-framerate', String(fps)];
    const display = process.env.DISPLAY;
    if (platform === 'darwin') {
      const options = ['-f', 'avfoundation', '-capture_cursor', '1', ...rate];
      return { name: 'the screen', ends: false, ways: one(`Capture screen ${screen ?? 0}:none`, options) };
    }
    if (platform === 'win32') {
      return { name: 'the screen', ends: false, ways: one(screen ?? 'desktop', ['-f', 'gdigrab', ...rate]) };
    }
    if (!screen && !display) {
      throw new OptionError('SCREEN_UNSUPPORTED', 'There is no X display (DISPLAY is not set) to take the screen of.', {
        hint: 'Run inside a desktop session, or name a display such as --screen :0.0; under Wayland, share the screen from the page /camera or OBS.',
      });
    }
    return { name: 'the screen', ends: false, ways: one(screen ?? display!, ['-f', 'x11grab', ...rate]) };
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
      ways: one(`${picture},realtime`, ['-f', 'lavfi', ...PROMPT]),
    };
  },
};

type Ways = (id: string, size: Size, microphone: string | undefined, wish: Wish) => LiveInput[];

/** Cameras give compressed frames quicker than raw ones; what one cannot do is left out step by step. */
const CAMERAS: { readonly [platform in NodeJS.Platform]?: Ways } = {
  linux(id, size, microphone, { fps, ffmpeg }) {
    const asked = ['-framerate', String(fps), '-video_size', `${size.width}x${size.height}`];
    // Both clocks are the system's; without the reference each input would begin at zero on its own.
    const sound = {
      source: microphone ?? '',
      options: ['-f', 'pulse', ...(ffmpeg.level >= LEVEL_5_1 ? ['-isync', '0'] : [])],
    };
    return [['-input_format', 'mjpeg', ...asked], asked, []].map((options) => ({
      inputs: [
        { source: id, options: ['-f', 'v4l2', '-ts', 'abs', ...PROMPT, ...options] },
        ...(microphone === undefined ? [] : [sound]),
      ],
      sound: microphone === undefined ? 0 : 1,
    }));
  },

  darwin(id, size, microphone, { fps }) {
    const rates = [...new Set([fps, 30, 25, 15])];
    const sized = ['-video_size', `${size.width}x${size.height}`];
    const ways = rates.flatMap((rate) => [sized, []].map((more) => ['-framerate', String(rate), ...more]));
    return ways.map((options) => only(`${id}:${microphone ?? 'none'}`, ['-f', 'avfoundation', ...PROMPT, ...options]));
  },

  win32(id, size, microphone, { fps }) {
    const asked = ['-framerate', String(fps), '-video_size', `${size.width}x${size.height}`];
    const source = microphone === undefined ? `video=${id}` : `video=${id}:audio=${microphone}`;
    const common = ['-f', 'dshow', '-rtbufsize', '64M', ...PROMPT];
    return [['-vcodec', 'mjpeg', ...asked], asked, []].map((options) => only(source, [...common, ...options]));
  },
};

function only(source: string, options: readonly string[]): LiveInput {
  return { inputs: [{ source, options }], sound: 0 };
}

function one(source: string, options: readonly string[]): LiveInput[] {
  return [only(source, options)];
}
