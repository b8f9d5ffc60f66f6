import { GraphError } from '../../errors.js';
import type { GraphBuilder, Value } from '../../graph/builder.js';
import { sizeOf } from '../../graph/elements.js';
import { Random } from './random.js';

/** Initialisation of a parameter: normally distributed with a standard deviation, or constant, which may be fixed. */
export type Start = { readonly deviation: number } | { readonly value: number; readonly fixed?: true };

/** One learned tensor and its place in the vector of all parameters. */
export interface Parameter {
  readonly name: string;
  readonly dims: readonly number[];
  readonly offset: number;
  readonly size: number;
  readonly start: Start;
}

/** Source of a network's weights: a vector under training, or constants. */
export interface ParameterSource {
  /** The tensor of that name, float32. */
  tensor(name: string, dims: readonly number[], start: Start): Value;
}

/**
 * Parameters under training: slices of one vector, so that a checkpoint is three vectors and an update a few nodes,
 * for any number of layers.
 */
export class TrainedParameters implements ParameterSource {
  readonly #b: GraphBuilder;
  /** The vector, an input of the graph: float32 [parameters]. */
  readonly vector: Value;
  readonly list: Parameter[] = [];
  readonly values: Value[] = [];

  constructor(b: GraphBuilder, name = 'parameters') {
    this.#b = b;
    this.vector = b.input(name, 'float32', ['parameters']);
  }

  /** The length of the vector. */
  get size(): number {
    return lengthOf(this.list);
  }

  tensor(name: string, dims: readonly number[], start: Start): Value {
    if (this.list.some((parameter) => parameter.name === name)) throw taken(name);
    const b = this.#b;
    const [offset, size] = [this.size, sizeOf(dims)];
    this.list.push({ name, dims, offset, size, start });
    const slice = b.op('Slice', [this.vector, b.ints([offset]), b.ints([offset + size]), b.ints([0])]);
    const value = b.op('Reshape', [slice, b.ints(dims)]);
    this.values.push(value);
    return value;
  }
}

/** The length of the vector that holds these parameters. */
export function lengthOf(list: readonly Parameter[]): number {
  return list.reduce((sum, { size }) => sum + size, 0);
}

/** The initial parameter vector for a seed. */
export function initialParameters(list: readonly Parameter[], seed: number): Float32Array {
  const vector = new Float32Array(lengthOf(list));
  list.forEach(({ offset, size, start }, index) => {
    const random = new Random(seed, index, 1);
    for (let i = offset; i < offset + size; i++) {
      vector[i] = 'value' in start ? start.value : start.deviation * random.normal();
    }
  });
  return vector;
}

/** A parameter's part of the vector. @throws GraphError GRAPH_UNDEFINED. */
export function partOf(vector: Float32Array, list: readonly Parameter[], name: string): Float32Array {
  const parameter = list.find((each) => each.name === name);
  if (parameter !== undefined) return vector.subarray(parameter.offset, parameter.offset + parameter.size);
  throw new GraphError(
    'GRAPH_UNDEFINED',
    `parameter "${name}": expected one of ${list.map((each) => each.name).join(', ')}`,
    {
      hint: 'The parameters belong to another network: train again, or name the right tier.',
    },
  );
}

/** Finished parameters, as constants. */
export class FixedParameters implements ParameterSource {
  readonly #b: GraphBuilder;
  readonly #list: readonly Parameter[];
  readonly #vector: Float32Array;

  constructor(b: GraphBuilder, list: readonly Parameter[], vector: Float32Array) {
    this.#b = b;
    this.#list = list;
    this.#vector = vector;
  }

  tensor(name: string, dims: readonly number[]): Value {
    return this.#b.constant('float32', dims, partOf(this.#vector, this.#list, name).slice(), name);
  }
}

function taken(name: string): GraphError {
  return new GraphError('GRAPH_DUPLICATE', `parameter "${name}": expected a new name, got one that is taken`, {
    hint: 'Give every layer its own name.',
  });
}
