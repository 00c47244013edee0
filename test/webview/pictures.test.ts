// Pictures: where hosts stand, and what is drawn.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Mesh } from '../../client/webview/data.ts';
import { elementsIn, markupText, textIn } from '../../client/webview/markup.ts';
import { type Layout, layout, picture } from '../../client/webview/picture.ts';
import { shownRows } from '../../client/webview/rows.ts';
import { standAlone, svgTables } from '../../client/webview/svg-table.ts';
import { CLASS, ROLE, sampleMesh, TABINDEX } from './sample.ts';

function drawn(mesh: Mesh<null>, open: readonly string[] = []): Layout {
  return layout(mesh, shownRows(mesh, open, '').rows);
}

function fromCentre({ nodes, width, height }: Layout, name: string): number {
  const { x, y } = nodes.find(({ row }) => row.name === name)?.at ?? assert.fail(name);
  return Math.round(Math.hypot(x - width / 2, y - height / 2));
}

describe('the picture of a mesh', () => {
  test('has the hub in the middle, spokes around it, and networks outside beside their host', () => {
    const found = drawn(sampleMesh());
    assert.equal(fromCentre(found, 'hub'), 0);
    const ring = fromCentre(found, 'app');
    assert.equal(fromCentre(found, 'ana, ben'), ring);
    assert.ok(fromCentre(found, 'behind app') > ring);
    const angle = (name: string): number => {
      const { x, y } = found.nodes.find(({ row }) => row.name === name)?.at ?? assert.fail();
      return Math.round(Math.atan2(y - found.height / 2, x - found.width / 2) * 100);
    };
    assert.equal(angle('behind app'), angle('app'));
  });

  test('is the same each time, and nothing lies on anything else', () => {
    const mesh = sampleMesh();
    const many: Mesh<null> = {
      ...mesh,
      members: Array.from({ length: 60 }, (_, i) => ({
        ...(mesh.members[i < 3 ? 1 : 0] ?? assert.fail()),
        id: `id-${i}`,
        name: `host-${i}`,
      })),
      classes: Array.from({ length: 60 }, (_, i) => [i]),
      cells: [],
      links: Array.from({ length: 57 }, (_, i) => ({ a: i % 3, b: i + 3, both: true })),
    };
    const found = drawn(many);
    assert.deepEqual(found, drawn(many));
    for (const [i, a] of found.nodes.entries()) {
      assert.ok(a.at.x > 30 && a.at.x < found.width - 30 && a.at.y > 30 && a.at.y < found.height - 30, `${a.row.name} is inside`);
      for (const b of found.nodes.slice(i + 1)) assert.ok(Math.hypot(a.at.x - b.at.x, a.at.y - b.at.y) > 45, `${a.row.name} ${b.row.name}`);
    }
    // spokes of one hub stand side by side: all the way around the hub changes three times
    const around = found.nodes
      .filter(({ row }) => (row.members[0] ?? 0) >= 3)
      .map(({ row, at }) => ({ hub: (row.members[0] ?? 0) % 3, angle: Math.atan2(at.y - found.height / 2, at.x - found.width / 2) }))
      .sort((a, b) => a.angle - b.angle);
    assert.equal(around.filter(({ hub }, i) => hub !== around.at(i - 1)?.hub).length, 3);
  });

  test('draws a link once, dashed where one end does not list the other', () => {
    const { lines } = drawn(sampleMesh());
    assert.deepEqual(
      lines.map(({ a, b, both }) => `${a.row.name} ${both ? '–' : '-'} ${b.row.name}`),
      ['app – hub', 'hub - ana, ben', 'hub – eve', 'app - behind app'],
    );
  });

  test('draws what the chosen one reaches, and names each that can be chosen', () => {
    const mesh = sampleMesh();
    const markup = picture(mesh, shownRows(mesh, [], '').rows, 'id-eve');
    const arrows = elementsIn(markup, ({ attributes }) => /^reach/.test(attributes[CLASS] ?? ''));
    assert.deepEqual(arrows.map(textIn), ['eve → app: ? tcp/22']);
    const nodes = elementsIn(markup, ({ attributes }) => 'data-node' in attributes);
    assert.deepEqual(
      nodes.map(({ attributes }) => attributes['aria-label']),
      ['app, spoke', 'hub, hub', 'ana, ben, spoke, 2 that fare alike', 'eve, spoke', 'behind app, network'],
    );
    assert.ok(nodes.every(({ attributes }) => attributes[ROLE] === 'button' && attributes[TABINDEX] === '0'));
  });

  test('has a shape for each role', () => {
    const mesh = sampleMesh();
    const roles = ['hub', 'spoke', 'exit-gateway', 'subnet-router', 'mesh-node', 'network'];
    const members = roles.map((role, i) => ({ ...(mesh.members[0] ?? assert.fail()), id: `id-${i}`, name: role, role }));
    const rows = shownRows({ ...mesh, members, classes: roles.map((_, i) => [i]), cells: [], links: [] }, [], '').rows;
    const markup = picture({ ...mesh, members, classes: roles.map((_, i) => [i]), cells: [], links: [] }, rows, null);
    const shapes = elementsIn(markup, ({ attributes }) => attributes[CLASS] === 'shape').map(markupText);
    assert.equal(new Set(shapes).size, roles.length);
  });
});

describe('the table as a picture', () => {
  const mesh = sampleMesh();
  const svg = standAlone(svgTables([{ mesh, shown: shownRows(mesh, [], '') }], 'Access: who reaches whom'));

  test('is an SVG document by itself, with a title and a style of its own', () => {
    const text = markupText(svg);
    assert.match(
      text,
      /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 \d+ \d+" .*<title>Access: who reaches whom<\/title><style>/,
    );
    assert.doesNotMatch(text, /href|url\(|http(?!:\/\/www\.w3\.org)/);
    // each tag is closed
    assert.equal((text.match(/<[a-z]/g) ?? []).length, (text.match(/<\/[a-z]|\/>/g) ?? []).length);
  });

  test('says what the matrix says', () => {
    const boxes = elementsIn(svg, ({ attributes }) => /^box /.test(attributes[CLASS] ?? ''));
    assert.equal(boxes.length, 5 + 5 + 25);
    const texts = boxes.filter(({ attributes }) => /allowed|maybe|one-way/.test(attributes[CLASS] ?? '')).map((box) => textIn(box));
    assert.deepEqual(texts, [
      'hub to ana, ben: any service any service',
      'ana, ben to app: tcp/443; not known: udp/53 tcp/443, perhaps more',
      'ana, ben to ana, ben: udp/5353 one-way, no answer comes back ⇢ udp/5353',
      'eve to app: not known: tcp/22 ? tcp/22',
    ]);
  });
});
