// What is generated from grants, read and computed again, is the grants: no more and no less, in both views.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seeded } from '../../scripts/bench/random.ts';
import { mayPassOn } from '../../server/src/generate/ways.ts';
import { serviceOf } from '../../server/src/policy/service.ts';
import { accessMatrix } from '../../server/src/reach/matrix/matrix.ts';
import { allServices, common, noServices, type ServiceSet, servicesOf, withServices } from '../../server/src/reach/matrix/service-set.ts';
import { serviceSetText } from '../../server/src/reach/matrix/service-text.ts';
import { carriedOut, readMesh } from '../support/carried-out.ts';
import { type RandomMesh, randomMesh } from '../support/random-mesh.ts';

const MESHES = 40;

/** Who may do what by the grants, pair by pair, by looking at the names alone. */
function expected({ grants, groups, hosts, versions }: RandomMesh, from: string, to: string): ServiceSet {
  const named = (parties: readonly string[]): ReadonlySet<string> =>
    new Set(parties.flatMap((one) => (one === '*' ? hosts : (groups[one] ?? [one]))));
  let sum = noServices;
  for (const { src, dst, ip } of grants) {
    if (!named(src).has(from) || !named(dst).has(to)) continue;
    for (const text of ip) {
      const service = serviceOf(text);
      assert.ok(!('problem' in service), text);
      const of = (version: 4 | 6): ServiceSet['v4'] => {
        if (!versions.get(from)?.has(version) || !versions.get(to)?.has(version)) return [];
        const all = allServices('access', version);
        return service.protocols ? common(servicesOf(service.protocols, service.ports), all) : all;
      };
      sum = withServices(sum, { v4: of(4), v6: of(6) });
    }
  }
  return sum;
}

/** Without what of ICMP opens nothing: a grant of ICMP is one of requests, and conntrack has the others as invalid. */
function opening({ v4, v6 }: ServiceSet): ServiceSet {
  return { v4: common(v4, allServices('access', 4)), v6: common(v6, allServices('access', 6)) };
}

describe('grants, carried out and computed again', () => {
  for (let seed = 1; seed <= MESHES; seed++) {
    test(`mesh ${seed}`, () => {
      const mesh = randomMesh(seeded(seed));
      const { model } = readMesh(carriedOut(mesh.files));
      for (const view of ['access', 'blast-radius'] as const) {
        const matrix = accessMatrix(model, view);
        for (const [row, from] of matrix.members.entries()) {
          assert.equal(from.kind, 'host');
          // a host that passes on for others may pose as them
          if (from.kind !== 'host' || (view === 'blast-radius' && mayPassOn(from.host))) continue;
          for (const [column, to] of matrix.members.entries()) {
            if (row === column) continue;
            const { allowed, unknown, oneWay, answerUnknown } = matrix.cell(row, column);
            const about: string = `${from.name} → ${to.name}, ${view}\n${JSON.stringify(mesh.grants)}`;
            const wanted = expected(mesh, from.name, to.name);
            assert.equal(serviceSetText(opening(allowed), 'access'), serviceSetText(wanted, 'access'), about);
            assert.deepEqual(unknown, noServices, about);
            if (view === 'access') assert.deepEqual([oneWay, answerUnknown], [noServices, noServices], about);
          }
        }
      }
    });
  }
});
