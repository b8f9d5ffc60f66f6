import type { Rational } from '../../frame.js';
import type { Stretch } from '../probe/clock.js';

/** libavutil of ffmpeg 6.0: before it, what retimes packets was told another time base than theirs. */
const LEVEL_6_0 = 58;

/** Time bases that muxers have for all their streams, in ffmpeg's expressions. */
const TICKS: Readonly<Record<string, string>> = { matroska: '0.001', webm: '0.001', mpegts: '(1/90000)' };

/** MP4 takes no coarser ticks: ffmpeg halves them until they are as fine. */
const FINEST_MP4 = 10_000;

/**
 * The length of a tick of a stream's packets on their way into a muxer, in ffmpeg's expressions.
 *
 * @param encoder the time base of encoded frames
 */
export function tickOf(level: number, muxer: string, sampleRate?: number, encoder?: Rational): string {
  if (level >= LEVEL_6_0) return 'TB';
  if (TICKS[muxer]) return TICKS[muxer];
  if (sampleRate) return `(1/${sampleRate})`;
  if (!encoder) return 'TB';
  let { den } = encoder;
  while (den < FINEST_MP4) den *= 2;
  return `(${encoder.num}/${den})`;
}

/** A number of seconds in ffmpeg's expressions. */
const say = (seconds: number) => seconds.toFixed(6);

/**
 * Options that put the copied packets of a stream of output `number` on the mended clock, and cut them; none where
 * there is nothing to mend. The source's own clock has its zero at `origin` already.
 */
export function mendPackets(
  number: number,
  stream: number,
  stretches: readonly Stretch[],
  length: number,
  cut: boolean,
  tick: string,
): string[] {
  const steps = stretches.slice(1).flatMap(({ streams, offset }, i) => {
    const first = streams.get(stream)?.firstPacket;
    return first === undefined ? [] : [`${say(offset - stretches[i]!.offset)}/${tick}*gte(N,${first})`];
  });
  const bsfs = [
    ...(steps.length > 0 ? [`setts=ts='round(TS+${steps.join('+')})'`] : []),
    ...(cut ? [drop(`pts*${tick.toLowerCase()}`, length, -1e-6, tick)] : []),
  ];
  return bsfs.length > 0 ? [`-bsf:${number}`, bsfs.join(',')] : [];
}

/** A filter that puts decoded sound on the mended clock; where it jumps, the next stretch has begun. */
export function mendSamples(stream: number, stretches: readonly Stretch[], origin: number): string[] {
  const parts = stretches.flatMap(({ streams, offset }) => {
    const part = streams.get(stream);
    return part ? { begin: part.begin - origin, offset } : [];
  });
  if (parts.length < 2) return [];
  const begins = parts.slice(1).map(({ begin }, i) => `eq(ld(0),${i})*lt(abs(T-(${say(begin)})),1)`);
  const offsets = parts.map(({ offset }, i) => `eq(ld(0),${i})*${say(offset)}`);
  const jump = `(gt(N,0)*(lt(T,ld(1)-0.1)+gt(T,ld(1)+10)))`;
  return [`asetpts='st(0,ld(0)+gt(${jump}*(${begins.join('+')}),0));st(1,T);PTS+(${offsets.join('+')})/TB'`];
}

function drop(end: string, length: number, least: number, tick: string): string {
  const after = Number.isFinite(length) ? `+gte(pts*${tick.toLowerCase()},${say(length)})` : '';
  return `noise=drop='lt(${end},${say(least)})${after}'`;
}
