import type { Attribute, Graph, Tensor } from './types.js';

/** An attribute as callers write it; the op table tells a 1 that is an int from one that is a float. */
export type AttributeValue = number | string | readonly number[] | readonly string[] | Tensor | Graph;

/** An attribute of the kind that the op table asks for. */
export function attributeOf(kind: Attribute['kind'] | undefined, value: AttributeValue): Attribute {
  if (kind === 'float' && typeof value === 'number') return { kind, value };
  if (typeof value === 'number') return { kind: 'int', value };
  if (typeof value === 'string') return { kind: 'string', value };
  if (Array.isArray(value)) {
    if (typeof value[0] === 'string') return { kind: 'strings', value: [...value] };
    return { kind: kind === 'floats' ? 'floats' : 'ints', value: [...value] };
  }
  return 'nodes' in value ? { kind: 'graph', value } : { kind: 'tensor', value: value as Tensor };
}
