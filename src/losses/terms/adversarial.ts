import type { GraphBuilder, Value } from '../../graph/builder.js';

function distanceTo(b: GraphBuilder, verdict: Value, wanted: number): Value {
  const away = b.op('Sub', [verdict, b.scalar('float32', wanted)]);
  return b.op('ReduceMean', [b.op('Mul', [away, away])], { keepdims: 0 });
}

/**
 * The least-squares loss of a discriminator (Mao 2017, arXiv 1611.04076): ½ E (D(domain) − 1)² + ½ E D(painted)².
 * 1/4 where it cannot distinguish them, 0 where it always can.
 *
 * @param domain,painted its outputs, of any shape.
 */
export function discriminatorLoss(b: GraphBuilder, domain: Value, painted: Value): Value {
  const sum = b.op('Add', [distanceTo(b, domain, 1), distanceTo(b, painted, 0)]);
  return b.op('Mul', [sum, b.scalar('float32', 0.5)]);
}

/** The generator's loss (Mao 2017): E (D(painted) − 1)². 1/4 where the discriminator cannot distinguish. */
export function generatorLoss(b: GraphBuilder, painted: Value): Value {
  return distanceTo(b, painted, 1);
}

/** Accuracy of the discriminator over patches, with domain and painted weighted half each. */
export function discriminatorAccuracy(b: GraphBuilder, domain: Value, painted: Value): Value {
  const half = b.scalar('float32', 0.5);
  const share = (right: Value) => b.op('ReduceMean', [b.op('Cast', [right], { to: 1 })], { keepdims: 0 });
  const both = b.op('Add', [share(b.op('Greater', [domain, half])), share(b.op('Less', [painted, half]))]);
  return b.op('Mul', [both, half]);
}
