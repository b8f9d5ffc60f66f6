import { createHash } from 'node:crypto';
import { GraphBuilder, type Value } from '#src/graph/builder.js';
import { writeModel } from '#src/graph/onnx/write.js';
import type { Dim, ElementType, Model } from '#src/graph/types.js';
import { parseManifest } from '#src/model/manifest/schema.js';
import type { Manifest } from '#src/model/manifest/types.js';
import type { Style } from '#src/model/style.js';

/** The parts of a manifest that a test changes. */
export interface Conventions {
  readonly input?: object;
  readonly output?: object;
  readonly inputs?: readonly object[];
  readonly state?: readonly object[];
  readonly detail?: number;
}

/** A network of one input `image` and one output `stylized`. */
export function network(
  body: (graph: GraphBuilder, image: Value) => Value,
  dims: readonly Dim[] = [1, 3, 'height', 'width'],
  type: ElementType = 'float32',
): Model {
  const graph = new GraphBuilder('test');
  graph.output('stylized', body(graph, graph.input('image', type, dims)));
  return graph.build();
}

/** A manifest as `preset.json` would hold it, for a model of these bytes. */
export function manifestOf(
  model: Uint8Array,
  { input = {}, output = {}, inputs, state, detail }: Conventions = {},
): object {
  return {
    format: 1,
    name: 'test',
    tier: 'lite',
    model: { sha256: createHash('sha256').update(model).digest('hex'), bytes: model.length },
    input: { name: 'image', ...input },
    output: { name: 'stylized', ...output },
    ...(inputs ? { inputs } : {}),
    ...(state ? { state } : {}),
    ...(detail === undefined ? {} : { detail }),
  };
}

/** A network as a style. */
export function styleOf(net: Model, conventions: Conventions = {}): Style {
  const model = writeModel(net);
  const manifest: Manifest = parseManifest(manifestOf(model, conventions), 'preset.json');
  return { name: 'test', manifest, model };
}

export const identity = network((g, x) => g.op('Identity', [x]));

/** `1 - x`. */
export const invert = network((g, x) => g.op('Sub', [g.scalar('float32', 1), x]));

/** Weights of a small network: the same on every run. */
export function weights(g: GraphBuilder, dims: readonly number[], gain = 1, seed = 1): Value {
  const count = dims.reduce((a, b) => a * b, 1);
  const fan = dims.slice(1).reduce((a, b) => a * b, 1);
  let state = seed * 2654435761;
  const data = Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return ((state / 2 ** 32) * 2 - 1) * gain * Math.sqrt(3 / fan);
  });
  return g.constant('float32', dims, data);
}

/** 3x3 convolution with reflection around it, as style networks have. */
export function conv(
  g: GraphBuilder,
  x: Value,
  to: number,
  { stride = 1, kernel = 3, seed = 1, gain = 1 } = {},
): Value {
  const side = (kernel - 1) / 2;
  const padded = g.op('Pad', [x, g.ints([0, 0, side, side, 0, 0, side, side])], { mode: 'reflect' });
  return g.op('Conv', [padded, weights(g, [to, x.dims[1] as number, kernel, kernel], gain, seed)], {
    strides: [stride, stride],
  });
}

/** Twice as large, by repetition. */
export function enlarge(g: GraphBuilder, x: Value): Value {
  return g.op('Resize', [x, undefined, g.constant('float32', [4], [1, 1, 2, 2])], { mode: 'nearest' });
}

/** Kinds of normalisation over the whole picture. */
export type Norm = 'none' | 'instance' | 'means' | 'pool';

export function normalise(g: GraphBuilder, x: Value, norm: Norm): Value {
  const channels = x.dims[1] as number;
  if (norm === 'none') return x;
  if (norm === 'instance') {
    const scale = g.constant('float32', [channels], new Array(channels).fill(0.9));
    const bias = g.constant('float32', [channels], new Array(channels).fill(0.05));
    return g.op('InstanceNormalization', [x, scale, bias], { epsilon: 1e-5 });
  }
  const mean = (value: Value) =>
    norm === 'pool' ? g.op('GlobalAveragePool', [value]) : g.op('ReduceMean', [value], { axes: [2, 3], keepdims: 1 });
  const centred = g.op('Sub', [x, mean(x)]);
  const variance = mean(g.op('Mul', [centred, centred]));
  return g.op('Div', [centred, g.op('Sqrt', [g.op('Add', [variance, g.scalar('float32', 1e-5)])])]);
}

/** What style networks look like: strided convolutions down to a quarter, a residual block, and up again. */
export function small(norm: Norm = 'none'): Model {
  return network((g, x) => {
    const layer = (value: Value, to: number, seed: number, stride = 1) =>
      g.op('Relu', [normalise(g, conv(g, value, to, { stride, seed, gain: 1.4 }), norm)]);
    const a = layer(x, 8, 1);
    const b = layer(a, 12, 2, 2);
    const c = layer(b, 16, 3, 2);
    const d = g.op('Add', [c, normalise(g, conv(g, layer(c, 16, 4), 16, { seed: 5 }), norm)]);
    const e = layer(enlarge(g, d), 12, 6);
    const f = layer(enlarge(g, e), 8, 7);
    return g.op('Sigmoid', [conv(g, f, 3, { seed: 8, gain: 0.5 })]);
  });
}
