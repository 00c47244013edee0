// A ruleset read as the server reads it: by itself, and with a host around it.
import { type Analysis, analyse, shownFindings } from '../../server/src/analysis/analysis.ts';
import { type LocatedProblem, type ParsedFile, parsedFile, problemsOf } from '../../server/src/analysis/parsed-file.ts';
import type { ShownFinding } from '../../server/src/rules/rule.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';

const uri = 'file:///hub/etc/nftables.conf';
const configUri = 'file:///hub/etc/wireguard/wg0.conf';
// a host around the ruleset, so that the rules about hosts run too; any peer may have any address, so that none is nobody's
const config = `[Interface]\nAddress = 10.10.0.1/16, fd00:10::1/32\nListenPort = 51820\n\n[Peer]\nPublicKey = ${Buffer.alloc(32, 7).toString('base64')}\nAllowedIPs = 10.0.0.0/8, fd00::/8\n`;

/** The tree, the facts and all checks of what nft would refuse, placed in the text. */
export function read(text: string): { readonly file: ParsedFile; readonly problems: readonly LocatedProblem[] } {
  const file = parsedFile(sourceFile(uri, 1, 'nftables', text));
  return { file, problems: problemsOf(file) };
}

/** The same, and what the rules about a host and its mesh find. */
export function readInMesh(text: string): { readonly analysis: Analysis; readonly findings: readonly ShownFinding[] } {
  const { file } = read(text);
  const analysis = analyse(
    new Map([
      [uri, file],
      [configUri, parsedFile(sourceFile(configUri, 1, 'wireguard', config))],
    ]),
  );
  return { analysis, findings: shownFindings(analysis, uri) };
}
