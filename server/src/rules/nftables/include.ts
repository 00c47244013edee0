// An include that nft cannot follow, or whose file is not among those that are checked.
import { INCLUDE_DEPTH } from '../../nftables/ruleset/execute.ts';
import { type IncludeFault, includeFaults } from '../../nftables/ruleset/include-faults.ts';
import { isPattern } from '../../nftables/ruleset/includes.ts';
import type { RulesetFileRule } from '../rule.ts';

export const include: RulesetFileRule = {
  id: 'nftables/include',
  severity: 'error',
  scope: 'ruleset-file',
  docs: {
    summary: 'An include that goes round or too deep, or whose file is not here.',
    why: [
      'nft reads an included file where the `include` stands. A path that begins with `/` is the host’s; one that begins with `./` is looked for where nft runs, any other below `/etc` (nft’s `-I`). A pattern reads all files that match, in the order of their names, and may match none.',
      '',
      `A file that includes itself, in however many steps, ends at the ${INCLUDE_DEPTH}th file, and nft refuses all of it. A file that is not here is only told: whether nft finds it depends on the machine, and what it defines is not known.`,
    ].join('\n'),
    examples: [
      {
        bad: '-- etc/nftables.conf --\ninclude "/etc/nftables.d/mesh.nft"\n-- etc/nftables.d/mesh.nft --\ntable inet mesh {\n}\ninclude "/etc/nftables.d/mesh.nft"\n',
        good: '-- etc/nftables.conf --\ninclude "/etc/nftables.d/mesh.nft"\n-- etc/nftables.d/mesh.nft --\ntable inet mesh {\n}\n',
      },
      {
        bad: '-- etc/nftables.conf --\ninclude "/etc/nftables.d/mehs.nft"\n-- etc/nftables.d/mesh.nft --\ntable inet mesh {\n}\n',
        good: '-- etc/nftables.conf --\ninclude "/etc/nftables.d/mesh.nft"\n-- etc/nftables.d/mesh.nft --\ntable inet mesh {\n}\n',
      },
    ],
  },

  check(ruleset, model, report) {
    for (const { at, path, fault } of includeFaults(ruleset, model.included)) {
      // a pattern may match nothing
      if (fault === 'elsewhere' && isPattern(path)) continue;
      report({
        uri: ruleset.uri,
        at,
        message: messages[fault](path),
        ...(fault === 'elsewhere' ? { severity: 'info' } : { refusedBy: 'nft' }),
      });
    }
  },
};

const messages: Readonly<Record<IncludeFault['fault'], (path: string) => string>> = {
  round: (path) =>
    `“${path}” comes back to this file, and nft stops at the ${INCLUDE_DEPTH}th; remove this include or the one that leads back.`,
  deep: (path) =>
    `“${path}” leads to more than ${INCLUDE_DEPTH} files, one within the other, and nft stops there; include some of them from here.`,
  elsewhere: (path) =>
    `“${path}” is not here: whether nft finds it depends on the machine, and what it defines is not known. Put it into this folder to have it checked as well.`,
};
