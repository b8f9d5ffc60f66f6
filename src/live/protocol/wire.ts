/** Version of the wire protocol, sent in `hello` and `welcome`. */
export const PROTOCOL_VERSION = 1;

/** Content of a binary message: one JPEG, or a JPEG of the colours followed by a grey JPEG of the alpha. */
export const FRAME_KIND = { jpeg: 1, jpegWithMask: 3 } as const;

/** The header of a binary message. */
export interface FrameHeader {
  /** One of {@link FRAME_KIND}. */
  readonly kind: number;
  /** Increases from frame to frame, also when the source changes; gaps are dropped frames. */
  readonly sequence: number;
  /** Presentation time in seconds since the source began. */
  readonly pts: number;
  /** Capture time on the server's clock, in milliseconds since 1970 with fractions. */
  readonly capturedAt: number;
  /** Size in pixels, below 65,536. */
  readonly width: number;
  readonly height: number;
}

/** A parsed binary message. */
export interface FrameMessage extends FrameHeader {
  /** A JPEG: a view into the message. */
  readonly image: Uint8Array<ArrayBuffer>;
  /** The alpha as a grey JPEG of the same size (black is transparent), where the kind has one. */
  readonly mask: Uint8Array<ArrayBuffer> | undefined;
}

const MAGIC = 0x31464353; // "SCF1", read as little endian

/** Length of the header that this version writes; readers skip the rest of a longer one. */
const HEADER_BYTES = 36;

/**
 * Writes a header of {@link HEADER_BYTES} bytes, little endian: magic `SCF1`, u8 kind, u8 flags (0), u16 length of the
 * header, u32 sequence, f64 pts, f64 capturedAt, u16 width, u16 height, u32 bytes of the first picture.
 */
export function writeHeader(header: FrameHeader, imageBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint8(4, header.kind);
  view.setUint16(6, HEADER_BYTES, true);
  view.setUint32(8, header.sequence, true);
  view.setFloat64(12, header.pts, true);
  view.setFloat64(20, header.capturedAt, true);
  view.setUint16(28, header.width, true);
  view.setUint16(30, header.height, true);
  view.setUint32(32, imageBytes, true);
  return bytes;
}

/** Parses a binary message without copying; undefined where it does not belong to this protocol. */
export function readFrame(message: Uint8Array<ArrayBuffer>): FrameMessage | undefined {
  if (message.length < HEADER_BYTES) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  const start = view.getUint16(6, true);
  const end = start + view.getUint32(32, true);
  const kind = view.getUint8(4);
  const masked = kind === FRAME_KIND.jpegWithMask;
  if (view.getUint32(0, true) !== MAGIC || start < HEADER_BYTES) return undefined;
  if (masked ? end >= message.length : end !== message.length) return undefined;
  return {
    kind,
    sequence: view.getUint32(8, true),
    pts: view.getFloat64(12, true),
    capturedAt: view.getFloat64(20, true),
    width: view.getUint16(28, true),
    height: view.getUint16(30, true),
    image: message.subarray(start, end),
    mask: masked ? message.subarray(end) : undefined,
  };
}
