import { EngineError } from '../../errors.js';
import type { Size } from '../../frame.js';
import { shapeText } from '../../graph/dims.js';
import type { Dim, Model } from '../../graph/types.js';
import type { Layout, Manifest } from '../../model/manifest/types.js';
import { shapesOf } from '../runtime/shapes.js';
import { type StateTensor, stateError } from './recurrent-state.js';

/**
 * Checks that a network has the inputs and outputs named in its manifest.
 *
 * @throws EngineError `ENGINE_INPUT`, `ENGINE_OUTPUT`
 */
export function checkNames({ graph }: Model, { input, inputs, output, state }: Manifest): void {
  const takes = graph.inputs.map(({ name }) => name).filter((name) => !graph.constants.has(name));
  const fed = [...new Set([...[input, ...inputs].map(({ name }) => name), ...state.map((loop) => loop.input)])];
  const strange = fed.find((name) => !graph.inputs.some((taken) => taken.name === name));
  const hungry = takes.find((name) => !fed.includes(name));
  if (strange !== undefined || hungry !== undefined) {
    throw new EngineError(
      'ENGINE_INPUT',
      strange === undefined
        ? `The network takes "${hungry}" besides the picture; its manifest has only ${quoted(fed)}.`
        : `The network has no input "${strange}"; expected ${quoted(takes)}.`,
      { hint: 'Correct the names of the inputs in its manifest.' },
    );
  }
  const gives = graph.outputs.map(({ name }) => name);
  const missing = [output.name, ...state.map((loop) => loop.output)].find((name) => !gives.includes(name));
  if (missing !== undefined) {
    throw new EngineError('ENGINE_OUTPUT', `The network has no output "${missing}"; expected ${quoted(gives)}.`, {
      hint: 'Correct the name of the output in its manifest.',
    });
  }
}

const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ');

/**
 * Checks the shapes of a network's input and output against its manifest, before any picture is painted.
 *
 * @param network as read from the file @param resolved the same with all shapes known, from `resolveShapes` @param seen
 * size of the network's input in pixels
 * @throws EngineError `ENGINE_INPUT`, `ENGINE_OUTPUT`
 */
export function checkFit(network: Model, resolved: Model, { input, output }: Manifest, seen: Size): void {
  const size = input.size ?? seen;
  const shape = (layout: Layout) =>
    layout === 'nchw' ? [input.batch ?? 1, 3, size.height, size.width] : [input.batch ?? 1, size.height, size.width, 3];
  const taken = network.graph.inputs.find(({ name }) => name === input.name);
  if (taken && !taken.unranked && !agree(taken.dims, shape(input.layout))) {
    throw new EngineError(
      'ENGINE_INPUT',
      `The network takes ${shapeText(taken.dims)}; by its manifest it would get ${shapeText(shape(input.layout))}.`,
      { hint: 'Correct layout, size or batch of the input in its manifest.' },
    );
  }
  const given = shapesOf(resolved.graph, true).get(output.name);
  if (given && !agree(given, shape(output.layout))) {
    throw new EngineError(
      'ENGINE_OUTPUT',
      `The network gives ${shapeText(given)} for a picture of ${size.width}x${size.height}; expected ${shapeText(shape(output.layout))}.`,
      { hint: 'Its manifest may have the wrong output, layout or multiple, or it is not a style network.' },
    );
  }
}

/**
 * Checks that recurrent states have the same shape as input and output.
 *
 * @throws EngineError `ENGINE_STATE`
 */
export function checkStates({ graph }: Model, states: readonly StateTensor[]): void {
  const shapes = shapesOf(graph, true);
  for (const { input, output, dims } of states) {
    const given = shapes.get(output);
    if (given && !agree(given, dims)) {
      throw stateError(
        `state "${input}" is ${shapeText(dims)} and comes back as ${shapeText(given)}; expected the same`,
      );
    }
  }
}

/** Whether a shape matches the expected one; symbolic dims match any size. */
function agree(dims: readonly Dim[], expected: readonly number[]): boolean {
  return dims.length === expected.length && dims.every((dim, at) => typeof dim === 'string' || dim === expected[at]);
}
