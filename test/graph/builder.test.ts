import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '#src/graph/builder.js';
import { tensor } from '#src/graph/elements.js';
import { readModel } from '#src/graph/onnx/read.js';
import { writeModel } from '#src/graph/onnx/write.js';
import { consumersOf, producerOf, removeDead, replaceNode } from '#src/graph/passes/rewrite.js';
import type { Attribute, Model, Node } from '#src/graph/types.js';
import { numbers, run } from './run.js';
import { verify } from './verify.js';

const node = (op: string, inputs: string[], outputs: string[], attributes: [string, Attribute][] = []): Node => ({
  op,
  domain: '',
  name: op,
  inputs,
  outputs,
  attributes: new Map(attributes),
});
const ints = (...value: number[]): Attribute => ({ kind: 'ints', value });
const text = (value: string): Attribute => ({ kind: 'string', value });
const vector = (name: string) => ({ name, type: 'float32' as const, dims: ['n'] });

function model(opset: number, nodes: Node[], extra: Partial<Model['graph']> = {}): Model {
  return {
    irVersion: 8,
    opsets: new Map([['', opset]]),
    producer: 'test',
    metadata: new Map(),
    graph: {
      name: 'foreign',
      nodes,
      inputs: [vector('x')],
      outputs: [vector('y')],
      constants: new Map(),
      values: new Map(),
      ...extra,
    },
  };
}

/** A model with a branch that reads a value from around it: y = flag ? x + w : x - w, where w is computed outside. */
function branching(): Model {
  const branch = (op: string) => ({
    kind: 'graph' as const,
    value: {
      name: op,
      nodes: [node(op, ['x', 'w'], [`${op}_y`])],
      inputs: [],
      outputs: [vector(`${op}_y`)],
      constants: new Map(),
      values: new Map(),
    },
  });
  return model(
    17,
    [
      node('Mul', ['two', 'five'], ['w']),
      node(
        'If',
        ['flag'],
        ['y'],
        [
          ['then_branch', branch('Add')],
          ['else_branch', branch('Sub')],
        ],
      ),
    ],
    {
      inputs: [vector('x'), { name: 'flag', type: 'bool', dims: [1] }],
      constants: new Map([
        ['two', tensor('float32', [], [2])],
        ['five', tensor('float32', [1], [5])],
      ]),
    },
  );
}

describe('GraphBuilder', () => {
  it('computes what the nodes say', async () => {
    const b = new GraphBuilder();
    const x = b.input('x', 'float32', [2, 'n']);
    b.output('y', b.op('ReduceSum', [b.op('Mul', [x, b.scalar('float32', 3)])], { axes: [1], keepdims: 0 }));
    b.output('same', x);
    b.op('Relu', [x]);
    const built = b.build();
    verify(built.graph);
    expect(built.graph.nodes.map(({ op }) => op)).toEqual(['Mul', 'ReduceSum', 'Identity']);
    const { y, same } = await run(readModel(writeModel(built)), { x: tensor('float32', [2, 2], [1, 2, 3, 4]) });
    expect(numbers(y!)).toEqual([9, 21]);
    expect(numbers(same!)).toEqual([1, 2, 3, 4]);
  });

  it('gives one value two names', async () => {
    const b = new GraphBuilder();
    const y = b.op('Neg', [b.input('x', 'float32', [1])]);
    b.output('a', y);
    b.output('b', y);
    const got = await run(b.build(), { x: tensor('float32', [1], [2]) });
    expect([numbers(got.a!), numbers(got.b!)]).toEqual([[-2], [-2]]);
    expect(() => b.output('a', y)).toThrow('value "a": expected a new name, got one that is taken');
  });

  it('embeds a model with branches twice, without its names colliding', async () => {
    const b = new GraphBuilder();
    const x = b.input('x', 'float32', [2]);
    const shape = { type: 'float32' as const, dims: [2] };
    const first = b.embed(branching(), { x, flag: b.constant('bool', [1], [1]) }, { y: shape });
    const second = b.embed(branching(), { x: first.y!, flag: b.input('flag', 'bool', [1]) }, { y: shape });
    b.output('y', b.op('Mul', [second.y!, b.scalar('float32', 2)]));
    const built = b.build();
    verify(built.graph);
    const got = await run(built, { x: tensor('float32', [2], [1, 2]), flag: tensor('bool', [1], [0]) });
    expect(numbers(got.y!)).toEqual([2, 4]);
    expect(writeModel(b.build())).toEqual(writeModel(built));
  });

  it('embeds nodes that have no names, which stay without', async () => {
    const b = new GraphBuilder();
    const nodes = [node('Neg', ['x'], ['n']), node('Exp', ['n'], ['y'])].map((one) => ({ ...one, name: '' }));
    b.output(
      'y',
      b.embed(model(17, nodes), { x: b.input('x', 'float32', [1]) }, { y: { type: 'float32', dims: [1] } }).y!,
    );
    const built = b.build();
    const { y } = await run(built, { x: tensor('float32', [1], [0]) });
    expect([built.graph.nodes.map(({ name }) => name), numbers(y!)]).toEqual([['', ''], [1]]);
  });

  it('embeds models that define their own operators', async () => {
    const twice: Model = {
      ...model(17, [{ ...node('Twice', ['x'], ['y']), domain: 'mine' }]),
      opsets: new Map([
        ['', 17],
        ['mine', 1],
      ]),
      functions: [
        {
          name: 'Twice',
          domain: 'mine',
          overload: '',
          inputs: ['a'],
          outputs: ['b'],
          attributes: [],
          defaults: new Map(),
          opsets: new Map([['', 17]]),
          nodes: [node('Add', ['a', 'a'], ['b'])],
        },
      ],
    };
    const b = new GraphBuilder();
    const first = b.embed(twice, { x: b.input('x', 'float32', [1]) }, { y: { type: 'float32', dims: [1] } });
    b.output('y', b.embed(twice, { x: first.y! }, { y: { type: 'float32', dims: [1] } }).y!);
    expect(numbers((await run(b.build(), { x: tensor('float32', [1], [3]) })).y!)).toEqual([12]);
  });

  it('carries models of opset 7 to 12 over to 17 and later', async () => {
    const picture = (name: string) => ({ name, type: 'float32' as const, dims: [1, 1, 2, 2] });
    const old = model(
      7,
      [
        node(
          'Pad',
          ['x'],
          ['p'],
          [
            ['pads', ints(0, 0, 1, 1, 0, 0, 0, 0)],
            ['mode', text('reflect')],
          ],
        ),
        node(
          'Upsample',
          ['p'],
          ['u'],
          [
            ['scales', { kind: 'floats', value: [1, 1, 2, 2] }],
            ['mode', text('nearest')],
          ],
        ),
        node(
          'Slice',
          ['u'],
          ['s'],
          [
            ['axes', ints(2, 3)],
            ['starts', ints(0, 0)],
            ['ends', ints(2 ** 63, 4)],
          ],
        ),
        node('Clip', ['s'], ['c'], [['min', { kind: 'float', value: 2 }]]),
        node(
          'ReduceSum',
          ['c'],
          ['r'],
          [
            ['axes', ints(3)],
            ['keepdims', { kind: 'int', value: 0 }],
          ],
        ),
        node('Unsqueeze', ['r'], ['q'], [['axes', ints(0)]]),
        node('Squeeze', ['q'], ['z'], [['axes', ints(0, 1, 2)]]),
        node('Split', ['z'], ['a', 'b'], [['split', ints(4, 2)]]),
        node('Dropout', ['b'], ['d'], [['ratio', { kind: 'float', value: 0.5 }]]),
        node('Softmax', ['u'], ['m']),
        node(
          'ReduceMax',
          ['m'],
          ['n'],
          [
            ['axes', ints(0, 1, 2, 3)],
            ['keepdims', { kind: 'int', value: 0 }],
          ],
        ),
        node('Add', ['d', 'n'], ['y']),
      ],
      { inputs: [picture('x')], outputs: [vector('y')] },
    );
    const x = tensor('float32', [1, 1, 2, 2], [1, 2, 3, 4]);
    // Padded to 4 3 4 / 2 1 2 / 4 3 4, doubled; rows 4 and 5, first four columns: 4 4 3 3.
    const softmax = 1 / (16 + 8 * Math.exp(-1) + 8 * Math.exp(-2) + 4 * Math.exp(-3));
    for (const opset of [17, 21]) {
      const b = new GraphBuilder();
      const extra = b.embed(
        model(opset, [node('Abs', ['x'], ['y'])]),
        { x: b.constant('float32', [1], [0]) },
        { y: { type: 'float32', dims: [1] } },
      );
      const got = b.embed(old, { x: b.input('x', 'float32', [1, 1, 2, 2]) }, { y: { type: 'float32', dims: [2] } });
      b.output('y', b.op('Add', [got.y!, extra.y!]));
      const values = numbers((await run(b.build(), { x })).y!);
      expect(values[0]).toBeCloseTo(14 + softmax, 5);
      expect(values[1]).toBeCloseTo(14 + softmax, 5);
    }
  });

  it.each<[string, string, (b: GraphBuilder) => unknown]>([
    ['GRAPH_OPSET', 'model of opset 6: expected opset 7 or later', (b) => b.embed(model(6, []), {}, {})],
    [
      'GRAPH_INPUTS',
      'embed "foreign": expected inputs x, flag, got x',
      (b) => b.embed(branching(), { x: b.input('x', 'float32', [1]) }, {}),
    ],
    [
      'GRAPH_INPUTS',
      'embed "foreign": expected input x float32 [n], got uint8 [1, 2]',
      (b) => b.embed(model(17, []), { x: b.input('x', 'uint8', [1, 2]) }, {}),
    ],
    [
      'GRAPH_OUTPUTS',
      'embed "foreign": expected outputs y, got z',
      (b) => b.embed(model(17, []), { x: b.input('x', 'float32', [1]) }, { z: { type: 'float32', dims: [] } }),
    ],
  ])('%s: %s', (code, message, act) => {
    expect(() => act(new GraphBuilder())).toThrow(expect.objectContaining({ code, message }));
  });
});

describe('verify', () => {
  const graph = (nodes: Node[], extra: Partial<Model['graph']> = {}) => model(17, nodes, extra).graph;
  it.each<[string, string, Model['graph']]>([
    [
      'GRAPH_UNDEFINED',
      'Relu "Relu": expected a value computed before, got "z", which nothing computes',
      graph([node('Relu', ['z'], ['y'])]),
    ],
    [
      'GRAPH_UNDEFINED',
      'Relu "Relu": expected a value computed before, got "z", computed later',
      graph([node('Relu', ['z'], ['y']), node('Neg', ['x'], ['z'])]),
    ],
    [
      'GRAPH_UNDEFINED',
      'outputs: expected a value computed before, got "y", which nothing computes',
      graph([node('Relu', ['x'], ['z'])]),
    ],
    [
      'GRAPH_DUPLICATE',
      'Neg "Neg": expected a new name, got "y" a second time',
      graph([node('Relu', ['x'], ['y']), node('Neg', ['x'], ['y'])]),
    ],
    [
      'GRAPH_SHAPE',
      'Relu "Relu": expected "y" to be float32 [3], got float32 [2]',
      graph([node('Relu', ['x'], ['y'])], {
        inputs: [{ name: 'x', type: 'float32', dims: [2] }],
        outputs: [{ name: 'y', type: 'float32', dims: [3] }],
      }),
    ],
    [
      'GRAPH_SHAPE',
      'constant "w": expected 2 elements, got 1',
      graph([], { constants: new Map([['w', { type: 'float32', dims: [2], data: new Float32Array(1) }]]) }),
    ],
  ])('%s: %s', (code, message, bad) => {
    expect(() => verify(bad)).toThrow(expect.objectContaining({ code, message }));
  });

  it('takes what it does not know on trust', () => {
    const strange = { ...node('Strange', ['x'], ['h']), domain: 'some.where' };
    expect(() => verify(graph([strange, node('Relu', ['h'], ['y'])]))).not.toThrow();
  });
});

describe('rewriting', () => {
  it('finds who makes and who reads a value, also inside branches, and drops what nothing reads', () => {
    const { graph } = branching();
    expect(producerOf(graph, 'w')?.op).toBe('Mul');
    expect(producerOf(graph, 'x')).toBeUndefined();
    expect(consumersOf(graph, 'w').map(({ op }) => op)).toEqual(['If']);
    replaceNode(graph, producerOf(graph, 'w')!, node('Neg', ['five'], ['w']), node('Relu', ['five'], ['unused']));
    removeDead(graph);
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Neg', 'If']);
    expect([...graph.constants.keys()]).toEqual(['five']);
  });
});
