// Private, preshared and public keys where wg reads them.
import { type KeyFault, keyFault, keyText, type Secret, secretAt } from '../../net/key.ts';
import { Token } from '../../text/token.ts';
import { isSpace, type LineReader, problem, push, refusedByWg, span, squeezed } from '../line-reader.ts';
import type { Reading } from '../tree.ts';
import type { KeyRow } from '../vocabulary.ts';

const FAULTS: Readonly<Record<KeyFault, string>> = {
  length: 'a key is 44 characters of base64',
  ending: 'a key ends with “=”',
  alphabet: 'a key has only A–Z, a–z, 0–9, + and /',
  canonical: 'its last character before “=” carries bits that a key does not have; a character was lost or changed',
};

const PLACEHOLDER =
  /^<.*>$|^\(.*\)$|^\[.*\]$|\{\{|^\$\{?\w|^%\w|^(your|insert|replace|change|my|x{3,}|put|paste|server|client|peer|private|public|base64)[\w .-]*$|\.\.\.|…/i;
const PATH = /^(~?\/|\.{1,2}\/|file:|\$\(|<\(|`)|^[^+]*\.(key|psk|priv|pub|pem|txt|secret)$/i;

/** Secrets are looked at in place: no message, no value holds one. */
export function readSecret(reader: LineReader, row: KeyRow, kind: 'private-key' | 'preshared-key', start: number, end: number): Secret {
  const { text } = reader;
  let secret: Secret;
  const at = span(reader, start, end);
  if (hasSpace(text, start, end)) {
    reader.squeezed = true;
    const joined = text.slice(start, end).replace(/[ \t\v\f\r]+/g, '');
    secret = secretAt(joined, 0, joined.length, at, kind === 'private-key');
  } else secret = secretAt(text, start, end, at, kind === 'private-key');
  if (secret.fault) {
    const written = end - start <= 4096 ? text.slice(start, end) : '';
    if (isPath(written)) {
      const command = kind === 'private-key' ? 'wg set %i private-key FILE' : 'wg set %i peer <PublicKey> preshared-key FILE';
      problem(
        reader,
        'key-is-a-path',
        start,
        end,
        `wg reads no key from a file or a command here: “Key is not the correct length or format”. Load it with “PostUp = ${command}” in [Interface] instead`,
        refusedByWg,
      );
    } else if (PLACEHOLDER.test(written)) {
      problem(
        reader,
        'invalid-value',
        start,
        end,
        `this is a placeholder, no key; ${row.name} takes the 44 characters that “${kind === 'private-key' ? 'wg genkey' : 'wg genpsk'}” prints`,
        refusedByWg,
      );
    } else {
      problem(
        reader,
        'invalid-value',
        start,
        end,
        `this is no key: ${FAULTS[secret.fault]}${secret.fault === 'length' ? `, this has ${end - start}` : ''}. wg refuses it`,
        refusedByWg,
      );
    }
    push(reader, Token.Unknown, end);
  } else push(reader, Token.Secret, end);
  return secret;
}

function isPath(written: string): boolean {
  return PATH.test(written) && !/^[A-Za-z0-9+/]{40,}=*$/.test(written);
}

function hasSpace(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (isSpace(text.charCodeAt(i))) return true;
  return false;
}

/** The reading of every sound key: what it says is in the line's facts before the next is read. */
const soundKey: { readonly is: 'public-key'; key: string } = { is: 'public-key', key: '' };

export function readPublicKey(reader: LineReader, row: KeyRow, start: number, end: number): Reading {
  const { text } = reader;
  let key = keyText(text, start, end);
  const joined = key === null ? squeezed(reader, start, end) : '';
  key ??= keyText(joined, 0, joined.length);
  if (key !== null) {
    push(reader, Token.PublicKey, end);
    soundKey.key = key;
    return soundKey;
  }
  const fault = keyFault(joined, 0, joined.length) ?? 'length';
  const written = text.slice(start, Math.min(end, start + 4096));
  const what = isPath(written)
    ? 'a path; wg takes the key itself here, and it is no secret'
    : PLACEHOLDER.test(written)
      ? `a placeholder; ${row.name} takes the 44 characters that “wg pubkey” prints`
      : `no key: ${FAULTS[fault]}${fault === 'length' ? `, this has ${end - start}` : ''}`;
  problem(reader, 'invalid-value', start, end, `this is ${what}. wg refuses it`, refusedByWg);
  push(reader, Token.Unknown, end);
  return { is: 'public-key', key: null };
}
