// What a command of the command line is, and what its own argument parsing shares with the others'.
import { type ParseArgsConfig, parseArgs } from 'node:util';

export interface Output {
  write(text: string): unknown;
}

/** What a command talks to. */
export interface Surroundings {
  /** That paths are relative to. */
  readonly folder: string;
  readonly input: NodeJS.ReadableStream;
  readonly out: Output;
  readonly err: Output;
}

export interface Command {
  readonly name: string;
  /** Its part of `--help`: lines that begin with two spaces. */
  readonly usage: string;
  /** Returns the exit status; null while it goes on. */
  run(args: readonly string[], around: Surroundings): Promise<number | null> | number | null;
}

export const formats = ['pretty', 'json'] as const;
export type Format = (typeof formats)[number];

/** A wrong call; its message is for people. */
export interface WrongCall {
  readonly wrong: string;
}

/** Tells of a wrong call. Returns its exit status. */
export function toldWrong({ err }: Surroundings, message: string): 2 {
  err.write(`meshwarden: ${message}\nTry “meshwarden --help”.\n`);
  return 2;
}

type Parsed<T extends ParseArgsConfig> = ReturnType<typeof parseArgs<T>>;

/** `parseArgs`, with what it throws as an answer. */
export function parsedArgs<T extends ParseArgsConfig>(config: T): Parsed<T> | WrongCall {
  try {
    return parseArgs(config);
  } catch (error) {
    return { wrong: error instanceof Error ? error.message : String(error) };
  }
}

export function isOneOf<T extends string>(values: readonly T[], value: string): value is T {
  return (values as readonly string[]).includes(value);
}

/** The word that an option was given; the first of `values` where it was left out. */
export function oneOf<T extends string>(option: string, values: readonly [T, ...T[]], given: string | undefined): T | WrongCall {
  if (given === undefined) return values[0];
  return isOneOf(values, given) ? given : { wrong: `--${option} takes ${values.join(' or ')}, not “${given}”` };
}

export function isWrong(answer: unknown): answer is WrongCall {
  return typeof answer === 'object' && answer !== null && 'wrong' in answer;
}
