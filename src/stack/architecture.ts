/** Which processors a type of instance has; an image of a container runs on one kind. */

export type Architecture = 'arm64' | 'x86_64';

/** Graviton types have a g after the generation: t4g, m7gd, c7gn. */
export function architectureOf(instanceType: string): Architecture {
  return /^[a-z]+\d+g[a-z]*\./.test(instanceType) ? 'arm64' : 'x86_64';
}
