import { numbersOf, sizeOf } from '#src/graph/elements.js';
import type { Attribute, Graph, Node } from '#src/graph/types.js';

// The oracle of the gradient tests: the op table executed in double precision, one element at a time, written for
// clarity from the ONNX operator specification and sharing nothing with the code under test.

/** A tensor in double precision. */
export interface Doubles {
  dims: number[];
  data: Float64Array;
}

type Kernel = (call: Call) => Doubles | Doubles[];

class Call {
  constructor(
    readonly node: Node,
    readonly inputs: (Doubles | undefined)[],
  ) {}
  at(i: number): Doubles {
    return this.inputs[i]!;
  }
  list(i: number): number[] | undefined {
    return this.inputs[i] && [...this.inputs[i].data];
  }
  get(name: string): Attribute['value'] | undefined {
    return this.node.attributes.get(name)?.value;
  }
  number(name: string, otherwise: number): number {
    return (this.get(name) as number | undefined) ?? otherwise;
  }
  numbers(name: string): number[] | undefined {
    return this.get(name) as number[] | undefined;
  }
}

/** Builds a tensor from a function of its index. */
function fill(dims: number[], value: (index: number[]) => number): Doubles {
  const data = new Float64Array(sizeOf(dims));
  const index = dims.map(() => 0);
  for (let i = 0; i < data.length; i++) {
    data[i] = value(index);
    for (let axis = dims.length - 1; axis >= 0 && ++index[axis]! === dims[axis]; axis--) index[axis] = 0;
  }
  return { dims, data };
}

/** The element at an index; axes of size 1 stretch, missing leading axes are ignored. */
function pick({ dims, data }: Doubles, index: readonly number[]): number {
  let at = 0;
  for (let axis = 0; axis < dims.length; axis++) {
    const i = index[axis + index.length - dims.length]!;
    at = at * dims[axis]! + (dims[axis] === 1 ? 0 : i);
  }
  return data[at]!;
}

function inside({ dims }: Doubles, index: readonly number[]): boolean {
  return index.every((i, axis) => i >= 0 && i < dims[axis]!);
}

function stretched(shapes: number[][]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    return sizes.find((size) => size !== 1) ?? 1;
  });
}

const each =
  (f: (values: number[], call: Call) => number): Kernel =>
  (call) => {
    const inputs = call.inputs.filter((input) => input !== undefined);
    return fill(stretched(inputs.map((input) => input.dims)), (index) =>
      f(
        inputs.map((input) => pick(input, index)),
        call,
      ),
    );
  };

/** Abramowitz and Stegun's series would do; the integral is plainer: erf(x) = 2/√π ∫ exp(−t²) dt, by Simpson. */
function erf(x: number): number {
  const steps = 400;
  let sum = 0;
  for (let i = 0; i <= steps; i++)
    sum += Math.exp(-(((x * i) / steps) ** 2)) * (i === 0 || i === steps ? 1 : i % 2 ? 4 : 2);
  return ((2 / Math.sqrt(Math.PI)) * sum * x) / steps / 3;
}

const reduce =
  (
    start: number,
    step: (total: number, x: number) => number,
    end: (total: number, count: number) => number = (t) => t,
  ): Kernel =>
  (call) => {
    const x = call.at(0);
    const given = call.list(1) ?? call.numbers('axes') ?? [];
    const none = given.length === 0 && call.number('noop_with_empty_axes', 0) === 1;
    const axes = none
      ? []
      : given.length === 0
        ? x.dims.map((_, axis) => axis)
        : given.map((axis) => (axis + x.dims.length) % x.dims.length);
    const kept = x.dims.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const folded = x.dims.map((size, axis) => (axes.includes(axis) ? size : 1));
    const result = fill(kept, (index) => {
      let total = start;
      fill(folded, (inner) => {
        total = step(
          total,
          pick(
            x,
            index.map((i, axis) => (axes.includes(axis) ? inner[axis]! : i)),
          ),
        );
        return 0;
      });
      return end(total, sizeOf(folded));
    });
    if (call.number('keepdims', 1) === 1) return result;
    return { dims: kept.filter((_, axis) => !axes.includes(axis)), data: result.data };
  };

const reshape = (dims: number[], x: Doubles): Doubles => ({ dims, data: x.data });

function window(call: Call, kernel: number[]) {
  return {
    kernel,
    strides: call.numbers('strides') ?? kernel.map(() => 1),
    pads: call.numbers('pads') ?? kernel.flatMap(() => [0, 0]),
    dilations: call.numbers('dilations') ?? kernel.map(() => 1),
    group: call.number('group', 1),
  };
}

const conv: Kernel = (call) => {
  const [x, w, bias] = [call.at(0), call.at(1), call.inputs[2]];
  const [out, inner, ...kernel] = w.dims as [number, number, number, number];
  const { strides, pads, dilations, group } = window(call, kernel);
  const sizes = kernel.map(
    (k, i) => Math.floor((x.dims[i + 2]! + pads[i]! + pads[i + 2]! - (k - 1) * dilations[i]! - 1) / strides[i]!) + 1,
  );
  return fill([x.dims[0]!, out, ...sizes], ([n, o, y, c]) => {
    let sum = bias ? bias.data[o!]! : 0;
    for (let i = 0; i < inner; i++) {
      for (let ky = 0; ky < kernel[0]!; ky++) {
        for (let kx = 0; kx < kernel[1]!; kx++) {
          const channel = Math.floor(o! / (out / group)) * inner + i;
          const at = [
            n!,
            channel,
            y! * strides[0]! - pads[0]! + ky * dilations[0]!,
            c! * strides[1]! - pads[1]! + kx * dilations[1]!,
          ];
          if (inside(x, at)) sum += pick(x, at) * pick(w, [o!, i, ky, kx]);
        }
      }
    }
    return sum;
  });
};

/** Scatters every input pixel, as the operator is defined. */
const convTranspose: Kernel = (call) => {
  const [x, w, bias] = [call.at(0), call.at(1), call.inputs[2]];
  const [channels, perGroup, ...kernel] = w.dims as [number, number, number, number];
  const { strides, pads, group } = window(call, kernel);
  const extra = call.numbers('output_padding') ?? [0, 0];
  const sizes = kernel.map((k, i) => strides[i]! * (x.dims[i + 2]! - 1) + extra[i]! + k - pads[i]! - pads[i + 2]!);
  const result = fill([x.dims[0]!, perGroup * group, ...sizes], ([, o]) => bias?.data[o!] ?? 0);
  fill(x.dims, ([n, c, y, column]) => {
    for (let o = 0; o < perGroup; o++) {
      for (let ky = 0; ky < kernel[0]!; ky++) {
        for (let kx = 0; kx < kernel[1]!; kx++) {
          const channel = Math.floor(c! / (channels / group)) * perGroup + o;
          const at = [n!, channel, y! * strides[0]! - pads[0]! + ky, column! * strides[1]! - pads[1]! + kx];
          if (!inside(result, at)) continue;
          const flat = ((at[0]! * result.dims[1]! + at[1]!) * result.dims[2]! + at[2]!) * result.dims[3]! + at[3]!;
          result.data[flat]! += pick(x, [n!, c!, y!, column!]) * pick(w, [c!, o, ky, kx]);
        }
      }
    }
    return 0;
  });
  return result;
};

const pool =
  (fold: (values: number[], size: number) => number): Kernel =>
  (call) => {
    const x = call.at(0);
    const { kernel, strides, pads } = window(call, call.numbers('kernel_shape')!);
    const sizes = kernel.map((k, i) => Math.floor((x.dims[i + 2]! + pads[i]! + pads[i + 2]! - k) / strides[i]!) + 1);
    return fill([x.dims[0]!, x.dims[1]!, ...sizes], ([n, c, y, column]) => {
      const values: number[] = [];
      for (let ky = 0; ky < kernel[0]!; ky++) {
        for (let kx = 0; kx < kernel[1]!; kx++) {
          const at = [n!, c!, y! * strides[0]! - pads[0]! + ky, column! * strides[1]! - pads[1]! + kx];
          if (inside(x, at)) values.push(pick(x, at));
        }
      }
      return fold(values, kernel[0]! * kernel[1]!);
    });
  };

const matMul: Kernel = (call) => {
  const [a, b] = [call.at(0), call.at(1)];
  const batch = stretched([a.dims.slice(0, -2), b.dims.slice(0, -2)]);
  const dims = [...batch, a.dims.at(-2)!, b.dims.at(-1)!];
  return fill(dims, (index) => {
    const [m, n] = [index.at(-2)!, index.at(-1)!];
    let sum = 0;
    for (let k = 0; k < a.dims.at(-1)!; k++)
      sum += pick(a, [...index.slice(0, -2), m, k]) * pick(b, [...index.slice(0, -2), k, n]);
    return sum;
  });
};

const gemm: Kernel = (call) => {
  const [a, b, c] = [call.at(0), call.at(1), call.inputs[2]];
  const [ta, tb] = [call.number('transA', 0), call.number('transB', 0)];
  const [m, inner] = ta ? [a.dims[1]!, a.dims[0]!] : [a.dims[0]!, a.dims[1]!];
  return fill([m, tb ? b.dims[0]! : b.dims[1]!], ([i, j]) => {
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += pick(a, ta ? [k, i!] : [i!, k]) * pick(b, tb ? [j!, k] : [k, j!]);
    return call.number('alpha', 1) * sum + (c ? call.number('beta', 1) * pick(c, [i!, j!]) : 0);
  });
};

const pad: Kernel = (call) => {
  const x = call.at(0);
  const pads = call.list(1)!;
  const mode = (call.get('mode') as string | undefined) ?? 'constant';
  const rank = x.dims.length;
  return fill(
    x.dims.map((size, axis) => size + pads[axis]! + pads[axis + rank]!),
    (index) => {
      const at = index.map((i, axis) => {
        const [inner, size] = [i - pads[axis]!, x.dims[axis]!];
        if (mode === 'edge') return Math.min(Math.max(inner, 0), size - 1);
        if (mode === 'reflect') return inner < 0 ? -inner : inner >= size ? 2 * (size - 1) - inner : inner;
        return inner;
      });
      return inside(x, at) ? pick(x, at) : (call.inputs[2]?.data[0] ?? 0);
    },
  );
};

const slice: Kernel = (call) => {
  const x = call.at(0);
  const [starts, ends] = [call.list(1)!, call.list(2)!];
  const axes = (call.list(3) ?? starts.map((_, axis) => axis)).map((axis) => (axis + x.dims.length) % x.dims.length);
  const steps = call.list(4) ?? starts.map(() => 1);
  const picked = x.dims.map((size, axis) => {
    const i = axes.indexOf(axis);
    if (i < 0) return Array.from({ length: size }, (_, at) => at);
    const at = (value: number) => (value < 0 ? value + size : value);
    const step = steps[i]!;
    const first = step > 0 ? Math.max(at(starts[i]!), 0) : Math.min(at(starts[i]!), size - 1);
    const last = step > 0 ? Math.min(at(ends[i]!), size) : Math.max(at(ends[i]!), -1);
    const list = Array.from({ length: Math.max(0, Math.ceil((last - first) / step)) }, (_, k) => first + k * step);
    return list;
  });
  return fill(
    picked.map((list) => list.length),
    (index) =>
      pick(
        x,
        index.map((i, axis) => picked[axis]![i]!),
      ),
  );
};

const resize: Kernel = (call) => {
  const x = call.at(0);
  const scales = call.list(2)?.length ? call.list(2)! : call.list(3)!.map((size, axis) => size / x.dims[axis]!);
  const sizes = x.dims.map((size, axis) => Math.floor(size * scales[axis]! + 1e-9));
  const where = (call.get('coordinate_transformation_mode') as string | undefined) ?? 'half_pixel';
  const position = (i: number, axis: number) => {
    if (where === 'asymmetric') return i / scales[axis]!;
    if (where === 'align_corners') return sizes[axis] === 1 ? 0 : (i * (x.dims[axis]! - 1)) / (sizes[axis]! - 1);
    return (i + 0.5) / scales[axis]! - 0.5;
  };
  const clamp = (i: number, axis: number) => Math.min(Math.max(i, 0), x.dims[axis]! - 1);
  return fill(sizes, (index) => {
    const at = index.map((i, axis) => clamp(position(i, axis), axis));
    if (((call.get('mode') as string | undefined) ?? 'nearest') === 'nearest')
      return pick(
        x,
        at.map((i) => Math.floor(i + (where === 'asymmetric' ? 0 : 0.5 - 1e-9))),
      );
    let sum = 0;
    for (const [dy, dx] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ] as const) {
      const [y, column] = [at[2]!, at[3]!];
      const weight = (dy ? y % 1 : 1 - (y % 1)) * (dx ? column % 1 : 1 - (column % 1));
      sum += weight * pick(x, [at[0]!, at[1]!, clamp(Math.floor(y) + dy, 2), clamp(Math.floor(column) + dx, 3)]);
    }
    return sum;
  });
};

const instanceNorm: Kernel = (call) => {
  const [x, scale, bias] = [call.at(0), call.at(1), call.at(2)];
  const size = sizeOf(x.dims.slice(2));
  const data = new Float64Array(x.data.length);
  for (let start = 0; start < data.length; start += size) {
    const channel = (start / size) % x.dims[1]!;
    const pixels = x.data.slice(start, start + size);
    const mean = pixels.reduce((a, b) => a + b) / size;
    const variance = pixels.reduce((a, b) => a + (b - mean) ** 2, 0) / size;
    pixels.forEach((pixel, i) => {
      data[start + i] =
        (scale.data[channel]! * (pixel - mean)) / Math.sqrt(variance + call.number('epsilon', 1e-5)) +
        bias.data[channel]!;
    });
  }
  return { dims: x.dims, data };
};

const depthToSpace: Kernel = (call) => {
  const x = call.at(0);
  const block = call.number('blocksize', 1);
  const [n, c, h, w] = x.dims as [number, number, number, number];
  const channels = c / block ** 2;
  return fill([n, channels, h * block, w * block], ([i, channel, y, column]) => {
    const cell = (y! % block) * block + (column! % block);
    const from = call.get('mode') === 'CRD' ? channel! * block ** 2 + cell : cell * channels + channel!;
    return pick(x, [i!, from, Math.floor(y! / block), Math.floor(column! / block)]);
  });
};

const softmax: Kernel = (call) => {
  const x = call.at(0);
  const axis = (call.number('axis', -1) + x.dims.length) % x.dims.length;
  return fill(x.dims, (index) => {
    let total = 0;
    for (let i = 0; i < x.dims[axis]!; i++) total += Math.exp(pick(x, index.with(axis, i)));
    return Math.exp(pick(x, index)) / total;
  });
};

const KERNELS: Record<string, Kernel> = {
  Abs: each(([x]) => Math.abs(x!)),
  Ceil: each(([x]) => Math.ceil(x!)),
  Cos: each(([x]) => Math.cos(x!)),
  Elu: each(([x], call) => (x! > 0 ? x! : call.number('alpha', 1) * (Math.exp(x!) - 1))),
  Erf: each(([x]) => erf(x!)),
  Exp: each(([x]) => Math.exp(x!)),
  Floor: each(([x]) => Math.floor(x!)),
  HardSigmoid: each(([x], call) => Math.min(Math.max(call.number('alpha', 0.2) * x! + call.number('beta', 0.5), 0), 1)),
  Identity: each(([x]) => x!),
  LeakyRelu: each(([x], call) => (x! > 0 ? x! : call.number('alpha', 0.01) * x!)),
  Log: each(([x]) => Math.log(x!)),
  Neg: each(([x]) => -x!),
  Reciprocal: each(([x]) => 1 / x!),
  Relu: each(([x]) => Math.max(x!, 0)),
  Round: each(([x]) => Math.round(x!)),
  Sigmoid: each(([x]) => 1 / (1 + Math.exp(-x!))),
  Sign: each(([x]) => Math.sign(x!)),
  Sin: each(([x]) => Math.sin(x!)),
  Softplus: each(([x]) => Math.log(1 + Math.exp(x!))),
  Sqrt: each(([x]) => Math.sqrt(x!)),
  Tanh: each(([x]) => Math.tanh(x!)),
  Cast: each(([x]) => x!),
  Add: each(([x, y]) => x! + y!),
  Sub: each(([x, y]) => x! - y!),
  Mul: each(([x, y]) => x! * y!),
  Div: each(([x, y]) => x! / y!),
  Pow: each(([x, y]) => x! ** y!),
  PRelu: each(([x, slope]) => (x! > 0 ? x! : slope! * x!)),
  Equal: each(([x, y]) => Number(x === y)),
  Greater: each(([x, y]) => Number(x! > y!)),
  GreaterOrEqual: each(([x, y]) => Number(x! >= y!)),
  Less: each(([x, y]) => Number(x! < y!)),
  LessOrEqual: each(([x, y]) => Number(x! <= y!)),
  And: each(([x, y]) => Number(x !== 0 && y !== 0)),
  Where: each(([condition, x, y]) => (condition ? x! : y!)),
  Max: each((values) => Math.max(...values)),
  Min: each((values) => Math.min(...values)),
  Sum: each((values) => values.reduce((a, b) => a + b)),
  Mean: each((values) => values.reduce((a, b) => a + b) / values.length),
  Clip: (call) =>
    each(([x]) => Math.min(Math.max(x!, call.inputs[1]?.data[0] ?? -Infinity), call.inputs[2]?.data[0] ?? Infinity))(
      new Call(call.node, [call.at(0)]),
    ),
  ReduceSum: reduce(0, (t, x) => t + x),
  ReduceMean: reduce(
    0,
    (t, x) => t + x,
    (t, count) => t / count,
  ),
  ReduceSumSquare: reduce(0, (t, x) => t + x * x),
  ReduceL1: reduce(0, (t, x) => t + Math.abs(x)),
  ReduceL2: reduce(0, (t, x) => t + x * x, Math.sqrt),
  ReduceProd: reduce(1, (t, x) => t * x),
  ReduceMax: reduce(-Infinity, Math.max),
  ReduceMin: reduce(Infinity, Math.min),
  Conv: conv,
  ConvTranspose: convTranspose,
  AveragePool: pool((values) => values.reduce((a, b) => a + b) / values.length),
  MaxPool: pool((values) => Math.max(...values)),
  GlobalAveragePool: (call) =>
    reduce(
      0,
      (t, x) => t + x,
      (t, count) => t / count,
    )(new Call({ ...call.node, attributes: new Map([['axes', { kind: 'ints', value: [2, 3] }]]) }, call.inputs)),
  MatMul: matMul,
  Gemm: gemm,
  Pad: pad,
  Slice: slice,
  Resize: resize,
  InstanceNormalization: instanceNorm,
  DepthToSpace: depthToSpace,
  SpaceToDepth: (call) => {
    const x = call.at(0);
    const block = call.number('blocksize', 1);
    const [n, c, h, w] = x.dims as [number, number, number, number];
    return fill([n, c * block ** 2, h / block, w / block], ([i, from, y, column]) => {
      const cell = Math.floor(from! / c);
      return pick(x, [i!, from! % c, y! * block + Math.floor(cell / block), column! * block + (cell % block)]);
    });
  },
  Softmax: softmax,
  Concat: (call) => {
    const inputs = call.inputs as Doubles[];
    const axis = (call.number('axis', 0) + inputs[0]!.dims.length) % inputs[0]!.dims.length;
    const total = inputs.reduce((sum, x) => sum + x.dims[axis]!, 0);
    return fill(inputs[0]!.dims.with(axis, total), (index) => {
      let at = index[axis]!;
      let source = 0;
      while (at >= inputs[source]!.dims[axis]!) {
        at -= inputs[source]!.dims[axis]!;
        source += 1;
      }
      return pick(inputs[source]!, index.with(axis, at));
    });
  },
  Split: (call) => {
    const x = call.at(0);
    const axis = (call.number('axis', 0) + x.dims.length) % x.dims.length;
    const count = call.node.outputs.length;
    const sizes = call.list(1) ?? new Array<number>(count).fill(x.dims[axis]! / count);
    return sizes.map((size, i) => {
      const start = sizes.slice(0, i).reduce((a, b) => a + b, 0);
      return fill(x.dims.with(axis, size), (index) => pick(x, index.with(axis, index[axis]! + start)));
    });
  },
  Transpose: (call) => {
    const x = call.at(0);
    const perm = call.numbers('perm') ?? x.dims.map((_, axis) => x.dims.length - 1 - axis);
    return fill(
      perm.map((axis) => x.dims[axis]!),
      (index) =>
        pick(
          x,
          x.dims.map((_, axis) => index[perm.indexOf(axis)]!),
        ),
    );
  },
  Expand: (call) => fill(stretched([call.at(0).dims, call.list(1)!]), (index) => pick(call.at(0), index)),
  Reshape: (call) => {
    const x = call.at(0);
    const target = call.list(1)!.map((size, axis) => (size === 0 ? x.dims[axis]! : size));
    const known = target.reduce((product, size) => (size === -1 ? product : product * size), 1);
    return reshape(
      target.map((size) => (size === -1 ? x.data.length / known : size)),
      x,
    );
  },
  Flatten: (call) => {
    const x = call.at(0);
    const axis = call.number('axis', 1);
    return reshape([sizeOf(x.dims.slice(0, axis)), sizeOf(x.dims.slice(axis))], x);
  },
  Squeeze: (call) => {
    const x = call.at(0);
    const axes = (call.list(1) ?? call.numbers('axes'))?.map((axis) => (axis + x.dims.length) % x.dims.length);
    return reshape(
      x.dims.filter((size, axis) => (axes ? !axes.includes(axis) : size !== 1)),
      x,
    );
  },
  Unsqueeze: (call) => {
    const x = call.at(0);
    const given = (call.list(1) ?? call.numbers('axes'))!;
    const rank = x.dims.length + given.length;
    const axes = given.map((axis) => (axis + rank) % rank);
    const rest = [...x.dims];
    return reshape(
      Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : rest.shift()!)),
      x,
    );
  },
};

/** Runs a graph in double precision and returns the values of the outputs by name. */
export function interpret(graph: Graph, feeds: Record<string, Doubles>): Record<string, Doubles> {
  const values = new Map<string, Doubles>(Object.entries(feeds));
  for (const [name, tensor] of graph.constants)
    values.set(name, { dims: tensor.dims, data: Float64Array.from(numbersOf(tensor)) });
  for (const node of graph.nodes) {
    const kernel = KERNELS[node.op];
    if (kernel === undefined) throw new Error(`the interpreter does not know ${node.op}`);
    const result = kernel(
      new Call(
        node,
        node.inputs.map((name) => values.get(name)),
      ),
    );
    const outputs = Array.isArray(result) ? result : [result];
    for (const [i, name] of node.outputs.entries()) values.set(name, outputs[i]!);
  }
  return Object.fromEntries(graph.outputs.map(({ name }) => [name, values.get(name)!]));
}
