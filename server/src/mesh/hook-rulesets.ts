// The rulesets that an interface's hooks load when it comes up: files by `nft -f`, and commands written into the hook itself.
import type { NftablesFacts } from '../nftables/facts.ts';
import { includePlaces } from '../nftables/ruleset/includes.ts';
import { rulesetState } from '../nftables/ruleset/ruleset.ts';
import type { Included, RulesetFile, RulesetState } from '../nftables/ruleset/state.ts';
import type { StatementFact } from '../nftables/statement-facts.ts';
import type { Origin } from '../text/origin.ts';
import type { WireguardFacts } from '../wireguard/facts.ts';
import { nftCommandFacts } from '../wireguard/hook-nft.ts';
import { locationOf } from './location.ts';

export interface HookRuleset {
  readonly state: RulesetState;
  /** Where the statement of that number stands: the command in its hook. */
  readonly origins: readonly Origin[];
}

/** The paths that hooks give to `nft -f`. */
export function hookFiles(facts: WireguardFacts): readonly string[] {
  return facts.interface.hooks.flatMap(({ value }) =>
    value.commands.flatMap((command) => (command.does === 'nft-file' ? [command.path] : [])),
  );
}

/** Where a file that a hook names may lie: below the host's root, or where wg-quick runs, as if that were the config's own folder. */
export function hookFilePlaces(uri: string, path: string): readonly string[] {
  const { folder, root, whole } = locationOf(uri);
  return includePlaces(path.startsWith('/') ? path : `./${path}`, { folder, root: whole ? root : null });
}

const kept = new WeakMap<WireguardFacts, { readonly name: string; readonly facts: NftablesFacts; readonly origins: readonly Origin[] }>();

/** What the kernel holds of nft once the interface is up and nothing else was loaded; null where its hooks do not speak of nft. */
export function hookRuleset(uri: string, name: string, facts: WireguardFacts, included: Included): HookRuleset | null {
  let made = kept.get(facts);
  if (made?.name !== name) {
    made = { name, ...hookStatements(uri, name, facts) };
    kept.set(facts, made);
  }
  if (made.facts.statements.length === 0) return null;
  const file: RulesetFile = { uri, facts: made.facts };
  return { state: rulesetState(file, included), origins: made.origins };
}

/** The statements that an interface's hooks give to nft, in the order in which they run; each with the command that holds it. */
export function hookStatements(uri: string, name: string, facts: WireguardFacts): { facts: NftablesFacts; origins: readonly Origin[] } {
  const statements: StatementFact[] = [];
  const origins: Origin[] = [];
  for (const event of ['PreUp', 'PostUp']) {
    for (const { value, at } of facts.interface.hooks) {
      if (value.event !== event) continue;
      value.commands.forEach((command, index) => {
        const origin: Origin = { uri, statement: at.statement, item: index + 1 };
        // a command that bash changes first says nothing for certain
        const found: readonly StatementFact[] =
          command.does === 'nft' && !command.dynamic
            ? nftCommandFacts(command.text.replaceAll('%i', name)).statements
            : command.does === 'nft-file'
              ? [{ kind: 'include', path: command.path.replaceAll('%i', name) }]
              : [];
        for (const fact of found) {
          statements.push(fact);
          origins.push(origin);
        }
      });
    }
  }
  return { facts: { language: 'nftables', statements }, origins };
}
