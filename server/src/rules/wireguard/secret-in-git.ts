// A file with a key in it is in a repository.
import type { Fix } from '../../text/edit.ts';
import type { InterfaceRule } from '../rule.ts';
import { holdsSecret } from './readable-secret.ts';

const config = `[Interface]
PrivateKey = eAYap00TbHuzDyTLHCpiHcIYgH2m0omkHNBxwYtqOHY= # meshwarden: allow wireguard/inline-private-key -- a test’s key
Address = 10.10.0.1/24
`;

export const secretInGit: InterfaceRule = {
  id: 'wireguard/secret-in-git',
  severity: 'warning',
  scope: 'interface',
  docs: {
    summary: 'A file with a key in it is tracked by git.',
    why: 'A repository is copied, and never forgets: whoever has a clone, now or later, can be this host. Take the key out of the file, or the file out of the repository: `git rm --cached` it, and let `.gitignore` name it (the fix does that part). A key that was ever pushed is known; make a new one. Git’s own files are read for this, no git is run, and where they cannot be, nothing is said.',
    examples: [{ bad: `-- tracked:wg0.conf --\n${config}`, good: config }],
  },

  check(node, _model, report) {
    if (node.disk?.tracked !== true || !holdsSecret(node)) return;
    report({
      uri: node.uri,
      at: node.own.at ?? { statement: 0, item: 0 },
      message: node.disk.ignored
        ? '.gitignore names this file, but git still tracks it, with the key in it: take it out of the repository (git rm --cached), and make a new key if it was ever pushed.'
        : 'Git tracks this file, and it holds a key: every clone has it. Move the key to a file of its own, or take this one out of the repository (git rm --cached); if it was ever pushed, make a new key.',
    });
  },

  fix({ uri }, context): readonly Fix[] {
    if (context.model.links.interfaceOf.get(uri)?.disk?.ignored) return [];
    const slash = uri.lastIndexOf('/');
    let name: string;
    try {
      name = decodeURIComponent(uri.slice(slash + 1));
    } catch {
      return [];
    }
    const ignore = `${uri.slice(0, slash)}/.gitignore`;
    return [
      {
        title: `Name ${name} in .gitignore (then: git rm --cached ${name})`,
        safety: 'review',
        edits: [{ uri: ignore, span: { start: 0, end: 0 }, text: `/${name}\n`, creates: true }],
      },
    ];
  },
};
