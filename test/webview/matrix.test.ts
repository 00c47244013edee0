// The matrix' page, without a browser: which rows show, and what the table says to eyes and to screen readers.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Matrix } from '../../client/webview/data.ts';
import { detailsMarkup, detailsSentence } from '../../client/webview/details.ts';
import { grid } from '../../client/webview/grid.ts';
import { type Element, element, elementsIn, markupText, textIn } from '../../client/webview/markup.ts';
import { frame, mainMarkup } from '../../client/webview/page.ts';
import { MOST, shownRows } from '../../client/webview/rows.ts';
import { firstState, stateFrom, stepped, toggled } from '../../client/webview/state.ts';
import { CLASS, ROLE, sampleMesh, TABINDEX } from './sample.ts';

const names = (rows: readonly { readonly name: string }[]): readonly string[] => rows.map(({ name }) => name);

describe('rows and columns', () => {
  test('are classes until they are opened', () => {
    const mesh = sampleMesh();
    assert.deepEqual(names(shownRows(mesh, [], '').rows), ['app', 'hub', 'ana, ben', 'eve', 'behind app']);
    const { rows, columns } = shownRows(mesh, ['id-ana'], '');
    assert.deepEqual(names(rows), ['app', 'hub', 'ana', 'ben', 'eve', 'behind app']);
    assert.deepEqual(names(columns), names(rows));
    assert.deepEqual(toggled(toggled([], 'id-ana'), 'id-ana'), []);
  });

  test('are filtered by host, address, role or service, with those they have to do with', () => {
    const mesh = sampleMesh();
    const shown = (filter: string): readonly (readonly string[])[] => {
      const { rows, columns } = shownRows(mesh, [], filter);
      return [names(rows), names(columns)];
    };
    assert.deepEqual(shown('eve'), [['eve'], ['app', 'eve']]);
    assert.deepEqual(shown('10.0.0.12'), [
      ['hub', 'ana, ben'],
      ['app', 'ana, ben'],
    ]);
    assert.deepEqual(shown('TCP/22'), [['eve'], ['app']]);
    assert.deepEqual(shown('network'), [['behind app'], ['behind app']]);
    assert.deepEqual(shown('nobody at all'), [[], []]);
  });

  test('are no more than can be drawn', () => {
    const mesh = sampleMesh();
    const many = Array.from({ length: 300 }, (_, i) => ({ ...(mesh.members[0] ?? assert.fail()), id: `id-${i}`, name: `host-${i}` }));
    const { rows, columns, more } = shownRows({ ...mesh, members: many, classes: many.map((_, i) => [i]), cells: [] }, [], '');
    assert.deepEqual([rows.length, columns.length, more], [MOST, MOST, 300 - MOST]);
  });
});

describe('the table', () => {
  const mesh = sampleMesh();
  const table = grid(mesh, shownRows(mesh, [], ''), false);
  const cells = (of: Element): readonly Element[] => elementsIn(of, ({ attributes }) => attributes[ROLE] === 'gridcell');

  test('is a grid with a name for each row and column', () => {
    const [found] = elementsIn(table, ({ tag }) => tag === 'table');
    assert.deepEqual(found?.attributes, { role: 'grid', 'aria-label': 'Who reaches whom in the mesh of hub' });
    const headers = elementsIn(table, ({ tag }) => tag === 'th').map(({ attributes: { scope, role } }) => `${scope} ${role}`);
    assert.deepEqual(headers, [...Array(5).fill('col columnheader'), ...Array(5).fill('row rowheader')]);
    assert.equal(cells(table).length, 25);
    assert.ok(elementsIn(table, ({ attributes }) => 'tabindex' in attributes).every(({ attributes }) => attributes[TABINDEX] === '-1'));
  });

  test('tells its four states by class, by words and to a screen reader', () => {
    const told = cells(table)
      .filter(({ attributes }) => !/ denied| self/.test(attributes[CLASS] ?? ''))
      .map(({ attributes, children }) => [attributes[CLASS], textIn(element('p', {}, children)), attributes['aria-label']]);
    assert.deepEqual(told, [
      ['cell allowed', 'any service', 'hub to ana, ben: any service'],
      ['cell allowed more', 'tcp/443 perhaps more', 'ana, ben to app: tcp/443; not known: udp/53'],
      ['cell one-way', '⇢ udp/5353', 'ana, ben to ana, ben: udp/5353 one-way, no answer comes back'],
      ['cell maybe', '? tcp/22', 'eve to app: not known: tcp/22'],
    ]);
    const [first, second] = cells(table);
    assert.deepEqual([first?.attributes[CLASS], first?.attributes['aria-label']], ['cell self', 'app: itself']);
    assert.deepEqual([second?.attributes[CLASS], second?.attributes['aria-label']], ['cell denied', 'app to hub: nothing']);
  });

  test('knows of each cell whom it is about, and what opens a class', () => {
    const pairs = cells(table).map(({ attributes }) => `${attributes['data-from']} ${attributes['data-to']}`);
    assert.equal(pairs[11], 'id-ana id-hub');
    assert.equal(pairs[12], 'id-ana id-ben', 'of a class with itself two of it');
    assert.equal(pairs[0], 'undefined undefined');
    const toggles = elementsIn(table, ({ attributes }) => 'data-toggle' in attributes);
    assert.deepEqual(
      toggles.map(({ attributes }) => [attributes['data-toggle'], attributes['aria-expanded']]),
      [
        ['id-ana', 'false'],
        ['id-ana', 'false'],
      ],
    );
    const opened = grid(mesh, shownRows(mesh, ['id-ana'], ''), false);
    const own = cells(opened).filter(({ attributes }) => attributes['data-from'] === 'id-ana' && attributes['data-to'] === 'id-ben');
    assert.deepEqual(
      own.map(({ attributes }) => attributes[CLASS]),
      ['cell one-way'],
    );
  });
});

describe('the page', () => {
  const matrix: Matrix<null> = { view: 'access', meshes: [sampleMesh()], alone: ['nas'], tooMany: 0 };

  test('shows a matrix or a picture, and who is alone', () => {
    const text = (shows: 'matrix' | 'picture'): string => textIn(element('main', {}, mainMarkup(matrix, { ...firstState, shows })));
    assert.match(text('matrix'), /ana, ben.*Alone, joined with nobody: nas\./);
    assert.match(text('picture'), /hub.*Alone/);
    assert.match(textIn(element('p', {}, mainMarkup({ ...matrix, meshes: [], alone: [] }, firstState))), /^No WireGuard config/);
  });

  test('names each mesh where there are several', () => {
    const headings = elementsIn(
      element('main', {}, mainMarkup({ ...matrix, meshes: [sampleMesh(), sampleMesh()] }, firstState)),
      ({ tag }) => tag === 'h2',
    );
    assert.deepEqual(headings.map(textIn), ['Mesh of hub', 'Mesh of hub']);
    assert.equal(elementsIn(element('main', {}, mainMarkup(matrix, firstState)), ({ tag }) => tag === 'h2').length, 0);
  });

  test('has a name for all that can be pressed or typed in, and a live region', () => {
    const page = frame();
    for (const control of elementsIn(page, ({ tag }) => tag === 'button' || tag === 'input')) {
      assert.ok(textIn(control) || control.attributes['aria-label'], markupText(control));
    }
    assert.equal(elementsIn(page, ({ attributes }) => attributes['aria-live'] === 'polite').length, 1);
  });

  test('has no style and no script in its markup, which its policy would refuse', () => {
    const all = element('main', {}, frame(), mainMarkup(matrix, firstState), mainMarkup(matrix, { ...firstState, shows: 'picture' }));
    const refused = elementsIn(
      all,
      ({ tag, attributes }) => /^(?:style|script)$/.test(tag) || Object.keys(attributes).some((name) => /^(?:style|on.*)$/.test(name)),
    );
    assert.deepEqual(refused, []);
  });
});

describe('the details', () => {
  const place = {
    uri: 'file:///hub/wg0.conf',
    range: { start: { line: 7, character: 0 }, end: { line: 7, character: 9 } },
    label: 'hub/wg0.conf:8',
  };

  test('of a cell list each hop with its line, the one that stops it marked', () => {
    const explanation = {
      from: 'laptop',
      to: 'db',
      view: 'blast-radius',
      ways: [
        {
          kind: 'denied',
          services: '',
          packet: '10.0.0.2:49152 → 10.0.0.4:443 tcp new',
          sentAs: null,
          hops: [
            { says: 'hub takes 10.0.0.2 from laptop', place },
            { says: 'hub does not let it through', place: null },
          ],
        },
      ],
    } as const;
    const details = { is: 'explanation', fromId: 'a', toId: 'b', explanation } as const;
    const markup = detailsMarkup(details, 'blast-radius', { service: '', traced: { problem: 'tcp needs a port' } });
    assert.equal(detailsSentence(details), 'laptop to db: does not get through');
    const [link] = elementsIn(markup, ({ attributes }) => attributes['data-do'] === 'open');
    assert.deepEqual(JSON.parse(link?.attributes['data-place'] ?? ''), { uri: place.uri, range: place.range });
    assert.equal(link && textIn(link), 'hub/wg0.conf:8');
    assert.deepEqual(
      elementsIn(markup, ({ tag }) => tag === 'li').map(({ attributes }) => attributes[CLASS]),
      ['there', 'there end'],
    );
    assert.match(textIn(markup), /laptop → db.*once laptop is taken over.*Does not get through.*tcp needs a port/);
  });

  test('of a host say as whom it may send, and what falls with it once that is asked', () => {
    const host = {
      ...{ id: 'a', name: 'laptop', role: 'spoke', addresses: '10.0.0.2', place },
      sendsAs: [{ at: 'hub wg0', says: '252 addresses, 2 in use', addresses: '10.0.0.0/31 …', place }],
    };
    const text = (falls: Parameters<typeof detailsMarkup>[0] & { readonly is: 'host' }): string =>
      textIn(detailsMarkup(falls, 'blast-radius', { service: '', traced: null }));
    assert.match(text({ is: 'host', host: { ...host, falls: null } }), /252 addresses, 2 in use at hub wg0.*Follow it/);
    assert.match(text({ is: 'host', host: { ...host, falls: [] } }), /from laptop nothing else is reached/);
    const falls = [{ id: 'b', name: 'db', through: ['app'], services: 'tcp/5432', sure: false }];
    assert.match(text({ is: 'host', host: { ...host, falls } }), /db tcp\/5432 \(perhaps\) through app/);
  });
});

describe('the state', () => {
  test('survives, and what is no state is the first one', () => {
    const state = { view: 'access', filter: 'db', open: ['a'], shows: 'picture', selection: { is: 'cell', from: 'a', to: 'b' } } as const;
    assert.deepEqual(stateFrom(JSON.parse(JSON.stringify(state))), state);
    assert.deepEqual(stateFrom({ view: 7, open: [1], selection: { is: 'cell' } }), firstState);
    assert.deepEqual(stateFrom(undefined), firstState);
  });

  test('steps through the table, names included, and stays inside', () => {
    const from = (row: number, column: number, key: string, control = false): string => {
      const to = stepped(key, control, { row, column }, 5, 4);
      return to ? `${to.row} ${to.column}` : 'nowhere';
    };
    assert.equal(from(1, 1, 'ArrowRight'), '1 2');
    assert.equal(from(1, 4, 'ArrowRight'), '1 4');
    assert.equal(from(1, 1, 'ArrowUp'), '0 1');
    assert.equal(from(1, 0, 'ArrowUp'), '1 0', 'the corner holds nothing');
    assert.equal(from(0, 1, 'ArrowLeft'), '0 1');
    assert.equal(from(3, 3, 'Home'), '3 0');
    assert.equal(from(3, 3, 'End', true), '5 4');
    assert.equal(from(5, 2, 'PageUp'), '0 2');
    assert.equal(from(1, 1, 'a'), 'nowhere');
  });
});

test('markup is text where it is text', () => {
  const evil = '"><script>alert(1)</script>&';
  const written = markupText(element('p', { title: evil, hidden: true, lang: null }, evil));
  assert.equal(
    written,
    '<p title="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;" hidden="">&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;</p>',
  );
});
