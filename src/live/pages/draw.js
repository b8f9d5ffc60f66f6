/**
 * Draws frames onto a canvas, one at a time: the connection holds back all but the newest.
 */
export class Picture {
  #canvas;
  #context;

  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
  }

  /** Resolves when the frame is drawn: true, or false when it is damaged and the last one stays. */
  async draw({ image, mask, width, height }) {
    const pictures = await Promise.all([decode(image), mask && decode(mask)]).catch(() => []);
    const [color, alpha] = pictures;
    if (!color) return false;
    this.#resize(width, height);
    this.#put(color, 'copy');
    if (alpha) {
      // The filter turns the mask's brightness into alpha.
      this.#context.filter = 'url(#brightness-to-alpha)';
      this.#put(alpha, 'destination-in');
      this.#context.filter = 'none';
    }
    for (const picture of pictures) picture?.close?.();
    return true;
  }

  /** Leaves the canvas empty: transparent. */
  clear() {
    this.#context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  #put(image, operation) {
    this.#context.globalCompositeOperation = operation;
    this.#context.drawImage(image, 0, 0, this.#canvas.width, this.#canvas.height);
  }

  #resize(width, height) {
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
  }
}

/** JPEG decoders, fastest first. The first is missing on plain http from another machine. */
const decoders = [
  async (data) => {
    const decoder = new ImageDecoder({ data, type: 'image/jpeg' });
    const { image } = await decoder.decode();
    decoder.close();
    return image;
  },
  (data) => createImageBitmap(new Blob([data], { type: 'image/jpeg' })),
  async (data) => {
    const image = new Image();
    image.src = URL.createObjectURL(new Blob([data], { type: 'image/jpeg' }));
    await image.decode().finally(() => URL.revokeObjectURL(image.src));
    return image;
  },
];
let usable = decoders.filter((_, at) => [self.ImageDecoder, self.createImageBitmap, self.Image][at]);

async function decode(data) {
  for (const [at, decoder] of usable.entries()) {
    try {
      const image = await decoder(data);
      // A decoder that failed where the next one succeeded would fail again.
      if (at > 0) usable = usable.slice(at);
      return image;
    } catch {}
  }
  throw new Error(`${data.length} bytes that are no picture`);
}
