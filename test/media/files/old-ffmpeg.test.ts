import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { copied, joinedBack, unevenGif } from '../../fixtures/awkward.js';
import { factsOf } from '../../fixtures/facts.js';
import { freshFolder } from '../../fixtures/ffmpeg.js';
import { copyVideo } from '../../fixtures/passthrough.js';
import { wrapper } from '../../fixtures/wrapper.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);
afterEach(() => vi.unstubAllEnvs());

/** The ffmpeg that is here, without what `setts` learnt in 5.1. */
function withoutSetts(): void {
  const body = `case " $* " in *" bsf=setts "*) "$REAL" "$@" | grep -v -- '-duration'; exit 0 ;; esac`;
  vi.stubEnv('FFMPEG_PATH', wrapper(at('old'), body));
}

test('sound on a clock that jumps is re-encoded, with a note, and stays in step', async () => {
  withoutSetts();
  const { frames, notes } = await copyVideo(joinedBack(), at('joined.mp4'));
  expect(frames).toBe(40);
  expect(notes).toEqual([
    expect.stringMatching(/^The clock of .* is set anew once: /),
    'This ffmpeg is older than 5.1 and cannot move packets: audio stream 1 (aac) is re-encoded to aac.',
  ]);
  const sound = factsOf(at('joined.mp4')).streams.find(({ type }) => type === 'audio')!;
  expect(Math.abs(sound.end - 4.066)).toBeLessThan(0.06);
  const steps = sound.times.slice(1).map((time, i) => time - sound.times[i]!);
  expect(Math.max(...steps)).toBeLessThan(0.1);
});

test('a last frame that is shown for another time than others is said', async () => {
  withoutSetts();
  const { notes } = await copyVideo(unevenGif(), at('uneven.mkv'));
  expect(notes).toEqual([
    'This ffmpeg is older than 5.1: the last frame may be shown for another time than in the source.',
  ]);
  expect((await copyVideo(copied('plain.mkv'), at('plain.mkv'))).notes).toEqual([]);
});
