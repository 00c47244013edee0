// The files of a mesh once all that its grants generate is in place: AllowedIPs at both ends of each link, and a ruleset on each host.

import { type ParsedFile, parsedFile, placeSpan } from '../../server/src/analysis/parsed-file.ts';
import { languageOfPath } from '../../server/src/analysis/recognise.ts';
import { generateAllowedIps } from '../../server/src/generate/allowed-ips.ts';
import { allowedIpsEdits } from '../../server/src/generate/allowed-ips-edits.ts';
import { generateNftables } from '../../server/src/generate/nftables.ts';
import { buildMesh } from '../../server/src/mesh/build.ts';
import type { PolicyFile } from '../../server/src/mesh/known-hosts.ts';
import type { MeshModel } from '../../server/src/mesh/model.ts';
import { applyEdits } from '../../server/src/text/edit.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';
import { pathOf, type TextFiles, uriOf } from './mesh-files.ts';

export interface ReadMesh {
  readonly files: ReadonlyMap<string, ParsedFile>;
  readonly model: MeshModel;
  readonly policies: readonly PolicyFile[];
}

/** Reads files without asking any rule. */
export function readMesh(texts: TextFiles): ReadMesh {
  const files = new Map<string, ParsedFile>();
  for (const path of Object.keys(texts).sort()) {
    const language = languageOfPath(`/${path}`);
    if (!language || language === 'maybe') throw new Error(`${path} is none of our files`);
    files.set(uriOf(path), parsedFile(sourceFile(uriOf(path), 1, language, texts[path] ?? '')));
  }
  const { model } = buildMesh([...files.values()].map(({ source, facts }) => ({ uri: source.uri, facts })));
  const policies = [...files.values()].flatMap(({ source: { uri }, facts }) => (facts.language === 'policy' ? [{ uri, facts }] : []));
  return { files, model, policies };
}

export function carriedOut(texts: TextFiles): TextFiles {
  const { files, model, policies } = readMesh(texts);
  const result: Record<string, string> = { ...texts };
  for (const policy of policies) {
    const edits = allowedIpsEdits(generateAllowedIps(model, policy).entries, {
      text: (uri) => files.get(uri)?.source.text ?? '',
      span: (uri, place) => {
        const file = files.get(uri);
        return file ? placeSpan(file, place) : null;
      },
    });
    for (const uri of new Set(edits.map((edit) => edit.uri)))
      result[pathOf(uri)] = applyEdits(
        files.get(uri)?.source.text ?? '',
        edits.filter((edit) => edit.uri === uri),
      );
  }
  for (const host of model.links.hosts) result[`${host.name}/etc/nftables.conf`] = generateNftables(model, policies, host).text;
  return result;
}
