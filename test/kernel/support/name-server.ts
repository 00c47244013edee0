// A name server on 127.0.0.1 that gives every host name one address: `node name-server.ts ADDRESS`. `wg setconf` resolves the names in
// Endpoint and refuses the whole config where one has no address (config.c, parse_endpoint); in a namespace there is no other server.
import { createSocket } from 'node:dgram';

const address = (process.argv[2] ?? '').split('.').map(Number);
const server = createSocket('udp4');
server.on('message', (query, from) => {
  const reply = answer(query);
  if (reply) server.send(reply, from.port, from.address);
});
server.bind(53, '127.0.0.1', () => console.log('ready'));

/** Answers one query (RFC 1035, 4.1): A with the address, AAAA with nothing, a name that no host can have with NXDOMAIN. */
function answer(query: Buffer): Buffer | undefined {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at]; length; length = query[at]) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const end = at + 5;
  if (end > query.length) return undefined;
  const known = labels.length > 0 && labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?$/i.test(label));
  const answers = known && query.readUInt16BE(at + 1) === 1 ? 1 : 0;
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(known ? 0x8580 : 0x8583, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers, 6);
  // the name is a pointer to the question's; class IN, 60 seconds, four bytes
  const record = answers ? [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address] : [];
  return Buffer.concat([header, query.subarray(12, end), Buffer.from(record)]);
}
