// What stands beside the matrix: why a cell says what it says, line by line, or what one host may be and what falls with it.
import type { Details, Explanation, Hop, HostDetails, Link, Problem, Traced, View, Way } from './data.ts';
import { type Element, element, type Markup } from './markup.ts';
import { roleNames, wayNames } from './words.ts';

export interface TraceForm {
  readonly service: string;
  /** What the last one came to; null where none was asked for. */
  readonly traced: Traced<Link> | Problem | null;
}

export function detailsMarkup(details: Details, view: View, trace: TraceForm): Element {
  return details.is === 'host'
    ? hostMarkup(details.host)
    : explanationMarkup(details.explanation, details.fromId, details.toId, view, trace);
}

/** For the live region, once it shows. */
export function detailsSentence(details: Details): string {
  if (details.is === 'host')
    return `${details.host.name}: may send as ${details.host.sendsAs.map(({ says }) => says).join(', ') || 'nobody'}`;
  const { from, to, ways } = details.explanation;
  return `${from} to ${to}: ${ways.map(waySentence).join('; ')}`;
}

function waySentence({ kind, services }: Way<Link>): string {
  return services ? `${services}: ${wayNames[kind].toLowerCase()}` : wayNames[kind].toLowerCase();
}

function heading(title: string, quiet: string): Element {
  return element(
    'header',
    {},
    element('h2', { id: 'details-title', tabindex: '-1' }, title),
    element('button', { type: 'button', class: 'icon', 'data-do': 'close', title: 'Close (Escape)', 'aria-label': 'Close' }, '×'),
    quiet ? element('p', { class: 'quiet' }, quiet) : [],
  );
}

function explanationMarkup({ from, to, ways }: Explanation<Link>, fromId: string, toId: string, view: View, trace: TraceForm): Element {
  return element(
    'div',
    {},
    heading(`${from} → ${to}`, view === 'access' ? 'while nobody has taken it over' : `once ${from} is taken over`),
    ways.map(wayMarkup),
    element(
      'form',
      { 'data-do': 'trace', 'data-from': fromId, 'data-to': toId },
      element('label', { for: 'service' }, 'Another service'),
      element(
        'span',
        { class: 'line' },
        element('input', {
          id: 'service',
          type: 'text',
          placeholder: 'tcp/22',
          value: trace.service,
          autocomplete: 'off',
          spellcheck: 'false',
        }),
        element('button', { type: 'submit' }, 'Trace'),
      ),
    ),
    tracedMarkup(trace.traced),
  );
}

function tracedMarkup(traced: TraceForm['traced']): Markup[] {
  if (!traced) return [];
  if ('problem' in traced) return [element('p', { class: 'problem', role: 'alert' }, traced.problem)];
  return [wayMarkup({ ...traced.way, services: traced.service })];
}

export function wayMarkup({ kind, services, packet, sentAs, hops }: Way<Link>): Element {
  return element(
    'section',
    { class: `way ${kind}` },
    element('h3', {}, element('span', { class: 'chip' }, wayNames[kind]), services ? ` ${services}` : ''),
    packet ? element('p', { class: 'packet' }, element('code', {}, packet), sentAs ? ` sent as ${sentAs}` : '') : [],
    element(
      'ol',
      { class: 'hops' },
      hops.map((hop, i) => hopMarkup(hop, isEnd(kind, i, hops.length))),
    ),
  );
}

/** The last hop is the reason where it does not get through. */
function isEnd(kind: Way<Link>['kind'], at: number, count: number): boolean {
  return kind !== 'allowed' && at === count - 1;
}

function hopMarkup({ says, place }: Hop<Link>, end: boolean): Element {
  const back = /^answer: /.test(says);
  return element(
    'li',
    { class: [back ? 'back' : 'there', end ? 'end' : ''].filter(Boolean).join(' ') },
    element('span', { class: 'says' }, back ? `↩ ${says.slice('answer: '.length)}` : says),
    place ? linkMarkup(place) : [],
  );
}

export function linkMarkup(place: Link): Element {
  const { label, uri, range } = place;
  const data = JSON.stringify({ uri, range });
  return element('button', { type: 'button', class: 'link', 'data-do': 'open', 'data-place': data, title: `Open ${label}` }, label);
}

function hostMarkup({ id, name, role, addresses, place, sendsAs, falls }: HostDetails<Link>): Element {
  const about = [role ? (roleNames[role] ?? role) : '', addresses].filter(Boolean).join(' · ');
  return element(
    'div',
    {},
    heading(name, about),
    place ? element('p', {}, linkMarkup(place)) : [],
    element(
      'section',
      {},
      element('h3', {}, 'May send as'),
      sendsAs.length === 0 && element('p', {}, 'nobody: no next hop here takes anything from it'),
      element(
        'ul',
        { class: 'plain' },
        sendsAs.map((one) =>
          element(
            'li',
            {},
            element('strong', {}, one.says),
            ` at ${one.at}`,
            element('span', { class: 'quiet block' }, one.addresses),
            one.place ? linkMarkup(one.place) : [],
          ),
        ),
      ),
    ),
    element('section', {}, element('h3', {}, `What falls with ${name}`), fallsMarkup(id, name, falls)),
  );
}

function fallsMarkup(id: string, name: string, falls: HostDetails<Link>['falls']): Markup[] {
  if (!falls)
    return [
      element('p', { class: 'quiet' }, 'What somebody reaches who takes one host after the other.'),
      element('button', { type: 'button', 'data-do': 'falls', 'data-host': id }, 'Follow it'),
    ];
  if (falls.length === 0) return [element('p', {}, `nothing: from ${name} nothing else is reached`)];
  return [
    element(
      'ol',
      { class: 'falls' },
      falls.map((one) =>
        element(
          'li',
          { class: one.sure ? '' : 'perhaps' },
          element('strong', {}, one.name),
          ` ${one.services}`,
          one.sure ? '' : ' (perhaps)',
          one.through.length > 0 && element('span', { class: 'quiet block' }, `through ${one.through.join(' → ')}`),
        ),
      ),
    ),
  ];
}
