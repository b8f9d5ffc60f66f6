import { GraphError } from '../../errors.js';
import type { GraphBuilder, Value } from '../../graph/builder.js';
import type { Parameter, ParameterSource, Start } from './parameters.js';

/** Parameters that are already in the graph, for building a network a second time with the same weights. */
export class SharedParameters implements ParameterSource {
  readonly #values: ReadonlyMap<string, Value>;
  readonly #further: ParameterSource | undefined;

  /** @param further source of parameters that are not in the graph yet; undefined if there are none. */
  constructor(values: ReadonlyMap<string, Value>, further?: ParameterSource) {
    this.#values = values;
    this.#further = further;
  }

  /** Parts of a vector. @param first place of its first number among all parameters. */
  static of(b: GraphBuilder, list: readonly Parameter[], vector: Value, first: number): SharedParameters {
    const values = list.map(({ name, dims, offset, size }): [string, Value] => {
      const start = offset - first;
      const slice = b.op('Slice', [vector, b.ints([start]), b.ints([start + size]), b.ints([0])]);
      return [name, b.op('Reshape', [slice, b.ints(dims)])];
    });
    return new SharedParameters(new Map(values));
  }

  tensor(name: string, dims: readonly number[], start: Start): Value {
    const value = this.#values.get(name) ?? this.#further?.tensor(name, dims, start);
    if (value !== undefined) return value;
    throw new GraphError(
      'GRAPH_UNDEFINED',
      `parameter "${name}": expected one of ${[...this.#values.keys()].join(', ')}`,
      { hint: 'Build the network with parameters of its own first.' },
    );
  }
}
