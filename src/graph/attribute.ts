import type { Attribute, Graph, Node, Tensor } from './types.js';

/** An attribute as callers write it; the op table decides whether a 1 is an int or a float. */
export type AttributeValue = number | string | readonly number[] | readonly string[] | Tensor | Graph;

/** An attribute of the kind in the op table. */
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

/** An integer attribute of a node, if present. */
export function intOf(node: Node, name: string): number | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'int' ? attribute.value : undefined;
}

/** A string attribute of a node, if present. */
export function textOf(node: Node, name: string): string | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'string' ? attribute.value : undefined;
}
