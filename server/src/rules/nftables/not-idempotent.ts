// A ruleset that doubles its rules when it is loaded again.
import type { NftablesFacts } from '../../nftables/facts.ts';
import type { Fix } from '../../text/edit.ts';
import type { FileRule } from '../rule.ts';

export const notIdempotent: FileRule = {
  id: 'nftables/not-idempotent',
  severity: 'info',
  scope: 'file',
  docs: {
    summary: 'Loading this file twice doubles its rules.',
    why: [
      '`nft -f` adds to what is loaded: a table that is there already keeps its rules, and those of the file are appended. After a reload the old rules still stand first, so that a rule that was taken out of the file stays in force, and a peer that was removed keeps its access.',
      '',
      'Empty the table first, in the same file: then old and new change places in one step. `table inet filter` alone makes the table where it is missing, so that `flush table` has something to empty. `flush ruleset` at the top does it for everything, other programs’ tables too.',
      '',
      'Told for files that are run by themselves: their first line is `#!/usr/sbin/nft -f`.',
    ].join('\n'),
    examples: [
      {
        bad: `#!/usr/sbin/nft -f

table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		tcp dport 22 accept
	}
}
`,
        good: `#!/usr/sbin/nft -f

table inet filter
flush table inet filter

table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		tcp dport 22 accept
	}
}
`,
      },
    ],
  },

  check({ uri, facts }, report) {
    if (!facts.statements.some(({ kind }) => kind === 'script')) return;
    const found = appended(facts);
    if (!found) return;
    report({
      uri,
      at: { statement: found.statement, item: 0 },
      message: `Loading this file again appends the rules of table ${found.family} ${found.table} to those that are there: what was removed from the file stays in force. Empty the table first.`,
    });
  },

  fix(finding, context): readonly Fix[] {
    const table = /table (\S+) (\S+) to those/.exec(finding.message);
    if (!table) return [];
    const text = context.text(finding.uri);
    const start = text.lastIndexOf('\n', finding.span.start - 1) + 1;
    if (text.slice(start, finding.span.start).trim() !== '') return [];
    const name = `${table[1]} ${table[2]}`;
    return [
      {
        title: `Empty table ${name} first`,
        safety: 'review',
        preferred: true,
        edits: [{ uri: finding.uri, span: { start, end: start }, text: `table ${name}\nflush table ${name}\n\n` }],
      },
    ];
  },
};

interface Appended {
  readonly statement: number;
  readonly family: string;
  readonly table: string;
}

/** The first table block with rules that nothing before it has emptied; none where an included file may have done so. */
function appended({ statements }: NftablesFacts): Appended | null {
  const emptied = new Set<string>();
  let block: Appended | null = null;
  const open: string[] = [];
  for (let statement = 0; statement < statements.length; statement++) {
    const fact = statements[statement];
    switch (fact?.kind) {
      case 'include':
        return null;
      case 'command': {
        const { command, object, at } = fact;
        if (command !== 'flush' && command !== 'delete' && command !== 'destroy') break;
        if (object === 'ruleset') return null;
        if (object === 'table' || (object === 'chain' && command === 'flush')) emptied.add(`${at.family ?? 'ip'} ${at.table}`);
        break;
      }
      case 'object':
        if (!fact.block) break;
        if (open.length === 0 && fact.object === 'table' && fact.at.table !== null)
          block = { statement, family: fact.at.family ?? 'ip', table: fact.at.table };
        open.push(fact.object);
        break;
      case 'rule':
        if (block && open.at(-1) === 'chain' && !emptied.has(`${block.family} ${block.table}`)) return block;
        break;
      case 'end':
        open.pop();
        if (open.length === 0) block = null;
        break;
    }
  }
  return null;
}
