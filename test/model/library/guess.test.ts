import { describe, expect, it } from 'vitest';
import { PresetError } from '#src/errors.js';
import { GraphBuilder, type Value } from '#src/graph/builder.js';
import type { Dim, ElementType, Model } from '#src/graph/types.js';
import { guessConventions } from '#src/model/library/guess.js';

const free = [1, 3, 'height', 'width'] as const;

/** A network of one picture that does what `body` says. */
function picture(
  body: (g: GraphBuilder, x: Value) => Value = (g, x) => g.op('Identity', [x]),
  dims: readonly Dim[] = free,
  type: ElementType = 'float32',
): Model {
  const g = new GraphBuilder('foreign');
  g.output('painted', body(g, g.input('photo', type, dims)));
  return g.build();
}

describe('guessConventions', () => {
  it('reads names, type and layout from the dims', () => {
    const { input, output, inputs, rangeKnown, channelsKnown, reasons } = guessConventions(picture());
    expect(input).toEqual({
      name: 'photo',
      type: 'float32',
      layout: 'nchw',
      channels: 'rgb',
      range: [0, 1],
      multiple: 1,
      batch: 1,
    });
    expect(output).toEqual({ name: 'painted', type: 'float32', layout: 'nchw', channels: 'rgb', range: [0, 1] });
    expect({ inputs, rangeKnown, channelsKnown }).toEqual({ inputs: [], rangeKnown: false, channelsKnown: false });
    expect(reasons).toEqual(['The input photo is [1, 3, height, width]: NCHW.', 'It takes any size.']);
  });

  it.each([
    [[1, 3, 224, 320], { layout: 'nchw', size: { width: 320, height: 224 }, batch: 1 }],
    [[1, 224, 320, 3], { layout: 'nhwc', size: { width: 320, height: 224 }, batch: 1 }],
    [['n', 'height', 'width', 3], { layout: 'nhwc' }],
    [['n', 3, 'height', 3], { layout: 'nchw' }],
    [[4, 3, 'height', 'width'], { layout: 'nchw', batch: 4 }],
    [['a', 'b', 'c', 'd'], { layout: 'nchw' }],
  ] as const)('understands the dims %j', (dims, expected) => {
    const { input } = guessConventions(picture(undefined, dims));
    const { layout, size, batch } = input;
    expect({ layout, ...(size && { size }), ...(batch && { batch }) }).toEqual(expected);
  });

  it('sees open dims brought to the front', () => {
    const turned = (g: GraphBuilder, x: Value) => g.op('Transpose', [x], { perm: [0, 3, 1, 2] });
    expect(guessConventions(picture(turned, ['n', 'a', 'b', 'c'])).input.layout).toBe('nhwc');
  });

  it('takes bytes for 0 to 255', () => {
    const { input, output, rangeKnown } = guessConventions(picture(undefined, [1, 'h', 'w', 3], 'uint8'));
    expect([input.type, input.range, output.type, rangeKnown]).toEqual(['uint8', [0, 255], 'uint8', true]);
  });

  const numbers = (op: string, values: number[]) => (g: GraphBuilder, x: Value) => {
    const dims = values.length === 1 ? [] : [1, 3, 1, 1];
    return g.op(op, [g.op('Identity', [x]), g.constant('float32', dims, values)]);
  };
  it.each([
    [
      'Sub',
      [123.68, 116.779, 103.939],
      [0, 255],
      'rgb',
      'uses 123.68, 116.779, 103.939, so white goes in as 255, red first.',
    ],
    [
      'Sub',
      [103.939, 116.779, 123.68],
      [0, 255],
      'bgr',
      'uses 103.939, 116.779, 123.68, so white goes in as 255, blue',
    ],
    ['Add', [-103.939, -116.779, -123.68], [0, 255], 'bgr', 'so white goes in as 255, blue first.'],
    ['Sub', [0.485, 0.456, 0.406], [0, 1], 'rgb', 'so white goes in as 1, red first.'],
    ['Div', [255], [0, 255], undefined, 'Its first step (Div) uses 255, so white goes in as 255.'],
    ['Mul', [1 / 255], [0, 255], undefined, 'Its first step (Mul) uses 0.00392157, so white goes in as 255.'],
    ['Sub', [127.5], [0, 255], undefined, 'uses 127.5, so white goes in as 255.'],
  ] as const)('knows %s %j at the start of a network', (op, values, range, channels, reason) => {
    const guess = guessConventions(picture(numbers(op, [...values])));
    expect(guess.input.range).toEqual(range);
    expect(guess.rangeKnown).toBe(true);
    expect(guess.channelsKnown).toBe(channels !== undefined);
    expect([guess.input.channels, guess.output.channels]).toEqual([channels ?? 'rgb', channels ?? 'rgb']);
    expect(guess.reasons.at(-1)).toContain(reason);
  });

  it.each([
    ['Sub', [0.3]],
    ['Sub', [100, 110, 120]],
    ['Mul', [2]],
  ])('concludes nothing from %s %j', (op, values) => {
    expect(guessConventions(picture(numbers(op, values)))).toMatchObject({ rangeKnown: false, channelsKnown: false });
  });

  it('lists further inputs', () => {
    const g = new GraphBuilder('foreign');
    const weight = g.input('weight', 'float32', ['n', 2]);
    const x = g.input('photo', 'float32', free);
    g.output('painted', g.op('Add', [x, g.op('ReduceMean', [weight], { keepdims: 0 })]));
    const { input, inputs } = guessConventions(g.build());
    expect(input.name).toBe('photo');
    expect(inputs).toEqual([{ name: 'weight', type: 'float32', dims: [1, 2], default: 0 }]);
  });

  it.each([
    [[1, 1, 28, 28], 'float32', 'its inputs are photo float32 [1, 1, 28, 28]'],
    [[1, 4, 'h', 'w'], 'float32', undefined],
    [[1, 3], 'float32', 'its inputs are photo float32 [1, 3]'],
    [[1, 3, 8, 8], 'int32', 'its inputs are photo int32 [1, 3, 8, 8]'],
  ] as const)('refuses a network of %j %s', (dims, type, list) => {
    const guess = () => guessConventions(picture(undefined, dims, type));
    if (list === undefined) return expect(guess().input.layout).toBe('nchw');
    expect(guess).toThrow(PresetError);
    expect(guess).toThrow(
      `The network has no picture as input: ${list}; ` +
        'expected four dims with three channels, float32, float16 or uint8.',
    );
  });

  it('refuses a network that gives no picture', () => {
    const classes = (g: GraphBuilder, x: Value) => g.op('ReduceMean', [x], { axes: [2, 3], keepdims: 0 });
    expect(() => guessConventions(picture(classes))).toThrow(
      'The network has no picture as output: its outputs are painted float32 [1, 3]; expected four dims',
    );
  });
});
