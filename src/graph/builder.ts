import { GraphError } from '../errors.js';
import { type AttributeValue, attributeOf } from './attribute.js';
import { shapeText } from './dims.js';
import { tensor } from './elements.js';
import { infer, ruleOf } from './infer.js';
import type { Shape } from './ops/rule.js';
import { embed } from './passes/embed.js';
import { emit } from './passes/emit.js';
import { irVersionOf } from './passes/ir-version.js';
import { nameOutputs } from './passes/name-outputs.js';
import { removeDead, renameGraph } from './passes/rewrite.js';
import type { Dim, ElementType, FunctionDefinition, Graph, Model, Node, Tensor, TensorData } from './types.js';

export type { AttributeValue } from './attribute.js';

/** A value in a graph under construction: an input, a constant, or the output of a node. */
export interface Value extends Shape {
  readonly name: string;
}

/** The opset of built nodes. */
const OPSET = 17;

/**
 * Builds a graph node by node; the type and shape of every value are inferred and checked at once.
 *
 * Built nodes are written for opset 17, or for the opset of an embedded model where that is later (up to 21).
 */
export class GraphBuilder {
  readonly #graph: Graph;
  readonly #values = new Map<string, Value>();
  readonly #scalars = new Map<string, Value>();
  readonly #outputs = new Map<string, Value>();
  readonly #opsets = new Map<string, number>([['', OPSET]]);
  /** The opset that an embedded node was written for. */
  readonly #writtenFor = new Map<Node, number>();
  readonly #functions: FunctionDefinition[] = [];
  #irVersion = 0;
  #count = 0;

  constructor(name = 'stylecast') {
    this.#graph = { name, nodes: [], inputs: [], outputs: [], constants: new Map(), values: new Map() };
  }

  /** The nodes so far, in order. */
  get nodes(): readonly Node[] {
    return this.#graph.nodes;
  }

  /** The value of that name. @throws GraphError GRAPH_UNDEFINED when there is none. */
  value(name: string): Value {
    const value = this.#values.get(name);
    if (value !== undefined) return value;
    throw new GraphError('GRAPH_UNDEFINED', `value "${name}": expected one of this graph, got none of that name`, {
      hint: 'Use values of the same builder.',
    });
  }

  /** The elements of a value that is constant. */
  constantOf(value: Value | string): Tensor | undefined {
    return this.#graph.constants.get(typeof value === 'string' ? value : value.name);
  }

  /** Declares an input of the model. @throws GraphError GRAPH_DUPLICATE. */
  input(name: string, type: ElementType, dims: readonly Dim[]): Value {
    const value = this.#define(name, { type, dims });
    this.#graph.inputs.push({ name, type, dims: [...dims] });
    return value;
  }

  /** A constant; typed arrays of the right kind are kept, not copied. @throws GraphError GRAPH_SHAPE. */
  constant(type: ElementType, dims: readonly number[], data: TensorData | readonly number[], name?: string): Value {
    const made = tensor(type, dims, data);
    const value = this.#define(name ?? this.#fresh('constant'), made);
    this.#graph.constants.set(value.name, made);
    return value;
  }

  /** A scalar constant; equal ones are shared. */
  scalar(type: ElementType, number: number): Value {
    const key = `${type} ${Object.is(number, -0) ? '-0' : number}`;
    const known = this.#scalars.get(key) ?? this.constant(type, [], [number]);
    this.#scalars.set(key, known);
    return known;
  }

  /** A constant vector of int64, as shapes, axes, pads and slices are given. */
  ints(values: readonly number[]): Value {
    const key = `int64 [${values.join()}]`;
    const known = this.#scalars.get(key) ?? this.constant('int64', [values.length], values);
    this.#scalars.set(key, known);
    return known;
  }

  /**
   * Adds a node with one output. Optional inputs that are left out are `undefined`.
   *
   * @throws GraphError GRAPH_UNKNOWN_OP, GRAPH_INPUTS, GRAPH_ATTRIBUTE, GRAPH_SHAPE, GRAPH_UNDEFINED.
   */
  op(
    op: string,
    inputs: readonly (Value | undefined)[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    options: { readonly name?: string } = {},
  ): Value {
    return this.ops(op, inputs, attributes, { ...options, outputs: 1 })[0]!;
  }

  /** Adds a node with several outputs, such as Split. @throws as `op` does, and GRAPH_OUTPUTS. */
  ops(
    op: string,
    inputs: readonly (Value | undefined)[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    options: { readonly outputs?: number; readonly name?: string } = {},
  ): Value[] {
    const rule = ruleOf(op);
    const name = options.name ?? this.#fresh(op);
    for (const input of inputs) if (input !== undefined) this.#own(op, input);
    const node: Node = {
      op,
      domain: '',
      name,
      inputs: inputs.map((input) => input?.name ?? ''),
      outputs: Array.from({ length: options.outputs ?? 1 }, (_, i) => (i === 0 ? name : `${name}_${i}`)),
      attributes: new Map(
        Object.entries(attributes).map(([key, value]) => [key, attributeOf(rule.attributes[key], value)]),
      ),
    };
    const shapes = infer(node, {
      shapeOf: (value) => this.#values.get(value),
      constantOf: (value) => this.#graph.constants.get(value),
    });
    const values = shapes.map((shape, i) => this.#define(node.outputs[i]!, shape));
    this.#graph.nodes.push(node);
    return values;
  }

  /**
   * Inlines another model: `inputs` feed its inputs by name; its outputs come back under their names, with the types
   * and dims that the caller says they have. Any operators, subgraphs and functions are kept as they are; all names
   * inside get a prefix, so the same model can be embedded twice.
   *
   * @throws GraphError GRAPH_INPUTS or GRAPH_OUTPUTS when names do not match, GRAPH_OPSET below opset 7.
   */
  embed(
    model: Model,
    inputs: Readonly<Record<string, Value>>,
    outputs: Readonly<Record<string, Shape>>,
  ): Record<string, Value> {
    for (const value of Object.values(inputs)) this.#own('embed', value);
    const part = embed(model, this.#fresh('model'), inputs, Object.keys(outputs));
    const opset = model.opsets.get('') ?? 1;
    for (const [domain, version] of part.opsets) {
      this.#opsets.set(domain, Math.max(version, this.#opsets.get(domain) ?? 0));
    }
    this.#irVersion = Math.max(this.#irVersion, model.irVersion);
    this.#functions.push(...part.functions);
    for (const [name, constant] of part.constants) {
      this.#define(name, constant);
      this.#graph.constants.set(name, constant);
    }
    for (const node of part.nodes) {
      this.#graph.nodes.push(node);
      this.#writtenFor.set(node, opset);
    }
    return Object.fromEntries(
      Object.entries(outputs).map(([name, shape]) => {
        const inner = part.outputs.get(name)!;
        return [name, this.#values.get(inner) ?? this.#define(inner, shape)];
      }),
    );
  }

  /** Makes a value an output of the model, under this name. @throws GraphError GRAPH_DUPLICATE, GRAPH_UNDEFINED. */
  output(name: string, value: Value): void {
    this.#own('output', value);
    const taken = this.#outputs.has(name) || (this.#values.has(name) && name !== value.name);
    if (taken) throw duplicate(name);
    this.#outputs.set(name, value);
  }

  /** The finished model, without nodes that no output needs. The builder can be used further. */
  build(): Model {
    const graph: Graph = { ...this.#graph, nodes: [...this.#graph.nodes], constants: new Map(this.#graph.constants) };
    const renamed = nameOutputs(graph, this.#outputs);
    graph.outputs = [...this.#outputs].map(([name, { type, dims }]) => ({ name, type, dims: [...dims] }));
    const opset = this.#opsets.get('')!;
    let extra = 0;
    const fresh = () => `emitted_${extra++}`;
    graph.nodes = graph.nodes.flatMap((node) =>
      emit(node, {
        opset,
        from: this.#writtenFor.get(node) ?? opset,
        fresh,
        constantOf: (name) => graph.constants.get(name),
        constant: (made) => {
          const name = fresh();
          graph.constants.set(name, made);
          return name;
        },
      }),
    );
    const named = renameGraph(graph, (name) => renamed.get(name) ?? name);
    named.outputs = graph.outputs;
    named.inputs = graph.inputs;
    removeDead(named);
    const model: Model = {
      irVersion: Math.max(this.#irVersion, irVersionOf(opset)),
      opsets: new Map(this.#opsets),
      producer: 'stylecast',
      graph: named,
      metadata: new Map(),
    };
    if (this.#functions.length > 0) model.functions = [...this.#functions];
    return model;
  }

  #define(name: string, { type, dims }: Shape): Value {
    if (this.#values.has(name) || name === '') throw duplicate(name);
    const value: Value = { name, type, dims: [...dims] };
    this.#values.set(name, value);
    return value;
  }

  #own(op: string, value: Value): void {
    if (this.#values.get(value.name) === value) return;
    throw new GraphError(
      'GRAPH_UNDEFINED',
      `${op}: expected values of this graph, got "${value.name}" ${shapeText(value.dims)} of another`,
      { hint: 'Use values of the same builder.' },
    );
  }

  #fresh(stem: string): string {
    let name: string;
    do name = `${stem}_${this.#count++}`;
    while (this.#values.has(name));
    return name;
  }
}

function duplicate(name: string): GraphError {
  return new GraphError('GRAPH_DUPLICATE', `value "${name}": expected a new name, got one that is taken`, {
    hint: 'Give inputs, outputs and constants different names.',
  });
}
