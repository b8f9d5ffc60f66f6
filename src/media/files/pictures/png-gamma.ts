import { crc32, deflateSync } from 'node:zlib';
import { sharp } from '../../sharp.js';

/** The first eight bytes of a PNG; its header follows. */
const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const AFTER_HEADER = 8 + 25;
/** Gamma of sRGB, and how far one may be from it without being seen (as libpng has it). */
const USUAL = 1 / 2.2;
const SAME = 0.05;
/** Chromaticities x, y of white, red, green and blue of BT.709, in hundred thousandths. */
const BT709 = [31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000] as const;
const D50 = [0.9642, 1, 0.8249] as const;
/** Bradford's cone responses: what white points are adapted in. */
const BRADFORD = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
] as const;

type Vector = readonly [number, number, number];

/**
 * A PNG whose colours are told by gamma and chromaticities (`gAMA`, `cHRM`), with an ICC profile that says the same:
 * libvips knows profiles only. Others are returned as they are. Sources: PNG specification, 11.3.2; ICC.1:2001-04.
 */
export async function withProfile(source: Uint8Array): Promise<Uint8Array> {
  let png = Buffer.from(source.buffer, source.byteOffset, source.length);
  if (!png.subarray(0, 8).equals(SIGNATURE)) return source;
  const chunks = chunksBeforePicture(png);
  if (['iCCP', 'sRGB', 'cICP'].some((name) => chunks.has(name))) return source;
  const gamma = chunks.get('gAMA')?.readUInt32BE(0);
  const told = chunks.get('cHRM');
  const places = told && told.length >= 32 ? BT709.map((_, i) => told.readUInt32BE(4 * i)) : BT709;
  const usual = !gamma || Math.abs(gamma / 1e5 / USUAL - 1) < SAME;
  if (usual && places.every((value, i) => Math.abs(value - BT709[i]!) < 1000)) return source;
  let grey = png[25] === 0 || png[25] === 4;
  if (grey && png[24] === 16) {
    // To grey of 16 bits sharp applies no profile.
    png = await sharp(source).toColourspace('rgb16').keepExif().keepXmp().png().toBuffer();
    grey = false;
  }
  const profile = iccProfile(grey, gamma ? 1e5 / gamma : 1 / USUAL, places);
  const chunk = Buffer.concat([Buffer.from('iCCPgamma\0\0', 'latin1'), deflateSync(profile)]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(chunk.length - 4);
  check.writeUInt32BE(crc32(chunk));
  return Buffer.concat([png.subarray(0, AFTER_HEADER), length, chunk, check, png.subarray(AFTER_HEADER)]);
}

function chunksBeforePicture(png: Buffer): Map<string, Buffer> {
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at + 12 <= png.length; at += 12 + png.readUInt32BE(at)) {
    const name = png.toString('latin1', at + 4, at + 8);
    if (name === 'IDAT') break;
    chunks.set(name, png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  return chunks;
}

/** A profile of one power curve, and of three primaries where it is not grey. */
function iccProfile(grey: boolean, gamma: number, places: readonly number[]): Buffer {
  const curve = Buffer.alloc(16);
  curve.write('curv', 'latin1');
  curve.writeUInt32BE(1, 8);
  curve.writeUInt16BE(Math.min(0xffff, Math.round(gamma * 256)), 12);
  const text = Buffer.concat([Buffer.from('text\0\0\0\0gamma\0', 'latin1'), Buffer.alloc(2)]);
  const named = Buffer.concat([Buffer.from('desc\0\0\0\0\0\0\0\x06gamma\0', 'latin1'), Buffer.alloc(78)]);
  const columns = primaries(places);
  const tags: [string, Buffer][] = [
    ['desc', named],
    ['cprt', text],
    ['wtpt', xyz(D50)],
    ...(grey
      ? ([['kTRC', curve]] as [string, Buffer][])
      : (['r', 'g', 'b'].flatMap((name, i) => [
          [`${name}XYZ`, xyz(columns[i]!)],
          [`${name}TRC`, curve],
        ]) as [string, Buffer][])),
  ];
  const header = Buffer.alloc(128 + 4 + 12 * tags.length);
  header.writeUInt32BE(0x02400000, 8);
  header.write(grey ? 'mntrGRAYXYZ ' : 'mntrRGB XYZ ', 12, 'latin1');
  header.write('acsp', 36, 'latin1');
  xyz(D50).copy(header, 68, 8);
  header.writeUInt32BE(tags.length, 128);
  let offset = header.length;
  for (const [i, [name, data]] of tags.entries()) {
    header.write(name, 132 + 12 * i, 'latin1');
    header.writeUInt32BE(offset, 136 + 12 * i);
    header.writeUInt32BE(data.length, 140 + 12 * i);
    offset += data.length;
  }
  header.writeUInt32BE(offset, 0);
  return Buffer.concat([header, ...tags.map(([, data]) => data)]);
}

function xyz(values: Vector): Buffer {
  const data = Buffer.alloc(20);
  data.write('XYZ ', 'latin1');
  for (const [i, value] of values.entries()) data.writeInt32BE(Math.round(value * 65536), 8 + 4 * i);
  return data;
}

/** The primaries in XYZ as seen under D50: the columns of the matrix from RGB. */
function primaries(places: readonly number[]): Vector[] {
  const at = (i: number): Vector => {
    const [x, y] = [places[2 * i]! / 1e5, places[2 * i + 1]! / 1e5];
    return [x / y, 1, (1 - x - y) / y];
  };
  const [white, ...colours] = [at(0), at(1), at(2), at(3)] as const;
  const shares = solve(colours, white);
  const [from, to] = [times(BRADFORD, white), times(BRADFORD, D50)];
  return colours.map((colour, i) => {
    const cones = times(BRADFORD, colour.map((value) => value * shares[i]!) as unknown as Vector);
    const adapted = cones.map((value, n) => (value * to[n]!) / from[n]!) as unknown as Vector;
    return solve(columnsOf(BRADFORD), adapted);
  });
}

function times(rows: readonly Vector[], vector: Vector): Vector {
  return rows.map((row) => row.reduce((sum, value, i) => sum + value * vector[i]!, 0)) as unknown as Vector;
}

function columnsOf(rows: readonly Vector[]): Vector[] {
  return [0, 1, 2].map((i) => rows.map((row) => row[i]!) as unknown as Vector);
}

/** What of three vectors makes up another (Cramer's rule). */
function solve([a, b, c]: readonly Vector[], vector: Vector): Vector {
  const volume = (x: Vector, y: Vector, z: Vector) =>
    x[0] * (y[1] * z[2] - y[2] * z[1]) - x[1] * (y[0] * z[2] - y[2] * z[0]) + x[2] * (y[0] * z[1] - y[1] * z[0]);
  const all = volume(a!, b!, c!);
  return [volume(vector, b!, c!) / all, volume(a!, vector, c!) / all, volume(a!, b!, vector) / all];
}
