import { describe, expect, it } from 'vitest';
import { PresetError } from '#src/errors.js';
import { parseManifest } from '#src/model/manifest/schema.js';
import { shortest } from '../preset.js';

const file = 'presets/night/preset.json';

function fault(change: object) {
  try {
    parseManifest({ ...shortest('night'), ...change }, file);
  } catch (error) {
    if (error instanceof PresetError) return { code: error.code, message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error('expected a fault');
}

describe('parseManifest', () => {
  it('fills in everything that has an obvious value', () => {
    const manifest = parseManifest(shortest('night'), file);
    expect(manifest).toEqual({
      ...shortest('night'),
      title: 'night',
      description: '',
      licence: 'unstated',
      credits: [],
      model: { ...shortest('night').model, file: 'model.onnx' },
      input: { name: 'image', type: 'float32', layout: 'nchw', channels: 'rgb', range: [0, 1], multiple: 1 },
      output: { name: 'stylized', type: 'float32', layout: 'nchw', channels: 'rgb', range: [0, 1] },
      inputs: [],
      state: [],
    });
  });

  it('takes bytes to mean 0 to 255', () => {
    const manifest = parseManifest({ ...shortest('night'), input: { name: 'x', type: 'uint8' } }, file);
    expect(manifest.input.range).toEqual([0, 255]);
  });

  it('keeps everything that is said', () => {
    const full = {
      ...shortest('night'),
      title: 'Night — 夜',
      description: 'Swirls.',
      licence: 'MIT',
      credits: [
        { title: 'A', author: 'B', year: -30, source: 'a museum', licence: 'public domain', sha256: 'a'.repeat(64) },
      ],
      model: { ...shortest('night').model, file: 'weights/net.onnx' },
      input: {
        name: 'x',
        type: 'float16',
        layout: 'nhwc',
        channels: 'bgr',
        range: [0, 255],
        mean: [103.939, 116.779, 123.68],
        std: [1, 2, 3],
        multiple: 4,
        size: { width: 224, height: 128 },
        batch: 1,
      },
      output: { name: 'y', type: 'uint8', layout: 'nchw', channels: 'bgr', range: [-1, 1], std: [2, 2, 2] },
      inputs: [{ name: 'style', type: 'float32', dims: [2], default: [0.5, 1] }],
      state: [{ input: 'before', output: 'after' }],
      training: {
        command: 'stylecast train a.jpg -o b',
        seed: 1,
        steps: 9,
        size: 256,
        data: '9 photographs',
        version: '1',
      },
      figures: { gmac: 1.4, parameters: 9, ms: 20, style: 0.2, sourceStyle: 0.6, content: 1, ssim: -0.1, warping: 0 },
      thumbnail: 'thumbnail.jpg',
      sample: 'sample.webp',
    };
    expect(parseManifest(full, file)).toEqual(full);
  });

  it('writes back what it reads', () => {
    const manifest = parseManifest(shortest('night'), file);
    expect(parseManifest(JSON.parse(JSON.stringify(manifest)), file)).toEqual(manifest);
  });

  it('names file, field, what is there and what was expected', () => {
    expect(fault({ tier: 'huge' })).toEqual({
      code: 'PRESET_MANIFEST',
      message: `${file}: field "tier" is "huge"; expected one of "lite", "standard", "fine", "tiny", "foreign".`,
      hint: 'Correct the field, or import the network again.',
    });
    expect(fault({ input: undefined }).message).toBe(
      `${file}: field "input" is missing; expected an object with the fields ` +
        'name, type, layout, channels, range, mean, std, multiple, size, batch.',
    );
  });

  it('counts further faults', () => {
    expect(fault({ tier: 1, licence: 2 }).message).toMatch(/"foreign" \(and 1 more fault\)\.$/);
    expect(fault({ tier: 1, licence: 2, title: 3 }).message).toMatch(/\(and 2 more faults\)\.$/);
  });

  it('knows a mistyped field', () => {
    expect(fault({ license: 'MIT' })).toEqual({
      code: 'PRESET_MANIFEST',
      message:
        `${file}: unknown field "license"; expected an object with the fields format, name, title, description, ` +
        'tier, licence, credits, model, input, output, inputs, state, detail, modulation, training, figures, thumbnail, sample.',
      hint: 'Did you mean "licence"?',
    });
    expect(fault({ input: { name: 'x', zzzzzzzz: 1 } })).toMatchObject({
      message: expect.stringContaining(`unknown field "input.zzzzzzzz"; expected`),
      hint: 'Remove it; the manifest has no such field.',
    });
  });

  it('refuses a manifest of a newer version', () => {
    expect(fault({ format: 2, shape: 'unheard of' })).toEqual({
      code: 'PRESET_FORMAT',
      message: `${file} has format 2, made by a newer stylecast; expected format 1.`,
      hint: 'Update stylecast, or ask whoever made the preset for an older export.',
    });
    expect(fault({ format: '1' }).message).toBe(`${file}: field "format" is "1"; expected the number 1.`);
    expect(fault({ format: 0 }).message).toBe(`${file}: field "format" is 0; expected the number 1.`);
  });

  it.each([
    [[], `${file}: the manifest is []; expected an object with the fields format, name,`],
    [null, `${file}: the manifest is null; expected an object`],
    ['{}', `${file}: the manifest is "{}"; expected an object`],
    [7, `${file}: the manifest is 7; expected an object`],
  ])('refuses %j instead of an object', (value, message) => {
    expect(() => parseManifest(value, file)).toThrow(message);
  });

  const input = (change: object) => ({ input: { name: 'x', ...change } });
  const further = (change: object) => ({ inputs: [{ name: 'style', dims: [2], ...change }] });
  it.each([
    [input({ size: { width: 1e9, height: 4 } }), '"input.size.width" is 1000000000; expected a whole number from 1 to'],
    [input({ size: { width: 0, height: 4 } }), '"input.size.width" is 0; expected a whole number from 1 to 16384'],
    [input({ size: { width: 4 } }), '"input.size.height" is missing; expected a whole number'],
    [input({ multiple: -8 }), '"input.multiple" is -8; expected a whole number from 1 to 1024'],
    [input({ multiple: 1.5 }), '"input.multiple" is 1.5; expected a whole number from 1 to 1024'],
    [input({ batch: 4096 }), '"input.batch" is 4096; expected a whole number from 1 to 64'],
    [input({ range: [1, 1] }), '"input.range" is [1,1]; expected two numbers, [low, high], the lower one first'],
    [input({ range: [0, 1, 2] }), '"input.range" is [0,1,2]; expected two numbers, [low, high]'],
    [input({ range: [0, '1'] }), '"input.range[1]" is "1"; expected a finite number'],
    [input({ mean: [0, 0, 1e300] }), '"input.mean[2]" is 1e+300; expected a finite number'],
    [input({ std: [1, 0, 1] }), '"input.std[1]" is 0; expected a finite number other than 0'],
    [input({ type: 'float64' }), '"input.type" is "float64"; expected one of "float32", "float16", "uint8"'],
    [input({ name: '' }), '"input.name" is ""; expected text of 1 to 200 characters'],
    [{ name: '../x' }, '"name" is "../x"; expected at most 100 letters, digits'],
    [{ name: '.hidden' }, '"name" is ".hidden"; expected at most 100 letters, digits'],
    [{ name: 'a'.repeat(101) }, '"name" is "aaaaaaaaaaaa'],
    [{ title: 'x\u001b[2J' }, '"title" is "x\\u001b[2J"; expected text of 0 to 200 characters without control'],
    [{ title: 'x\u009b2J' }, '"title" is "x?2J"; expected text of 0 to 200'],
    [{ description: 'x'.repeat(5000) }, '"description" is "xxxxxxxxx'],
    [{ credits: [{ title: 'A' }] }, '"credits[0].author" is missing; expected text of 1 to 200'],
    [{ credits: 'me' }, '"credits" is "me"; expected a list of 0 to 1000 items'],
    [{ model: { sha256: 'F00', bytes: 1 } }, '"model.sha256" is "F00"; expected 64 lower-case hexadecimal digits'],
    [
      { model: { ...shortest('x').model, bytes: 2 ** 31 } },
      '"model.bytes" is 2147483648; expected a whole number from 1',
    ],
    [further({ dims: [4096, 8192] }), '"inputs[0].dims" is [4096,8192]; expected dimensions of at most 16777216 eleme'],
    [further({ dims: [-1] }), '"inputs[0].dims[0]" is -1; expected a whole number'],
    [further({ default: [1, 2, 3] }), '"inputs[0].default" is [1,2,3]; expected one number, or as many as dims have'],
    [further({ name: 'image' }), '"inputs" is [{"name":"image","dims":[2]}]; expected every input named once'],
    [
      { thumbnail: '../../secret.jpg' },
      '"thumbnail" is "../../secret.jpg"; expected the name of a JPEG, PNG or WebP file.',
    ],
    [{ figures: { gmac: -1, parameters: 1 } }, '"figures.gmac" is -1; expected a finite number of at least 0.'],
    [{ detail: 2 }, '"detail" is 2; expected a number from 0 to 1.'],
    [{ state: [{ input: 'image', output: 'y' }] }, '"state" is [{"input":"image","output":"y"}]; expected every input'],
  ])('refuses %j', (change, message) => {
    const { code, message: got } = fault(change);
    expect(got).toContain(`${file}: field ${message}`);
    expect(got.length).toBeLessThan(400);
    expect(code).toBe('PRESET_MANIFEST');
  });

  it('is not led astray by __proto__', () => {
    const value = JSON.parse(`{"__proto__": {"format": 1}, ${JSON.stringify(shortest('night')).slice(1)}`);
    expect(() => parseManifest(value, file)).toThrow(`${file}: unknown field "__proto__"; expected an object`);
  });
});
