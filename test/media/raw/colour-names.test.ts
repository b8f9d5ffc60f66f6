import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { colourOption } from '#src/media/raw/filters.js';
import { ffmpeg, freshFolder } from '../../fixtures/ffmpeg.js';
import { colourTags } from '../../fixtures/kept.js';
import { copyVideo } from '../../fixtures/passthrough.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);

/** All values that ffprobe names, in H.273's numbers. */
const MATRICES: Record<string, number> = {
  ...{ bt709: 1, fcc: 4, bt470bg: 5, smpte170m: 6, smpte240m: 7, ycgco: 8, bt2020nc: 9, bt2020c: 10, smpte2085: 11 },
  ...{ 'chroma-derived-nc': 12, 'chroma-derived-c': 13, ictcp: 14 },
};
const PRIMARIES: Record<string, number> = {
  ...{ bt709: 1, bt470m: 4, bt470bg: 5, smpte170m: 6, smpte240m: 7, film: 8, bt2020: 9, smpte428: 10, smpte431: 11 },
  ...{ smpte432: 12, ebu3213: 22 },
};
const TRANSFERS: Record<string, number> = {
  ...{ bt709: 1, bt470m: 4, bt470bg: 5, smpte170m: 6, smpte240m: 7, linear: 8, log100: 9, log316: 10 },
  ...{ 'iec61966-2-4': 11, bt1361e: 12, 'iec61966-2-1': 13, 'bt2020-10': 14, 'bt2020-12': 15, smpte428: 17 },
};
/** Matrices that swscale applies; other sources become BT.709, and BT.2020 of constant luminance the other BT.2020. */
const KEPT = ['bt709', 'fcc', 'bt470bg', 'smpte170m', 'smpte240m', 'bt2020nc'];

/** What zscale cannot convert with such a transfer. */
const UNREAD = ['bt2020c log316', 'ictcp bt2020-10', 'smpte2085 iec61966-2-4'];

/** A clip whose H.264 says these numbers. */
function clip(matrix: number, primaries: number, transfer: number): string {
  const path = at(`${matrix}-${primaries}-${transfer}.mp4`);
  const tags = `matrix_coefficients=${matrix}:colour_primaries=${primaries}:transfer_characteristics=${transfer}`;
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=64x48:rate=5:duration=0.4', '-pix_fmt', 'yuv420p'];
  ffmpeg(...picture, '-c:v', 'libx264', '-bsf:v', `h264_metadata=${tags}`, path);
  return path;
}

describe('every colour that ffprobe names comes through', () => {
  const entries = (table: Record<string, number>) => Object.entries(table);
  const rows = entries(TRANSFERS).map(([transfer, number], i) => {
    const [matrix, m] = entries(MATRICES)[i % entries(MATRICES).length]!;
    const [primaries, p] = entries(PRIMARIES)[i % entries(PRIMARIES).length]!;
    return { matrix, primaries, transfer, numbers: [m, p, number] as const };
  });

  test.each(rows)('$matrix, $primaries, $transfer', async ({ matrix, primaries, transfer, numbers }) => {
    const source = clip(...numbers);
    // Both directions: what is written is read as what it was.
    const told = { matrix, primaries, transfer };
    expect(colourTags(source)).toMatchObject(told);
    const { notes } = await copyVideo(source, `${source}.mkv`);
    const kept = KEPT.includes(matrix) ? matrix : matrix === 'bt2020c' ? 'bt2020nc' : 'bt709';
    const lost = primaries === 'ebu3213';
    expect(colourTags(`${source}.mkv`)).toEqual({
      ...{ matrix: kept, primaries: lost ? undefined : primaries, transfer, range: 'tv' },
    });
    // What cannot be read or written is said.
    const unread = expect.stringMatching(`^The source's matrix is ${matrix}, `) as string;
    const untold = expect.stringMatching(/^The source's primaries \(EBU 3213\)/) as string;
    expect(notes).toEqual([...(UNREAD.includes(`${matrix} ${transfer}`) ? [unread] : []), ...(lost ? [untold] : [])]);
  });

  test('in the words of options', () => {
    expect(colourOption('transfer', 'bt470m')).toBe('gamma22');
    expect(colourOption('transfer', 'bt470bg')).toBe('gamma28');
    expect(colourOption('matrix', 'gbr')).toBe('rgb');
    expect(colourOption('primaries', 'bt470bg')).toBe('bt470bg');
  });
});
