/** What is said of a failure: its code, what happened, and what to do. */
export interface Explanation {
  readonly code: string;
  /** Without the name of the file, source or output: `nothing listens there`. */
  readonly reason: string;
  readonly hint: string;
}

/** A reason in ffmpeg's stderr, and what is said of it: of files, and of live sources and outputs. */
interface KnownFailure {
  readonly pattern: RegExp;
  readonly file?: Explanation;
  readonly live?: Explanation;
}

const said = (code: string, reason: string, hint: string): Explanation => ({ code, reason, hint });

const ADDRESS = 'Check the address, and that the other side runs.';

/** In order: the first that matches a line counts. */
const KNOWN_FAILURES: readonly KnownFailure[] = [
  {
    pattern: /No space left on device|Disk quota exceeded|File too large/i,
    file: said('MEDIA_DISK_FULL', 'the disk is full', 'Free some space, or write to another disk with -o.'),
    live: said('MEDIA_DISK_FULL', 'the disk is full', 'Free some space.'),
  },
  { pattern: /Connection refused|ECONNREFUSED/i, live: said('LIVE_REFUSED', 'nothing listens there', ADDRESS) },
  {
    pattern: /resolve hostname|Name or service not known|nodename nor servname|Temporary failure in name/i,
    live: said('LIVE_UNKNOWN_HOST', 'the host is not known', 'Check the spelling of the host and the network.'),
  },
  {
    pattern: /No route to host|Network is unreachable/i,
    live: said('LIVE_UNREACHABLE', 'the host cannot be reached', 'Check the network.'),
  },
  {
    pattern:
      /401 Unauthorized|403 Forbidden|authorization failed|Authentication|NetStream\.\w+\.Denied|NetConnection\.Connect\.Rejected/i,
    live: said(
      'LIVE_DENIED',
      'it refuses the user, password or key',
      'Check them in the URL (user:password@host, or the stream key).',
    ),
  },
  {
    pattern: /404 Not Found|StreamNotFound|Stream not found|NetStream\.Play\.Failed/i,
    live: said(
      'LIVE_NOT_FOUND',
      'there is no such stream',
      'Check the path of the URL, and that the stream is on air.',
    ),
  },
  {
    pattern: /Device or resource busy|already in use|used by another application|Could not run graph/i,
    live: said(
      'LIVE_BUSY',
      'another program uses it',
      'Close the other program (a call, a browser tab, OBS) and try again.',
    ),
  },
  {
    pattern:
      /No such (file or directory|device)|Could not find (video|audio) device|Could not enumerate|Video device not found|Cannot open video device|Could(n't| not) open display|cannot open display/i,
    live: said(
      'LIVE_MISSING',
      'it is not there',
      'Check its name and that it is plugged in; "stylecast cameras" lists the cameras.',
    ),
  },
  {
    pattern: /Permission denied|Operation not permitted|Read-only file system/i,
    file: said('MEDIA_NOT_WRITABLE', 'permission denied', 'Choose a folder that you may write to with -o.'),
  },
  {
    pattern: /Permission denied|Operation not permitted|not authorized/i,
    live: said(
      'LIVE_FORBIDDEN',
      'permission denied',
      'Allow it: on Linux the group "video", on macOS and Windows the privacy settings.',
    ),
  },
  {
    pattern: /File name too long/i,
    file: said('MEDIA_NAME_TOO_LONG', 'the file name is too long', 'Choose a shorter name with -o.'),
  },
  {
    pattern: /Could not find tag for codec|codec not currently supported in container|incorrect codec parameters/i,
    file: said(
      'MEDIA_CONTAINER',
      'this format cannot hold one of the streams',
      'Choose an .mkv file with -o, which holds nearly everything.',
    ),
  },
  {
    pattern: /fps \d+ is too large|Valid timecode frame rate/i,
    file: said(
      'MEDIA_TIMECODE',
      'so few frames cannot have a timecode',
      'Choose an .mkv file with -o, or a longer --duration.',
    ),
  },
  {
    pattern: /Cannot allocate memory|Out of memory/i,
    file: said('MEDIA_MEMORY', 'there is not enough memory', 'Try a smaller --height, or close other programs.'),
  },
  {
    pattern: /Protocol not found|Unknown input format/i,
    file: said(
      'MEDIA_UNSUPPORTED',
      'this ffmpeg cannot open such addresses',
      'Install a full ffmpeg, or name one in FFMPEG_PATH.',
    ),
  },
  {
    pattern: /Protocol not found|Unknown input format|Unrecognized option|Requested output format .* is not/i,
    live: said(
      'LIVE_UNSUPPORTED',
      'this ffmpeg cannot do that',
      'Install an ffmpeg with that protocol or device, or name one in FFMPEG_PATH.',
    ),
  },
  {
    pattern:
      /Unknown encoder|Encoder .* not found|Error initializing output stream|Could not open encoder|Error while opening encoder/i,
    file: said(
      'MEDIA_ENCODER',
      'the encoder does not work',
      'Choose another --codec, or install an ffmpeg with that encoder.',
    ),
    live: said('MEDIA_ENCODER', 'the encoder does not work', 'Install a full ffmpeg.'),
  },
  { pattern: /timed out|timeout/i, live: said('LIVE_TIMEOUT', 'it does not answer', ADDRESS) },
  {
    pattern: /Broken pipe|Connection reset|End of file/i,
    live: said('LIVE_LOST', 'the connection was cut', ADDRESS),
  },
];

/** A line of `tail` that names a known failure, and what is said of it. */
export function knownFailure(
  tail: readonly string[],
  of: 'file' | 'live',
): { readonly line: string; readonly explanation: Explanation } | undefined {
  for (const { pattern, [of]: explanation } of KNOWN_FAILURES) {
    const line = explanation && tail.find((text) => pattern.test(text));
    if (line !== undefined) return { line, explanation: explanation! };
  }
  return undefined;
}

/** What a decoder says of a file that it could not read whole. */
export const DAMAGED =
  /error while decoding|invalid data|partial file|truncat|corrupt|invalid nal|end of file|missing picture/i;
/** The same of a packet that is cut off, as it is where recordings were joined. */
export const CORRUPT_PACKET = /corrupt (input )?packet|packet corrupt/i;
/** What ffprobe says of an MP4 without its index. */
export const INDEX_MISSING = /moov atom not found/;
/** What ffmpeg says where the last bytes could not be written; before version 6 it then ends with exit code 0. */
export const UNFINISHED = /Error (writing trailer|closing file)|No space left on device/i;
