// A small language client over a child process's pipes. It must cost less than what it measures: bytes are only framed, and the
// moment of arrival is taken before a message's JSON is read.
import { spawn } from 'node:child_process';

export interface Message {
  readonly id?: number | string | null;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

/** `at` is performance.now() when the message's last byte was read. */
export type Receive = (message: Message, at: number) => void;

export interface Client {
  readonly pid: number;
  /** Writes all messages in one go, so that the server can read them all before it works on the first. */
  send(messages: readonly object[]): void;
  /** Rejects when the server ends without having been asked to. */
  readonly ended: Promise<never>;
  /** What the server wrote to stderr last. */
  complaint(): string;
  /** Resolves when the process is gone; kills it after two seconds. */
  close(): Promise<void>;
}

const separator = Buffer.from('\r\n\r\n');

/** Starts `command`. Every message from the server goes to `receive`, requests too: they are the caller's to answer. */
export function startClient(command: readonly string[], folder: string, receive: Receive): Client {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { cwd: folder, stdio: 'pipe' });
  let stderr = '';
  let closing = false;
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const ended = new Promise<never>((_, reject) => {
    child.once('error', (error) => reject(new Error(`the server could not be started: ${error.message}`)));
    child.once('close', (code, signal) => {
      if (!closing) reject(new Error(`the server ended by itself (${signal ?? `exit status ${code}`})`));
    });
  });
  ended.catch(() => {}); // whoever waits for an answer races with it; nobody may be waiting
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-4000);
  });
  child.stdin.on('error', () => {}); // the pipe of a server that died: `ended` tells it
  child.stdout.on('data', framed(receive));
  return {
    pid: child.pid ?? 0,
    send: (messages) => {
      const parts: Buffer[] = [];
      for (const message of messages) {
        const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
        parts.push(Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body);
      }
      child.stdin.write(Buffer.concat(parts));
    },
    ended,
    complaint: () => said(stderr),
    close: async () => {
      closing = true;
      child.stdin.end();
      const kill = setTimeout(() => child.kill('SIGKILL'), 2000);
      await gone;
      clearTimeout(kill);
    },
  };
}

/** The lines that name an error, or else the last ones. */
function said(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const errors = lines.filter((line) => /\berror\b|Error:/i.test(line));
  const telling = (errors.length > 0 ? errors : lines).slice(-3);
  return telling.length === 0 ? '' : `; it said: ${telling.map((line) => line.trim()).join(' | ')}`;
}

/** Cuts a byte stream into messages. Chunks are joined once a whole message is there, so a long one is not copied again and again. */
function framed(receive: Receive): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let held = 0;
  let needed = 1;
  return (chunk) => {
    const at = performance.now();
    chunks.push(chunk);
    held += chunk.length;
    if (held < needed) return;
    let bytes = chunks.length === 1 ? chunk : Buffer.concat(chunks, held);
    needed = 1;
    for (;;) {
      const headerEnd = bytes.indexOf(separator);
      if (headerEnd < 0) break;
      const length = /content-length: *(\d+)/i.exec(bytes.toString('latin1', 0, headerEnd))?.[1];
      if (length === undefined) throw new Error(`no Content-Length in "${bytes.toString('latin1', 0, headerEnd)}"`);
      const start = headerEnd + separator.length;
      const end = start + Number(length);
      if (bytes.length < end) {
        needed = end;
        break;
      }
      const message = JSON.parse(bytes.toString('utf8', start, end)) as Message;
      bytes = bytes.subarray(end);
      receive(message, at);
    }
    chunks = bytes.length > 0 ? [bytes] : [];
    held = bytes.length;
  };
}
