import { GraphError } from '../../errors.js';
import { shapeText } from '../dims.js';
import { numbersOf } from '../elements.js';
import type { Attribute, Dim, ElementType, Tensor } from '../types.js';

/** The element type and the dims of a value. */
export interface Shape {
  readonly type: ElementType;
  readonly dims: readonly Dim[];
}

/** One row of the op table. */
export interface OpRule {
  /** How many inputs the op takes: at least, at most. */
  readonly inputs: readonly [least: number, most: number];
  /** The attributes it knows and their kinds. */
  readonly attributes: Readonly<Record<string, Attribute['kind']>>;
  /** The types and shapes of its outputs. */
  readonly infer: (call: OpCall) => readonly Shape[];
  /** From this opset on, `axes` is the second input; before it, an attribute. The table takes either. */
  readonly axesInputSince?: number;
}

/** An op applied to inputs, as seen by a shape rule. */
export class OpCall {
  constructor(
    readonly op: string,
    readonly name: string,
    /** Shapes of the inputs; undefined where an optional one is left out. */
    readonly inputs: readonly (Shape | undefined)[],
    /** The inputs that are constants. */
    readonly constants: readonly (Tensor | undefined)[],
    readonly attributes: ReadonlyMap<string, Attribute>,
    /** Number of outputs requested. */
    readonly outputs: number,
  ) {}

  /** The shape of input `index`, which must be present and, if given, have rank `rank`. */
  input(index: number, rank?: number): Shape {
    const shape = this.inputs[index];
    if (shape === undefined) throw this.error(`input ${index}`, 'nothing');
    if (rank !== undefined && shape.dims.length !== rank) {
      throw this.error(`input ${index} with ${rank} axes`, shapeText(shape.dims));
    }
    return shape;
  }

  has(index: number): boolean {
    return this.inputs[index] !== undefined;
  }

  /** The elements of input `index` when it is constant. */
  numbers(index: number): number[] | undefined {
    const tensor = this.constants[index];
    return tensor && numbersOf(tensor);
  }

  int(name: string, otherwise: number): number {
    const attribute = this.attributes.get(name);
    return attribute?.kind === 'int' ? attribute.value : otherwise;
  }

  ints(name: string): number[] | undefined {
    const attribute = this.attributes.get(name);
    return attribute?.kind === 'ints' ? attribute.value : undefined;
  }

  text(name: string, otherwise: string): string {
    const attribute = this.attributes.get(name);
    return attribute?.kind === 'string' ? attribute.value : otherwise;
  }

  /** `axis` counted from the front, after checking that it exists. */
  axis(axis: number, rank: number): number {
    if (!Number.isInteger(axis) || axis < -rank || axis >= rank) throw this.error(`an axis of ${rank}`, `axis ${axis}`);
    return axis < 0 ? axis + rank : axis;
  }

  /** A symbolic size that is known only at run time. */
  unknown(axis: number): Dim {
    return `${this.name}_${axis}`;
  }

  /** Checks that inputs have one element type, and returns it. */
  sameType(...indices: number[]): ElementType {
    const given = indices.filter((index) => this.has(index));
    const type = this.input(given[0]!).type;
    for (const index of given) {
      const got = this.input(index).type;
      if (got !== type) throw this.error(`input ${index} of type ${type}, like input ${given[0]}`, got);
    }
    return type;
  }

  error(expected: string, got: string): GraphError {
    const name = this.name && this.name !== this.op ? ` "${this.name}"` : '';
    return new GraphError('GRAPH_SHAPE', `${this.op}${name}: expected ${expected}, got ${got}`, {
      hint: 'Check the shapes, types and attributes that this node is given.',
    });
  }
}
