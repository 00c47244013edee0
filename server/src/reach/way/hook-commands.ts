// The commands of a host's hooks as they run, and whether a command may do what nobody here can follow.
import { type HookRun, hookRuns, mayDoAnything } from '../../mesh/hooks.ts';
import type { MeshInterface } from '../../mesh/model.ts';
import type { Origin } from '../../text/origin.ts';

export interface Running extends HookRun {
  readonly origin: Origin;
  /** Whether it surely runs: nothing in its hook decides whether it does. */
  readonly sure: boolean;
}

/** Programs whose status others hang on. */
const conditions: ReadonlySet<string> = new Set(['test', '[', '[[', 'false', 'grep']);

const none: readonly Running[] = [];

/** Those of one event, in the order in which wg-quick runs them. */
export function running(node: MeshInterface, event: 'PreUp' | 'PostUp'): readonly Running[] {
  // most have none
  if (node.own.hooks.length === 0) return none;
  let hook = -1;
  let sure = true;
  return hookRuns(node).flatMap((run) => {
    if (run.event !== event) return [];
    if (run.at.statement !== hook) {
      hook = run.at.statement;
      sure = true;
    }
    const { command } = run;
    if (command.does === 'other' && conditions.has(command.program)) sure = false;
    return [{ ...run, origin: { uri: node.uri, ...run.at }, sure }];
  });
}

/** Whether nobody here knows what a command does: a script, or a program that is not read. */
export function isScript({ command }: Running): boolean {
  return command.does === 'other' && mayDoAnything(command);
}

/** The orders in which interfaces may come up, where it may count: no file says it. */
export function orders(interfaces: readonly MeshInterface[]): readonly (readonly MeshInterface[])[] {
  if (interfaces.length < 2) return [interfaces];
  // of many the first and the last show what hangs on it
  return [interfaces, [...interfaces].reverse()];
}
