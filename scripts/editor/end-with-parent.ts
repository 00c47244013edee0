// Loaded into the embedded VS Code's server (`node --import`): ends its process group when whoever started it is gone.
import { whenOrphaned } from './orphan.ts';

whenOrphaned(() => {
  try {
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    // a process that the server started, and ends
  }
});
