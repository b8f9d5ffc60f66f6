import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MediaError } from '#src/errors.js';
import * as made from '../../fixtures/awkward.js';
import { type FileFacts, factsOf } from '../../fixtures/facts.js';
import { freshFolder } from '../../fixtures/ffmpeg.js';
import { copyVideo } from '../../fixtures/passthrough.js';

const folder = freshFolder();
/** Cuts of each file: other ones each time, and more where asked for. */
const CUTS = Number(process.env.FUZZ_CUTS ?? 4);
/** Seconds by which containers and rounding may move an edge. */
const EDGE = 0.0025;

const SOURCES: Record<string, () => string> = {
  ...{ base: made.base, broadcast: made.broadcast, 'late picture': made.latePicture, hour: made.fromAnHour },
  ...{ 'joined back': made.joinedBack, 'joined forward': made.joinedForward, thrice: made.joinedThrice },
  ...{ 'over a wrap': made.joinedOverWrap, wrapped: made.wrapped, disc: made.disc, playlist: made.playlist },
  ...{ 'chapters in MP4': () => made.chaptered('.mp4'), 'chapters in Matroska': () => made.chaptered('.mkv') },
  ...{ cover: () => made.covered('mjpeg', '.mp4'), timecode: made.timecoded, GIF: made.unevenGif, one: made.oneFrame },
  ...{
    LPCM: () => made.sounding('bluray.m2ts', 'pcm_bluray'),
    ADPCM: () => made.sounding('adpcm.mov', 'adpcm_ima_qt'),
  },
  ...{ telephone: made.telephone, languages: made.languages, programmes: made.programmes, purposes: made.purposes },
};
const OUTPUTS = ['.mp4', '.mkv', '.mov', '.ts'];

/** Numbers in [0, 1) from a seed: mulberry32. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const seedOf = (name: string) => Number(process.env[name] ?? Math.floor(Math.random() * 2 ** 31));
const places = seedOf('FUZZ_PLACES');
const outputs = seedOf('FUZZ_OUTPUTS');

const pictureOf = ({ streams }: FileFacts) =>
  streams.find(({ type, disposition }) => type === 'video' && !disposition.attached_pic);

describe.concurrent(`cut anywhere (FUZZ_PLACES=${places} FUZZ_OUTPUTS=${outputs})`, () => {
  test.for(Object.entries(SOURCES))('%s', { timeout: 300_000 }, async ([name, make]) => {
    const source = make();
    const at = (file: string) => join(folder, `${name}-${file}`);
    const [place, choose] = [numbers(places + name.length), numbers(outputs + name.length)];
    const { info } = await copyVideo(source, at('whole.mp4'));
    // On the clock that cuts are told in: from the beginning of the earliest stream.
    const late = Math.abs(info.startTime) > 1 ? 0 : info.startTime;
    const times = pictureOf(factsOf(at('whole.mp4')))!.times.map((time) => time - late);
    const length = info.duration!;
    const sounds = info.others.filter(({ type, elsewhere }) => type === 'audio' && !elsewhere).length;
    for (let n = 0; n < CUTS; n++) {
      const start = Math.round(place() * length * 1000) / 1000;
      const duration = Math.round((0.02 + place() * length) * 1000) / 1000;
      const to = OUTPUTS[Math.floor(choose() * OUTPUTS.length)]!;
      const what = `${name} to ${to}, ${start} s, for ${duration} s`;
      const within = (slack: number) =>
        times.filter((time) => time >= start - slack && time < start + duration + slack).length;
      const output = at(`${n}${to}`);
      try {
        const { frames } = await copyVideo(source, output, { start, duration });
        expect(frames, what).toBeLessThanOrEqual(within(EDGE));
        expect(frames, what).toBeGreaterThanOrEqual(within(-EDGE));
        const facts = factsOf(output);
        const picture = pictureOf(facts);
        expect(picture?.times.length, `frames in ${what}`).toBe(frames);
        expect(picture!.times[0], what).toBeGreaterThanOrEqual(0);
        // Where sound begins with samples to skip, Matroska and transport streams move everything by those.
        expect(picture!.times.at(-1), what).toBeLessThan(duration + 0.06);
        const heard = facts.streams.filter(({ type }) => type === 'audio');
        expect(heard.length, `sound of ${what}`).toBe(sounds);
        for (const { times: all, end } of heard.filter(({ times: { length } }) => length > 0)) {
          expect(end, `sound of ${what}`).toBeLessThan(duration + 0.12);
          const steps = all.slice(1).map((time, i) => time - all[i]!);
          expect(Math.max(0, ...steps), `hole in the sound of ${what}`).toBeLessThan(0.12);
        }
      } catch (error) {
        if (!(error instanceof MediaError)) throw error;
        expect([error.code, error.message], what).toEqual(['MEDIA_NO_FRAMES', expect.any(String)]);
        expect(within(-EDGE), `${what}: ${error.message}`).toBe(0);
      }
    }
  });
});
