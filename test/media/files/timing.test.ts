import { join } from 'node:path';
import { describe } from 'vitest';
import { testKept } from '../../fixtures/case.js';
import { clip, PICTURE, SOUND, silent, X264 } from '../../fixtures/clips.js';
import { ffmpeg, freshFolder, PASSTHROUGH } from '../../fixtures/ffmpeg.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);

/** Drops frames here and there and moves the others by up to 8 ms: no rate fits. */
const UNEVEN = [
  ...['-vf', "select='gt(mod(n*7,5),1)',settb=1/90000,setpts='PTS+if(mod(N,2),700,0)'"],
  ...[...PASSTHROUGH, '-enc_time_base', '1:90000'],
];

const AAC = ['-c:a', 'aac'];

/** A clip whose picture or sound starts later than the other. */
function apart(path: string, late: 'picture' | 'sound', codec: readonly string[] = []): string {
  const wait = ['-itsoffset', '0.35'];
  const inputs = late === 'picture' ? [...wait, ...PICTURE, ...SOUND] : [...PICTURE, ...wait, ...SOUND];
  ffmpeg(...inputs, '-map', '0:v', '-map', '1:a', ...X264, ...codec, path);
  return path;
}

/** Matroska has no negative times: where the sound begins with 1024 samples to skip, everything moves by those. */
const PRIMING = 1024 / 48_000;

/** Where ffmpeg begins transport streams. What begins later than a second is put to zero. */
const TS_START = 1.4;

describe('time stamps and the start of the sound', () => {
  testKept([
    { name: 'constant rate', make: () => clip(at('constant.mp4')) },
    { name: 'variable rate', make: () => clip(at('variable.mp4'), UNEVEN) },
    { name: 'variable rate, MP4 to Matroska', make: () => clip(at('m.mp4'), UNEVEN), to: '.mkv', shift: PRIMING },
    { name: 'variable rate, Matroska', make: () => clip(at('variable.mkv'), UNEVEN) },
    { name: '29.97 frames a second', make: () => silent(at('ntsc.mp4'), ['-r', '30000/1001']) },
    { name: 'one frame', make: () => silent(at('one.mp4'), ['-frames:v', '1']) },
    { name: 'B-frames', make: () => clip(at('b.mp4'), ['-x264-params', 'b-adapt=0:bframes=3', '-preset', 'fast']) },
    {
      name: 'transport stream to MP4, both from 1.4 s',
      make: () => clip(at('start.ts')),
      to: '.mp4',
      shift: -TS_START,
    },
    { name: 'transport stream', make: () => clip(at('same.ts')), shift: -TS_START },
    { name: 'MP4 to transport stream', make: () => clip(at('to.mp4'), ['-output_ts_offset', '1']), to: '.ts' },
    { name: 'MP4 that starts at 2.5 s', make: () => clip(at('late.mp4'), ['-output_ts_offset', '2.5']), shift: -2.478 },
    {
      name: 'Matroska that starts at 2.5 s',
      make: () => clip(at('late.mkv'), ['-output_ts_offset', '2.5']),
      shift: -2.497,
    },
    { name: 'picture after sound, MP4', make: () => apart(at('picture.mp4'), 'picture') },
    { name: 'sound after picture, MP4', make: () => apart(at('sound.mp4'), 'sound') },
    { name: 'picture after sound, Matroska', make: () => apart(at('picture.mkv'), 'picture') },
    { name: 'sound after picture, Matroska', make: () => apart(at('sound.mkv'), 'sound') },
    { name: 'picture after sound, Matroska to MP4', make: () => apart(at('p.mkv'), 'picture', AAC), to: '.mp4' },
  ]);
});
