import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { type Case, testKept } from '../../fixtures/case.js';
import { PICTURE, rotate, silent } from '../../fixtures/clips.js';
import { ffmpeg, freshFolder } from '../../fixtures/ffmpeg.js';
import { colourTags } from '../../fixtures/kept.js';
import { meanError, rgbFrames, saturation, videoStream } from '../../fixtures/readback.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);

const VP9 = ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-crf', '10', '-b:v', '0'];
const HEVC_10 = [
  '-c:v',
  'libx265',
  '-preset',
  'ultrafast',
  '-x265-params',
  'log-level=error',
  '-pix_fmt',
  'yuv420p10le',
];
const ODD = '321x181 is odd: encoded as 4:4:4 to keep the size. Some players want even sizes (--size).';
const DEINTERLACED = 'The source is interlaced: it is deinterlaced, one frame out for each frame in.';

/** The colour tags of the copy are the source's. */
const sameTags: Case['also'] = (source, result) => expect(colourTags(result)).toEqual(colourTags(source));

/** Converts to a matrix, and tags as the options say. */
function coloured(name: string, matrix: string, range: string, tags: readonly string[], size = '320:180'): string {
  const filter = `scale=${size}:out_color_matrix=${matrix}:out_range=${range}:flags=accurate_rnd,format=yuv420p`;
  return silent(at(name), ['-vf', filter, ...tags]);
}

/** RGB as an ffmpeg of today writes it: with tags. */
function rgb(path: string): string {
  ffmpeg(...PICTURE, '-c:v', 'ffv1', '-pix_fmt', 'bgr0', path);
  return path;
}

function tags(matrix: string, primaries: string, transfer: string, range: string): string[] {
  return ['-colorspace', matrix, '-color_primaries', primaries, '-color_trc', transfer, '-color_range', range];
}

describe('size and shape', () => {
  testKept([
    { name: 'turned by 90 degrees', make: () => rotate(silent(at('90.mp4')), 90) },
    { name: 'turned by 180 degrees', make: () => rotate(silent(at('180.mp4')), 180) },
    { name: 'turned by 270 degrees', make: () => rotate(silent(at('270.mp4')), 270) },
    { name: 'turned, to Matroska', make: () => rotate(silent(at('t.mp4')), 90), to: '.mkv' },
    { name: 'tall pixels', make: () => silent(at('sar.mp4'), ['-vf', 'setsar=8/9']) },
    { name: 'wide pixels, turned', make: () => rotate(silent(at('sar90.mp4'), ['-vf', 'setsar=4/3']), 90) },
    { name: 'odd size in VP9', make: () => silent(at('odd.webm'), ['-s', '321x181'], VP9) },
    {
      name: 'odd size from VP9 to H.264',
      make: () => silent(at('o.webm'), ['-s', '321x181'], VP9),
      to: '.mp4',
      notes: [ODD],
    },
    {
      name: 'odd size in 4:4:4',
      make: () => silent(at('odd444.mp4'), ['-s', '321x181', '-pix_fmt', 'yuv444p']),
      notes: [ODD],
      also: (_, result) => expect(videoStream(result).pix_fmt).toBe('yuv444p'),
    },
    {
      name: 'even size in 4:4:4',
      make: () => silent(at('444.mp4'), ['-pix_fmt', 'yuv444p']),
      also: (_, result) => expect(videoStream(result).pix_fmt).toBe('yuv444p'),
    },
    { name: '4:2:2', make: () => silent(at('422.mp4'), ['-pix_fmt', 'yuv422p']) },
    { name: 'grey', make: () => silent(at('grey.mp4'), ['-pix_fmt', 'gray']) },
    {
      name: 'RGB',
      make: () => rgb(at('rgb.mkv')),
      also: (_, result) =>
        expect(colourTags(result)).toEqual({ matrix: 'bt709', primaries: 'bt709', transfer: 'bt709', range: 'pc' }),
    },
    { name: '10 bits in HEVC', make: () => silent(at('10.mp4'), [], HEVC_10) },
    { name: '10 bits in H.264', make: () => silent(at('hi10.mp4'), ['-pix_fmt', 'yuv420p10le']) },
    { name: 'HEVC to HEVC', make: () => silent(at('hevc.mp4'), [], HEVC_10), options: { codec: 'hevc' } },
  ]);
});

describe('colour', () => {
  testKept([
    { name: 'SD without tags', make: () => coloured('sd.mp4', 'smpte170m', 'tv', []) },
    { name: 'HD without tags', make: () => coloured('hd.mp4', 'bt709', 'tv', ['-frames:v', '3'], '1280:720') },
    {
      name: 'BT.601',
      make: () => coloured('601.mp4', 'smpte170m', 'tv', tags('smpte170m', 'smpte170m', 'smpte170m', 'tv')),
      also: sameTags,
    },
    {
      name: 'BT.709',
      make: () => coloured('709.mp4', 'bt709', 'tv', tags('bt709', 'bt709', 'bt709', 'tv')),
      also: sameTags,
    },
    {
      name: 'BT.2020 in standard range',
      make: () => coloured('2020.mp4', 'bt2020nc', 'tv', tags('bt2020nc', 'bt2020', 'bt2020-10', 'tv')),
      also: sameTags,
    },
    {
      name: 'full range',
      make: () => coloured('full.mp4', 'bt709', 'pc', tags('bt709', 'bt709', 'bt709', 'pc')),
      also: sameTags,
    },
    {
      name: 'full range, turned',
      make: () => rotate(coloured('f90.mp4', 'bt709', 'pc', tags('bt709', 'bt709', 'bt709', 'pc')), 90),
      also: sameTags,
    },
    {
      name: 'BT.709 to VP9',
      make: () => coloured('vp9.mp4', 'bt709', 'tv', tags('bt709', 'bt709', 'bt709', 'tv')),
      to: '.webm',
      also: sameTags,
    },
    {
      name: 'full range to HEVC',
      make: () => coloured('fh.mp4', 'bt709', 'pc', tags('bt709', 'bt709', 'bt709', 'pc')),
      options: { codec: 'hevc' },
      also: sameTags,
    },
  ]);
});

describe('high dynamic range', () => {
  /** The picture as HDR with its white at 203 nits, as BT.2408 wants it. */
  const hdr = (name: string, transfer: string, tagged = true) => {
    const linear = 'zscale=min=170m:tin=709:pin=709:rin=tv:p=2020:m=gbr:t=linear:npl=203,format=gbrpf32le';
    const wide = `zscale=t=${transfer}:m=2020_ncl:r=tv:npl=203,format=yuv420p10le`;
    const colours = tagged ? `:colorprim=bt2020:colormatrix=bt2020nc` : '';
    const x265 = `log-level=error:transfer=${transfer}${colours}`;
    return silent(
      at(name),
      ['-vf', `${linear},${wide}`, '-frames:v', '5'],
      ['-c:v', 'libx265', '-preset', 'ultrafast', '-crf', '5', '-x265-params', x265],
    );
  };
  /** Against the picture before it became HDR: neither dark nor pale. */
  const looksAlike: Case['also'] = (_, result) => {
    expect(colourTags(result)).toEqual({ matrix: 'bt709', primaries: 'bt709', transfer: 'bt709', range: 'tv' });
    const original = rgbFrames(silent(at('sdr.mp4')))[0]!;
    const mapped = rgbFrames(result)[0]!;
    expect(meanError(original, mapped)).toBeLessThan(5);
    const ratio = saturation(mapped) / saturation(original);
    expect(ratio).toBeGreaterThan(0.95);
    expect(ratio).toBeLessThan(1.1);
  };
  const said = (name: string) => [`The source is ${name}: it is tone-mapped to BT.709.`];
  testKept([
    { name: 'PQ', make: () => hdr('pq.mp4', 'smpte2084'), filters: false, notes: said('HDR10 (PQ)'), also: looksAlike },
    {
      name: 'PQ that says nothing else',
      make: () => hdr('bare.mp4', 'smpte2084', false),
      filters: false,
      notes: said('HDR10 (PQ)'),
      also: looksAlike,
    },
    { name: 'HLG', make: () => hdr('hlg.mp4', 'arib-std-b67'), filters: false, notes: said('HLG'), also: looksAlike },
  ]);
});

describe('interlaced', () => {
  const woven = (name: string, first: 'top' | 'bottom') =>
    silent(at(name), [
      '-vf',
      `setfield=${first === 'top' ? 'tff' : 'bff'}`,
      '-flags',
      '+ilme+ildct',
      '-x264-params',
      first === 'top' ? 'tff=1' : 'bff=1',
      '-preset',
      'fast',
    ]);
  const progressive: Case['also'] = (_, result) =>
    expect(videoStream(result).field_order ?? 'progressive').toBe('progressive');
  testKept([
    {
      name: 'top field first',
      make: () => woven('tt.mp4', 'top'),
      filters: ['bwdif=mode=send_frame'],
      notes: [DEINTERLACED],
      also: progressive,
    },
    {
      name: 'bottom field first',
      make: () => woven('bb.mp4', 'bottom'),
      filters: ['bwdif=mode=send_frame'],
      notes: [DEINTERLACED],
      also: progressive,
    },
  ]);
});
