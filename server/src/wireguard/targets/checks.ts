// Checks of values for the tables of apps.
import { quoted } from '../../text/words.ts';
import type { AppKey } from './app.ts';
import { items } from './lines.ts';
import { isEndpoint, isKey, isNumber, isPrefix } from './values.ts';

export const anything: AppKey = { check: () => undefined };

export function keyOf(strict: boolean): AppKey {
  return {
    check: (value, at, tell) => {
      if (!isKey(value, strict)) tell(true, at, 'takes only the 44 characters of a key here');
    },
  };
}

export function numberOf(least: number, most: number, words: readonly string[] = [], sign = false): AppKey {
  return {
    check: (value, at, tell) => {
      if (words.includes(value) || isNumber(value, least, most, sign)) return;
      tell(
        true,
        at,
        `takes ${words.map((word) => `${word} or `).join('')}a decimal number from ${least} to ${most} here, not ${quoted(value)}`,
      );
    },
  };
}

/** Each item of a comma list must be `sound`. */
export function listOf(sound: (item: string) => boolean, what: string, emptyItems = false): AppKey {
  return {
    check: (value, at, tell) => {
      for (const item of items(value, at)) {
        if (item.text === '' && emptyItems) continue;
        if (item.text === '') tell(true, at, 'refuses a comma with nothing before or behind it; remove the comma');
        else if (!sound(item.text)) tell(true, item.at, `takes only ${what} here, with commas between, not ${quoted(item.text)}`);
      }
    },
  };
}

export const prefixes: AppKey = listOf(isPrefix, 'addresses and prefixes');

export const endpoint: AppKey = {
  check: (value, at, tell) => {
    if (!isEndpoint(value))
      tell(true, at, `takes host:port here, IPv6 in brackets and the port a number up to 65535, not ${quoted(value)}`);
  },
};
