// Numbers with a few words beside them: marks, seconds, bytes, tables; true and false.
import { Token } from '../../text/token.ts';
import { quoted } from '../../text/words.ts';
import { type LineReader, problem, push, refusedByWg, squeezed } from '../line-reader.ts';
import type { Reading } from '../tree.ts';
import type { KeyRow } from '../vocabulary.ts';
import { readWords } from './lists.ts';

/** config.c, parse_fwmark: off, decimal (a leading 0 is no octal), lower-case 0x. */
export function readFwMark(reader: LineReader, start: number, end: number): Reading {
  const raw = squeezed(reader, start, end);
  const value = /^off$/i.test(raw) ? 0 : /^0x[0-9a-fA-F]+$/.test(raw) || /^[0-9]+$/.test(raw) ? Number(raw) : Number.NaN;
  const sound = value >= 0 && value <= 0xffffffff;
  if (!sound)
    problem(
      reader,
      'invalid-value',
      start,
      end,
      `${quoted(raw)} is no mark; wg takes off, a decimal number, or a lower-case 0x number up to 0xffffffff`,
      refusedByWg,
    );
  push(reader, sound ? Token.Number : Token.Unknown, end);
  return { is: 'number', value: sound ? value : null };
}

export function readKeepalive(reader: LineReader, start: number, end: number): Reading {
  const raw = squeezed(reader, start, end);
  const value = /^off$/i.test(raw) ? 0 : /^[0-9]+$/.test(raw) ? Number(raw) : Number.NaN;
  const sound = value >= 0 && value <= 65535;
  if (!sound)
    problem(
      reader,
      'invalid-value',
      start,
      end,
      `${quoted(raw)} is no interval; wg takes off or seconds from 0 to 65535 (25 behind NAT)`,
      refusedByWg,
    );
  push(reader, sound ? Token.Number : Token.Unknown, end);
  return { is: 'number', value: sound ? value : null };
}

export function readMtu(reader: LineReader, start: number, end: number): Reading {
  const raw = reader.text.slice(start, end);
  const sound = /^[0-9]+$/.test(raw);
  if (!sound)
    problem(
      reader,
      'invalid-value',
      start,
      end,
      `${quoted(raw)} is no number of bytes: bringing the interface up will fail. The usual MTU is 1420`,
      { failsAt: 'up' },
    );
  push(reader, sound ? Token.Number : Token.Unknown, end);
  return { is: 'number', value: sound ? Number(raw) : null };
}

/** AmneziaWG's own numbers. */
export function readCount(reader: LineReader, row: KeyRow, start: number, end: number): Reading {
  const raw = squeezed(reader, start, end);
  const sound = /^[0-9]+$/.test(raw) && Number(raw) <= 0xffffffff;
  if (!sound)
    problem(reader, 'invalid-value', start, end, `${quoted(raw)} is no number; write one, as in “${row.example}”`, { refusedBy: 'awg' });
  push(reader, sound ? Token.Number : Token.Unknown, end);
  return { is: 'number', value: sound ? Number(raw) : null };
}

/** wg-quick compares `auto` and `off` with their case; anything else is given to ip(8). */
export function readTable(reader: LineReader, start: number, end: number): Reading {
  const raw = reader.text.slice(start, end);
  if (/^(auto|off)$/i.test(raw) && raw !== raw.toLowerCase()) {
    problem(
      reader,
      'invalid-value',
      start,
      end,
      `wg-quick knows ${raw.toLowerCase()} only in small letters; ${quoted(raw)} is given to ip(8) as a table’s name and fails`,
      { failsAt: 'up', suggest: [raw.toLowerCase()] },
    );
  }
  return readWords(reader, start, end, Token.Constant);
}

export function readBoolean(reader: LineReader, start: number, end: number): Reading {
  const raw = reader.text.slice(start, end);
  const value = /^true$/i.test(raw);
  if (!value && !/^false$/i.test(raw)) {
    problem(reader, 'invalid-value', start, end, `wg-quick takes true or false here, not ${quoted(raw)}`, {
      refusedBy: 'wg-quick',
      suggest: /^(yes|on|1)$/i.test(raw) ? ['true'] : ['false'],
    });
    push(reader, Token.Unknown, end);
    return { is: 'unread' };
  }
  push(reader, Token.Constant, end);
  return { is: 'boolean', value };
}
