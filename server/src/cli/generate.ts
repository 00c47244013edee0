// meshwarden generate: from grants to a host's nftables table and to AllowedIPs, and from a table that people draw to grants.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { generateAllowedIps } from '../generate/allowed-ips.ts';
import type { Trouble } from '../generate/flows.ts';
import { grantsFromTable, grantsText } from '../generate/from-table.ts';
import { generateNftables } from '../generate/nftables.ts';
import { prefixText } from '../net/address.ts';
import { listed } from '../text/words.ts';
import { type Command, type Format, formats, isWrong, oneOf, parsedArgs, type Surroundings, toldWrong } from './command.ts';
import { toldMistakes } from './test.ts';
import { lineOf, readWorkspace, type Workspace } from './workspace.ts';

export const generateCommand: Command = {
  name: 'generate',
  usage: `  meshwarden generate nftables --host HOST [FOLDER]
                             the table that lets through on HOST what the grants in meshwarden.jsonc say, and nothing else of the mesh
  meshwarden generate allowed-ips [FOLDER]
                             the AllowedIPs that the grants need, at both ends of each link
  meshwarden generate grants [FILE]
                             grants from a matrix: a Markdown or CSV table in FILE, or on standard input
      --format pretty|json   how to print (default pretty: the text itself)
      ends with 0, with 1 when something of the grants cannot be carried out, which is told
`,
  async run([what, ...args], around) {
    const text = { type: 'string' } as const;
    const parsed = parsedArgs({ args: [...args], allowPositionals: true, options: { format: text, host: text } });
    if (isWrong(parsed)) return toldWrong(around, parsed.wrong);
    const { values, positionals } = parsed;
    const format = oneOf('format', formats, values.format);
    if (isWrong(format)) return toldWrong(around, format.wrong);
    if (positionals.length > 1) return toldWrong(around, `generate ${what} takes one ${what === 'grants' ? 'file' : 'folder'}`);
    const [given] = positionals;
    if (what === 'grants') return grants(given ?? '-', format, around);
    if (what !== 'nftables' && what !== 'allowed-ips') return toldWrong(around, 'generate takes nftables, allowed-ips or grants');
    const workspace = await readWorkspace(given ?? '.', around);
    if (!workspace || toldMistakes(workspace, around)) return 2;
    const { policies } = workspace;
    if (policies.every(({ facts }) => facts.grants === null)) return toldWrong(around, 'there is no meshwarden.jsonc with “grants” here');
    if (what === 'allowed-ips') return allowedIps(workspace, format, around);
    const { hosts } = workspace.mesh.model.links;
    const found = hosts.filter(({ name }) => name === values.host);
    const [host] = found;
    if (!host || found.length > 1)
      return toldWrong(
        around,
        `${values.host === undefined ? '--host is missing' : `there ${found.length > 1 ? 'are several hosts' : 'is no host'} “${values.host}”`}; there are ${
          listed(
            hosts.map(({ name }) => name),
            'and',
            40,
          ) || 'none'
        }`,
      );
    const generated = generateNftables(workspace.mesh.model, policies, host);
    around.out.write(
      format === 'json'
        ? `${JSON.stringify({ host: host.name, text: generated.text, troubles: shownTroubles(generated.troubles, workspace) }, null, 2)}\n`
        : generated.text,
    );
    return toldTroubles(generated.troubles, workspace, around);
  },
};

function allowedIps(workspace: Workspace, format: Format, around: Surroundings): number {
  const troubles: Trouble[] = [];
  const rows = workspace.policies.flatMap((policy) => {
    if (!policy.facts.grants) return [];
    const generated = generateAllowedIps(workspace.mesh.model, policy);
    troubles.push(...generated.troubles);
    return generated.entries.map(({ node, peer, allowedIps, same }) => ({
      ...lineOf(workspace, { uri: node.uri, ...peer.facts.at }),
      host: node.host.name,
      interface: node.name,
      peer: peer.label,
      allowedIps: allowedIps.map(prefixText),
      same,
    }));
  });
  if (format === 'json') around.out.write(`${JSON.stringify({ entries: rows, troubles: shownTroubles(troubles, workspace) }, null, 2)}\n`);
  else {
    let file = '';
    for (const { path: at = '', line = 0, peer, allowedIps, same } of rows) {
      if (at !== file) around.out.write(`${file ? '\n' : ''}${at}\n`);
      file = at;
      const said = allowedIps.length > 0 ? `AllowedIPs = ${allowedIps.join(', ')}` : 'no grant needs this peer';
      around.out.write(`  ${line}: ${peer}  ${said}${same ? '' : '  (to be changed)'}\n`);
    }
  }
  return toldTroubles(troubles, workspace, around);
}

function shownTroubles(troubles: readonly Trouble[], workspace: Workspace): readonly object[] {
  return troubles.map(({ says, uri, at }) => ({ ...lineOf(workspace, { uri, ...at }), says }));
}

function toldTroubles(troubles: readonly Trouble[], workspace: Workspace, { err }: Surroundings): 0 | 1 {
  const seen = new Set<string>();
  for (const { says, uri, at } of troubles) {
    const line = lineOf(workspace, { uri, ...at });
    seen.add(`meshwarden: ${line ? `${line.path}:${line.line}: ` : ''}${says}\n`);
  }
  for (const line of seen) err.write(line);
  return troubles.length > 0 ? 1 : 0;
}

async function grants(given: string, format: Format, around: Surroundings): Promise<number> {
  const table = given === '-' ? await textOf(around.input) : await readFile(path.resolve(around.folder, given), 'utf8').catch(() => null);
  if (table === null) return toldWrong(around, `${given}: it cannot be read`);
  const found = grantsFromTable(table);
  if (format === 'json') around.out.write(`${JSON.stringify(found, null, 2)}\n`);
  else if (found.grants.length > 0) around.out.write(grantsText(found.grants));
  for (const { line, says } of found.problems) around.err.write(`meshwarden: ${given === '-' ? 'line ' : `${given}:`}${line}: ${says}\n`);
  if (found.grants.length === 0 && found.problems.length === 0) around.err.write('meshwarden: there is no table here\n');
  return found.problems.length > 0 || found.grants.length === 0 ? 1 : 0;
}
