import { describe, expect, it } from 'vitest';
import { backward } from '#src/autodiff/backward.js';
import { replay } from '#src/autodiff/replay.js';
import { GraphBuilder } from '#src/graph/builder.js';
import { tensor } from '#src/graph/elements.js';
import { readModel } from '#src/graph/onnx/read.js';
import { writeModel } from '#src/graph/onnx/write.js';
import { numbers, run } from '../graph/run.js';

/** A model of open sizes, as it comes from a file: relu(x · w) + 2, its columns reversed. */
function stored() {
  const b = new GraphBuilder('stored');
  const x = b.input('x', 'float32', ['rows', 2]);
  const product = b.op('Relu', [b.op('MatMul', [x, b.constant('float32', [2, 3], [1, -2, 3, -4, 5, 6])])]);
  const more = b.op('Add', [product, b.scalar('float32', 2)]);
  b.output('y', b.op('Slice', [more, b.ints([-1]), b.ints([-4]), b.ints([1]), b.ints([-1])]));
  return readModel(writeModel(b.build()));
}

describe('replay', () => {
  it('knows the shapes within, gives what the model gives, and lets gradients through', async () => {
    const b = new GraphBuilder('outer');
    const x = b.input('x', 'float32', [2, 2]);
    const { y } = replay(b, stored(), { x });
    expect(y!.dims).toEqual([2, 3]);
    b.output('y', y!);
    const [slope] = backward(b, b.op('ReduceSum', [y!], { keepdims: 0 }), [x]);
    b.output('slope', slope!);
    const given = { x: tensor('float32', [2, 2], [1, 0.5, -1, 2]) };
    const found = await run(b.build(), given);
    const alone = await run(stored(), given);
    expect(numbers(found.y!)).toEqual(numbers(alone.y!));
    expect(numbers(alone.y!)).toEqual([8, 2.5, 2, 11, 14, 2]);
    // In both rows the second and third column of w are on.
    expect(numbers(found.slope!)).toEqual([1, 11, 1, 11]);
  });

  it('says which input is missing, and what the op table lacks', () => {
    expect(() => replay(new GraphBuilder(), stored(), {})).toThrow('replay "stored": expected its input x, got none');
    const model = stored();
    model.graph.nodes[0]!.domain = 'elsewhere';
    const b = new GraphBuilder();
    expect(() => replay(b, model, { x: b.input('x', 'float32', [2, 2]) })).toThrow(
      /"elsewhere\.MatMul" is not in the op table/,
    );
  });
});
