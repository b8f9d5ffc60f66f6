import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '#src/graph/builder.js';
import { tensor } from '#src/graph/elements.js';
import { styleNetwork } from '#src/nets/network.js';
import {
  FixedParameters,
  initialParameters,
  type Parameter,
  TrainedParameters,
} from '#src/nets/parameters/parameters.js';
import { TIERS, type TierName } from '#src/nets/tiers.js';
import { growParameters } from '#src/train/weights/grow.js';
import { numbers, run } from '../../graph/run.js';
import { waves } from '../../reference/wave.js';

const dims = [1, 3, 32, 40];

function listOf(tier: TierName): readonly Parameter[] {
  const b = new GraphBuilder();
  const parameters = new TrainedParameters(b);
  styleNetwork({ b, parameters, norm: 'live', seen: new Map() }, b.input('image', 'float32', dims), TIERS[tier]);
  return parameters.list;
}

async function painting(tier: TierName, vector: Float32Array): Promise<number[]> {
  const b = new GraphBuilder();
  const parameters = new FixedParameters(b, listOf(tier), vector);
  const net = { b, parameters, norm: 'live', seen: new Map() } as const;
  b.output('y', styleNetwork(net, b.input('image', 'float32', dims), TIERS[tier]).picture);
  const image = tensor('float32', dims, waves(3 * 32 * 40, 0.3, 0.5, 0.5));
  return numbers((await run(b.build(), { image })).y!);
}

/** Parameters of which none is what it starts as. */
function learned(tier: TierName): Float32Array {
  return initialParameters(listOf(tier), 5).map((value, i) => value + 0.1 * Math.sin(3.7 * i));
}

describe('a network grown from a smaller one', () => {
  it.each([
    ['tiny', 'lite'],
    ['lite', 'standard'],
    ['standard', 'fine'],
  ] as const)('%s to %s paints the same, with channels and blocks to learn with', async (small, large) => {
    const vector = learned(small);
    const larger = growParameters(vector, listOf(large), 1)!;
    const [before, after] = [await painting(small, vector), await painting(large, larger)];
    const most = before.reduce((far, value, i) => Math.max(far, Math.abs(value - after[i]!)), 0);
    expect(most).toBeLessThan(1e-4);
    const fresh = initialParameters(listOf(large), 1);
    expect(larger.filter((value, i) => value === fresh[i] && value !== 0).length).toBeGreaterThan(vector.length / 2);
  });

  it('is not had from a larger one, nor from what is no network', () => {
    expect(growParameters(learned('standard'), listOf('lite'), 1)).toBeUndefined();
    expect(growParameters(new Float32Array(1234), listOf('lite'), 1)).toBeUndefined();
  });
});
