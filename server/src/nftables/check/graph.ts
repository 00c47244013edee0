// Jumps from chain to chain: the kernel takes no loop, and no more than 16 at once (nf_tables_api.c, nft_chain_validate).
import type { ChainDeclaration } from './declarations.ts';

export const MAX_JUMPS = 16;

export interface Graph {
  /** By the chain’s key: the keys of those it jumps to. */
  readonly jumps: ReadonlyMap<string, ReadonlySet<string>>;
}

export type Trouble =
  | { readonly kind: 'loop'; readonly chain: string; readonly way: readonly string[] }
  | { readonly kind: 'depth'; readonly chain: string; readonly depth: number };

/** The loops that a packet can come into, and the base chains from which jumps go too deep: the kernel looks from its hooks on. */
export function troublesOf({ jumps }: Graph, chains: ReadonlyMap<string, ChainDeclaration>): readonly Trouble[] {
  const troubles: Trouble[] = [];
  const depths = new Map<string, number>();
  const way: string[] = [];
  const onWay = new Set<string>();
  // each chain is entered once, so the time is that of reading the jumps; the way is as long as the chains are many, and walked without recursion
  for (const [start, { base }] of chains) {
    if (!base || depths.has(start) || !jumps.has(start)) continue;
    const stack: { readonly chain: string; readonly rest: string[]; deepest: number }[] = [];
    const enter = (chain: string): void => {
      stack.push({ chain, rest: [...(jumps.get(chain) ?? [])], deepest: 0 });
      way.push(chain);
      onWay.add(chain);
    };
    enter(start);
    for (let top = stack[stack.length - 1]; top; top = stack[stack.length - 1]) {
      const next = top.rest.pop();
      if (next === undefined) {
        stack.pop();
        way.pop();
        onWay.delete(top.chain);
        depths.set(top.chain, top.deepest);
        const outer = stack[stack.length - 1];
        if (outer) outer.deepest = Math.max(outer.deepest, top.deepest + 1);
      } else if (onWay.has(next)) troubles.push({ kind: 'loop', chain: next, way: way.slice(way.indexOf(next)) });
      else {
        const known = depths.get(next);
        if (known === undefined) enter(next);
        else top.deepest = Math.max(top.deepest, known + 1);
      }
    }
  }
  if (troubles.length > 0) return troubles;
  for (const [key, { base }] of chains) {
    const depth = depths.get(key) ?? 0;
    if (base && depth >= MAX_JUMPS) troubles.push({ kind: 'depth', chain: key, depth });
  }
  return troubles;
}
