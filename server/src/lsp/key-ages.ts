// Reads how old the keys of the workspace are, where a setting asks for it: in the background, once files have been read.
import { keyAges } from '../analysis/key-ages.ts';
import type { FileHost } from '../host/host.ts';
import type { OldKey } from '../mesh/file.ts';
import type { Workspace } from './workspace.ts';

const DAY = 86_400;
/** After the last change, in milliseconds: files come many at a time. */
const PAUSE = 1000;

export interface KeyAgeWork {
  /** Days; 0 is off. */
  configure(most: number): void;
  /** Files came, or are others. */
  changed(): void;
}

export function keyAgeWork(workspace: () => Workspace, files: () => FileHost, failed: (error: unknown) => void): KeyAgeWork {
  let most = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = false;

  function soon(): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (running) soon();
      else read().catch(failed);
    }, PAUSE);
  }

  async function read(): Promise<void> {
    running = true;
    try {
      const days = most;
      const old = days > 0 ? await oldKeys(days) : new Map<string, readonly OldKey[]>();
      if (days === most) workspace().setOldKeys(old);
    } finally {
      running = false;
    }
  }

  async function oldKeys(days: number): Promise<ReadonlyMap<string, readonly OldKey[]>> {
    const ages = new Map<string, ReturnType<typeof keyAges>>();
    for (const [uri, { source, wireguard }] of workspace().current().files) if (wireguard) ages.set(uri, keyAges(source.language));
    await files().history?.([...ages.keys()], (uri, { text, from }) => ages.get(uri)?.add(text, from) ?? false);
    const moment = Date.now() / 1000 - days * DAY;
    return new Map([...ages].flatMap(([uri, age]) => (age.before(moment).length > 0 ? [[uri, age.before(moment)] as const] : [])));
  }

  return {
    configure(days) {
      if (days === most) return;
      most = days;
      soon();
    },
    changed() {
      if (most > 0) soon();
    },
  };
}

/** What of the setting can be taken: a number of days, else none. */
export function daysOf(setting: unknown): number {
  return typeof setting === 'number' && Number.isFinite(setting) && setting > 0 ? setting : 0;
}
