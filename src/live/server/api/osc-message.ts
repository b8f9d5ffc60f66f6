/** A value of an OSC message. */
export type OscValue = number | string | boolean | null;

/** An OSC message: where it goes, and its values. */
export interface OscMessage {
  readonly address: string;
  readonly values: readonly OscValue[];
}

/** Bundles in bundles, at most. */
const DEEPEST = 4;

/**
 * Reads a packet of OSC 1.0 (opensoundcontrol.org, specification 1.0) with the types of 1.1: a message, or a bundle of
 * messages, whose time is ignored.
 *
 * @param packet big endian; strings end with zeros and fill up to four bytes
 * @throws Error where it is not well formed
 */
export function readOsc(packet: Buffer, depth = 0): OscMessage[] {
  const at = { at: 0 };
  const address = readString(packet, at);
  if (address !== '#bundle') return [{ address, values: readValues(packet, at) }];
  if (depth >= DEEPEST) throw new Error('bundles in bundles in bundles');
  // Eight bytes of time.
  at.at += 8;
  const messages: OscMessage[] = [];
  while (at.at < packet.length) {
    const length = packet.readInt32BE(at.at);
    const end = at.at + 4 + length;
    if (length <= 0 || end > packet.length) throw new Error('an element that is longer than its bundle');
    messages.push(...readOsc(packet.subarray(at.at + 4, end), depth + 1));
    at.at = end;
  }
  return messages;
}

interface Place {
  at: number;
}

function readString(packet: Buffer, place: Place): string {
  const end = packet.indexOf(0, place.at);
  if (end < 0) throw new Error('a string without an end');
  const text = packet.toString('utf8', place.at, end);
  place.at = (end + 4) & ~3;
  return text;
}

type Read = (packet: Buffer, place: Place) => OscValue;

function number(bytes: number, read: (packet: Buffer, at: number) => number): Read {
  return (packet, place) => {
    place.at += bytes;
    return read(packet, place.at - bytes);
  };
}

/** How values are read, by their type. */
const TYPES: Readonly<Record<string, Read>> = {
  i: number(4, (packet, at) => packet.readInt32BE(at)),
  f: number(4, (packet, at) => packet.readFloatBE(at)),
  d: number(8, (packet, at) => packet.readDoubleBE(at)),
  h: number(8, (packet, at) => Number(packet.readBigInt64BE(at))),
  s: readString,
  S: readString,
  T: () => true,
  F: () => false,
  N: () => null,
};

function readValues(packet: Buffer, place: Place): OscValue[] {
  // Some senders leave out the types where there are no values.
  const types = place.at < packet.length ? readString(packet, place) : ',';
  if (!types.startsWith(',')) throw new Error('values without types');
  return [...types.slice(1)].map((type) => {
    const read = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
    if (!read) throw new Error(`a value of the type "${type}"`);
    return read(packet, place);
  });
}
