import type { FfmpegExit } from '../ffmpeg/process.js';
import { maskSecrets } from '../ffmpeg/secret.js';

/** Why a live source or output failed, for a message to the user. */
export interface LiveFailure {
  readonly code: string;
  /** Without the name of the source or output: `nothing listens there`. */
  readonly reason: string;
  readonly hint: string;
}

const ADDRESS = 'Check the address, and that the other side runs.';

/** Known reasons in ffmpeg's stderr. */
const REASONS: readonly (readonly [RegExp, string, string, string])[] = [
  [/Connection refused|ECONNREFUSED/i, 'LIVE_REFUSED', 'nothing listens there', ADDRESS],
  [
    /resolve hostname|Name or service not known|nodename nor servname|Temporary failure in name/i,
    'LIVE_UNKNOWN_HOST',
    'the host is not known',
    'Check the spelling of the host and the network.',
  ],
  [/No route to host|Network is unreachable/i, 'LIVE_UNREACHABLE', 'the host cannot be reached', 'Check the network.'],
  [
    /401 Unauthorized|403 Forbidden|authorization failed|Authentication|NetStream\.\w+\.Denied|NetConnection\.Connect\.Rejected/i,
    'LIVE_DENIED',
    'it refuses the user, password or key',
    'Check them in the URL (user:password@host, or the stream key).',
  ],
  [
    /404 Not Found|StreamNotFound|Stream not found|NetStream\.Play\.Failed/i,
    'LIVE_NOT_FOUND',
    'there is no such stream',
    'Check the path of the URL, and that the stream is on air.',
  ],
  [
    /Device or resource busy|already in use|used by another application|Could not run graph/i,
    'LIVE_BUSY',
    'another program uses it',
    'Close the other program (a call, a browser tab, OBS) and try again.',
  ],
  [
    /No such (file or directory|device)|Could not find (video|audio) device|Could not enumerate|Video device not found|Cannot open video device|Could(n't| not) open display|cannot open display/i,
    'LIVE_MISSING',
    'it is not there',
    'Check its name and that it is plugged in; "stylecast cameras" lists the cameras.',
  ],
  [
    /Permission denied|Operation not permitted|not authorized/i,
    'LIVE_FORBIDDEN',
    'permission denied',
    'Allow it: on Linux the group "video", on macOS and Windows the privacy settings.',
  ],
  [
    /Protocol not found|Unknown input format|Unrecognized option|Requested output format .* is not/i,
    'LIVE_UNSUPPORTED',
    'this ffmpeg cannot do that',
    'Install an ffmpeg with that protocol or device, or name one in FFMPEG_PATH.',
  ],
  [/No space left on device|Disk quota/i, 'MEDIA_DISK_FULL', 'the disk is full', 'Free some space.'],
  [
    /Unknown encoder|Error while opening encoder/i,
    'MEDIA_ENCODER',
    'the encoder does not work',
    'Install a full ffmpeg.',
  ],
  [/timed out|timeout/i, 'LIVE_TIMEOUT', 'it does not answer', ADDRESS],
  [/Broken pipe|Connection reset|End of file/i, 'LIVE_LOST', 'the connection was cut', ADDRESS],
];

/** Maps the end of an ffmpeg run of a live source or output to a known failure. */
export function liveFailureOf(exit: FfmpegExit): LiveFailure {
  for (const [pattern, code, reason, hint] of REASONS) {
    if (exit.tail.some((line) => pattern.test(line))) return { code, reason, hint };
  }
  if (exit.signal) return { code: 'MEDIA_FFMPEG_KILLED', reason: `ffmpeg was killed (${exit.signal})`, hint: ADDRESS };
  if (!exit.failure) return { code: 'LIVE_OVER', reason: 'it ended', hint: ADDRESS };
  const said = exit.tail.at(-1)?.replace(/^\[[^\]]*\] /, '') ?? exit.failure.message;
  return { code: 'MEDIA_FFMPEG_FAILED', reason: maskSecrets(said), hint: ADDRESS };
}
