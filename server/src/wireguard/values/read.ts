// Reads the values of WireGuard keys, exactly as config.c and wg-quick do, and says what they would refuse.
import { Token } from '../../text/token.ts';
import { quoted } from '../../text/words.ts';
import { isSpace, type LineReader, problem, push, refusedByWg } from '../line-reader.ts';
import type { Reading } from '../tree.ts';
import type { KeyRow } from '../vocabulary.ts';
import { readEndpoint, readPort } from './endpoint.ts';
import { readHook } from './hook.ts';
import { readPublicKey, readSecret } from './keys.ts';
import { readAddresses, readAllowedIps, readDns } from './lists.ts';
import { readBoolean, readCount, readFwMark, readKeepalive, readMtu, readTable } from './numbers.ts';

/** Reads `start..end` (in the file, trimmed) as the value of `row`, pushing its tokens. */
export function readValue(reader: LineReader, row: KeyRow, start: number, end: number): Reading {
  if (start === end) return emptyValue(reader, row, start);
  const known = reader.problems.length;
  reader.squeezed = false;
  const reading = readNonEmpty(reader, row, start, end);
  // where the value is told for another reason, that is the mistake
  if (reader.squeezed && row.tool === 'wg' && reader.problems.length === known) innerSpace(reader, row, start, end);
  return reading;
}

function readNonEmpty(reader: LineReader, row: KeyRow, start: number, end: number): Reading {
  switch (row.value) {
    case 'private-key':
    case 'preshared-key':
      return { is: row.value, secret: readSecret(reader, row, row.value, start, end) };
    case 'public-key':
      return readPublicKey(reader, row, start, end);
    case 'allowed-ips':
      return readAllowedIps(reader, start, end);
    case 'addresses':
      return readAddresses(reader, start, end);
    case 'endpoint':
      return readEndpoint(reader, start, end);
    case 'port':
      return { is: 'number', value: readPort(reader, start, end, 'ListenPort') };
    case 'fwmark':
      return readFwMark(reader, start, end);
    case 'keepalive':
      return readKeepalive(reader, start, end);
    case 'mtu':
      return readMtu(reader, start, end);
    case 'table':
      return readTable(reader, start, end);
    case 'dns':
      return readDns(reader, start, end);
    case 'boolean':
      return readBoolean(reader, start, end);
    case 'hook':
      return readHook(reader, start, end);
    case 'count':
      return readCount(reader, row, start, end);
    default:
      // kinds that only dialects have
      push(reader, Token.Constant, end);
      return { is: 'unread' };
  }
}

/** wg matches `Key=` and at least one character (config.c, key_match); wg-quick takes nothing for an answer, but for SaveConfig. */
function emptyValue(reader: LineReader, row: KeyRow, at: number): Reading {
  if (row.tool === 'wg')
    problem(
      reader,
      'invalid-value',
      reader.start,
      at,
      `${row.name} has no value, and wg refuses the line; write one (${row.example}) or remove the line`,
      refusedByWg,
    );
  else if (row.value === 'boolean') {
    problem(reader, 'invalid-value', reader.start, at, `${row.name} has no value; wg-quick takes true or false`, { refusedBy: 'wg-quick' });
  } else {
    problem(
      reader,
      'empty-value',
      reader.start,
      at,
      `${row.name} has no value, and the line does nothing; write one (${row.example}) or remove the line`,
    );
  }
  return { is: 'unread' };
}

/** Spaces that join two words into one when wg deletes them: `ListenPort = 518 20`, `AllowedIPs = 10.0.0.1 1/32`. */
function innerSpace(reader: LineReader, row: KeyRow, start: number, end: number): void {
  const { text } = reader;
  let joined = false;
  for (let i = start + 1; i < end - 1 && !joined; i++) {
    if (!isSpace(text.charCodeAt(i))) continue;
    const before = text[i - 1] as string;
    while (i < end && isSpace(text.charCodeAt(i))) i++;
    joined = /[\w+]/.test(before) && /[\w+]/.test(text[i] as string);
  }
  if (!joined) return;
  const secret = row.value === 'private-key' || row.value === 'preshared-key';
  const taken = secret ? 'the key without them' : quoted(text.slice(start, end).replace(/[ \t\v\f\r]+/g, ''));
  problem(reader, 'inner-space', start, end, `wg deletes spaces also inside a value, and takes ${taken}; write it so, or what was meant`);
}
