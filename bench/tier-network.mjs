// Networks of the tiers with weights of chance, which do not change the time.
import { GraphBuilder } from '../dist/graph/builder.js';
import { parseManifest } from '../dist/model/manifest/schema.js';
import { styleNetwork } from '../dist/nets/network.js';
import { initialParameters, TrainedParameters } from '../dist/nets/parameters/parameters.js';
import { TIERS } from '../dist/nets/tiers.js';
import { exportNetwork } from '../dist/train/weights/export.js';

/** A network as training leaves it. @param name of the tier */
export async function tierNetwork(name) {
  const tier = TIERS[name];
  const b = new GraphBuilder();
  const parameters = new TrainedParameters(b);
  const net = { b, parameters, norm: 'live', seen: new Map() };
  b.output('y', styleNetwork(net, b.input('x', 'float32', [1, 3, 64, 64]), tier).picture);
  return exportNetwork(tier, parameters.list, initialParameters(parameters.list, 1));
}

/** The manifest of such a network. */
export const tierManifest = parseManifest(
  {
    format: 1,
    name: 'bench',
    tier: 'lite',
    model: { sha256: '0'.repeat(64), bytes: 1 },
    input: { name: 'image', multiple: 8 },
    output: { name: 'stylized' },
  },
  'bench',
);
