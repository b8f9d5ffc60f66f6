import { Tensor } from 'onnxruntime-common';
import type { GraphBuilder, Value } from '../../graph/builder.js';
import type { Manifest, PictureTensor } from '../../model/manifest/types.js';
import { vectorsOf } from '../../model/style-vectors.js';
import { affine, fromNetwork, LUMA, mirrorColumns, swap, toNetwork } from './picture-nodes.js';

/** How much of a style is shown. */
export interface Strength {
  /** 0 gives the original, 1 the full style. */
  readonly strength: number;
  /** Take only the luminance from the style. */
  readonly keepColors: boolean;
  /** How much of the source's fine detail of light is put on the painting, 0 to 1; default: what the manifest says. */
  readonly detail?: number | undefined;
}

/** How one picture is to look. */
export interface PictureLook extends Strength {
  /** Mirror left and right. */
  readonly mirror: boolean;
  /** Style vectors for a network of many, `[2 · n]`; default: those of its manifest. */
  readonly vectors?: Float32Array;
}

/** How much of the source's fine detail is put on a painting, 0 to 1. */
export function detailOf(manifest: Manifest, look: Strength): number {
  return look.detail ?? manifest.detail ?? 0;
}

/** The full style, as it is. */
export const FULL: PictureLook = { strength: 1, keepColors: false, mirror: false };

/** From levels of R, G, B of the original and the styled picture to those of the result, 0–255. */
export interface ColourMatrix {
  /** `[3, 6]`, row-major: original and styled channels, in the network's order and range, to R, G, B. */
  readonly colours: Float32Array;
  /** `[3, 1]`; undefined where it is zero for the network's range. */
  readonly shift: Float32Array | undefined;
}

/** The matrix of `original + strength * (styled - original)`, or only its luminance where colours are kept. */
export function colourMatrix({ input, output }: Manifest, { strength, keepColors }: Strength): ColourMatrix {
  const colours = new Float32Array(18);
  const shift = new Float32Array(3);
  const into = toNetwork(input);
  const back = fromNetwork(output);
  // Contribution of styled channel `from` to the change of channel `to`.
  const change = (to: number, from: number) => strength * (keepColors ? LUMA[from]! : Number(to === from));
  for (let to = 0; to < 3; to++) {
    for (let from = 0; from < 3; from++) {
      const before = channelIndex(input, from);
      colours[to * 6 + before] = (Number(to === from) - change(to, from)) / into.scale[before]!;
      const after = channelIndex(output, from);
      colours[to * 6 + 3 + after] = change(to, from) * back.scale[after]!;
      shift[to] = shift[to]! + change(to, from) * back.shift[after]!;
    }
  }
  return { colours, shift: hasShift(output) ? shift : undefined };
}

/** Index of a colour channel in the network's order. */
function channelIndex({ channels }: PictureTensor, channel: number): number {
  return channels === 'bgr' ? 2 - channel : channel;
}

function hasShift(output: PictureTensor): boolean {
  return fromNetwork(output).shift.some((value) => value !== 0);
}

/**
 * Levels 0–255 of R, G, B, `[3, H · W]`, from the original, as the network gets it but for an offset, and the styled
 * picture; both float32 `[1, 3, H, W]`. One matrix product per pixel does range, channel order, strength and colour keeping at once;
 * the full style, where it is constant, needs none.
 *
 * @param look constant, or an input: `colours` and `shift` of {@link lookFeeds}
 */
export function showLook(
  graph: GraphBuilder,
  original: Value,
  styled: Value,
  manifest: Manifest,
  look: Strength | 'input',
): Value {
  const { output } = manifest;
  const [, , height, width] = original.dims as number[];
  const flat = (value: Value) => graph.op('Reshape', [value, graph.ints([3, height! * width!])]);
  if (look !== 'input' && look.strength === 1 && !look.keepColors) {
    return flat(swap(graph, affine(graph, styled, fromNetwork(output)), output));
  }
  const known = look === 'input' ? undefined : colourMatrix(manifest, look);
  const matrix = (name: keyof ColourMatrix, dims: number[]) =>
    known ? graph.constant('float32', dims, known[name]!) : graph.input(name, 'float32', dims);
  const both = graph.op('Concat', [flat(original), flat(styled)], { axis: 0 });
  const mixed = graph.op('MatMul', [matrix('colours', [3, 6]), both]);
  return hasShift(output) ? graph.op('Add', [mixed, matrix('shift', [3, 1])]) : mixed;
}

/** The style vectors of a network of many as an input, under their name in the manifest. */
export function vectorInput(graph: GraphBuilder, { modulation }: Manifest): Record<string, Value> {
  if (!modulation) return {};
  return { [modulation.input]: graph.input(modulation.input, 'float32', [2, modulation.mean.length]) };
}

/**
 * What a network whose look is an input is fed with.
 *
 * @param width of the picture in pixels
 */
export function lookFeeds(manifest: Manifest, width: number, look: PictureLook, matrix: ColourMatrix) {
  const { colours, shift } = matrix;
  const feeds: Record<string, Tensor> = {
    colours: new Tensor('float32', colours, [3, 6]),
    detail: new Tensor('float32', Float32Array.of(detailOf(manifest, look)), []),
  };
  if (shift) feeds.shift = new Tensor('float32', shift, [3, 1]);
  const vectors = look.vectors ?? vectorsOf(manifest);
  const { modulation } = manifest;
  if (modulation && vectors) feeds[modulation.input] = new Tensor('float32', vectors, [2, modulation.mean.length]);
  return { ...feeds, ...mirrorColumns(width, look.mirror) };
}
