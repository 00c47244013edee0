// `tcp flags syn` asks for one bit, and matches answers as well.
import { State } from '../../reach/box.ts';
import { readChains, withTrait } from '../../reach/chains.ts';
import { type Reading, Trait } from '../../reach/reading.ts';
import type { FileRule } from '../rule.ts';

export const bitTest: FileRule = {
  id: 'nftables/bit-test',
  severity: 'info',
  scope: 'file',
  docs: {
    summary: 'A rule with `tcp flags syn` decides over packets with that bit set, whatever the others are: SYN+ACK too.',
    why: [
      'Without an operator a flag is a bit test: `tcp flags syn` matches the SYN that opens a connection and the SYN+ACK that answers one. Where a rule limits, drops or accepts new connections by it, the answers to this host’s own connections are limited, dropped or accepted as well.',
      '',
      'Write `tcp flags & (fin | syn | rst | ack) == syn` for the first packet alone, or let conntrack say it: `ct state new`. `tcp flags syn tcp option maxseg size set …` is meant for both and left alone.',
    ].join('\n'),
    examples: [
      {
        bad: `table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		tcp flags syn limit rate 25/second accept
	}
}
`,
        good: `table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		tcp flags & (fin | syn | rst | ack) == syn limit rate 25/second accept
	}
}
`,
      },
    ],
  },

  check({ uri, facts }, report) {
    for (const read of readChains(facts)) {
      for (const index of withTrait(read, Trait.synBit)) {
        const item = bareSyn(read.readings[index] as Reading);
        if (item === null) continue;
        report({
          uri,
          at: { statement: read.chain.rules[index] as number, item },
          message:
            'This asks for the SYN bit alone, so it decides over SYN+ACK, the answers to own connections, as well. Use tcp flags & (fin | syn | rst | ack) == syn, or ct state new.',
        });
      }
    }
  },
};

/** The place of a bare `tcp flags syn` in a rule that decides by it; where conntrack says that the packet is new, no answer comes by. */
function bareSyn({ fact, arms }: Reading): number | null {
  for (const term of fact.terms) {
    if (term.kind !== 'match' || term.operator !== '' || term.masked || term.keys[0] !== 'tcp flags' || term.keys.length > 1) continue;
    if (term.value.is !== 'word' || term.value.word !== 'syn') continue;
    const decides = arms.some(({ outcome, may }) => {
      const answers = may.some(({ states }) => (states & State.established) !== 0);
      return answers && (outcome === 'accept' || outcome === 'drop' || outcome === 'reject');
    });
    return decides ? term.item : null;
  }
  return null;
}
