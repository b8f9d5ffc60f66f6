// node export.mjs <dist> <tier> <vector.safetensors> <out.onnx>
import { readFileSync, writeFileSync } from 'node:fs';
const [dist, tier, vec, out] = process.argv.slice(2);
const at = (p) => import(`${dist}/${p}`);
const { GraphBuilder } = await at('graph/builder.js'); const { styleNetwork } = await at('nets/network.js'); const { TIERS } = await at('nets/tiers.js');
const { TrainedParameters } = await at('nets/parameters/parameters.js'); const { exportNetwork } = await at('train/weights/export.js'); const { writeModel } = await at('graph/onnx/write.js'); const { readSafetensors } = await at('losses/networks/safetensors.js');
const b = new GraphBuilder('p'); const parameters = new TrainedParameters(b);
styleNetwork({ b, parameters, norm: 'live', seen: new Map() }, b.input('image', 'float32', [1, 3, 64, 64]), TIERS[tier]);
const v = readSafetensors(readFileSync(vec)).get('parameters').data;
const model = await exportNetwork(TIERS[tier], parameters.list, v, 'live');
writeFileSync(out, writeModel(model)); console.log(out, v.length);
