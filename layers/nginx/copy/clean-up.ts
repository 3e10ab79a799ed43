/**
 * What must not outlive this process: child servers and temporary folders. Each is kept here until it is
 * released, and undone when the process exits, fails, or is interrupted.
 */

type Undo = () => void;

const kept = new Set<Undo>();
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Keeps `undo` for the end of the process. It must be synchronous, because nothing else runs during exit.
 * The answer releases it, and is to be called once the thing is gone in the ordinary way.
 */
export function keepForCleanUp(undo: Undo): () => void {
  if (kept.size === 0) listen();
  kept.add(undo);
  return () => {
    if (kept.delete(undo) && kept.size === 0) unlisten();
  };
}

/** Undoes everything, last kept first, as the order of a stack demands: the server before its folder. */
function undoAll(): void {
  for (const undo of [...kept].reverse()) {
    kept.delete(undo);
    try {
      undo();
    } catch {
      // One thing that can't be undone must not keep the others from being undone.
    }
  }
}

function onSignal(signal: NodeJS.Signals): void {
  undoAll();
  unlisten();
  // Somebody else may want to end in an orderly way; if nobody does, the signal keeps its usual meaning.
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
}

function listen(): void {
  process.on('exit', undoAll);
  for (const signal of SIGNALS) process.on(signal, onSignal);
}

function unlisten(): void {
  process.off('exit', undoAll);
  for (const signal of SIGNALS) process.off(signal, onSignal);
}
