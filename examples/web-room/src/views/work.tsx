import { useEffect, useState } from "preact/hooks";
import { VizroomError } from "@vizroom/client";
import { message } from "../http";
import { connection } from "../connection";

/** Something that is done at the press of a button: whether it is under way, and what went wrong the last time. */
export function useWork() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  /** The field that it is about, if it is about one. */
  const [field, setField] = useState<string>();
  /** True if it went well. */
  const work = async (what: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    setProblem(undefined);
    try {
      await what();
      return true;
    } catch (error) {
      setProblem(sentence(error));
      setField(error instanceof VizroomError ? error.field?.split(".").at(-1) : undefined);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, field: problem === undefined ? undefined : field, work };
}

/** What the server answers to a question; asked again when `about` changes, and when the connection is back. */
export function useAnswer<T>(ask: () => Promise<T>, about: unknown[]) {
  const [answer, setAnswer] = useState<T>();
  const [problem, setProblem] = useState<unknown>();
  const [turn, setTurn] = useState(0);
  const live = connection.value.state === "live";
  useEffect(() => {
    if (!live) return;
    let wanted = true;
    const end = (then: () => void) => wanted && (setProblem(undefined), then());
    ask().then((got) => end(() => setAnswer(() => got)), (error) => end(() => setProblem(error)));
    return () => void (wanted = false);
  }, [...about, live, turn]);
  return { answer, setAnswer, problem, again: () => setTurn((now) => now + 1) };
}

export function Problem({ text }: { text: string | undefined }) {
  return text ? <p class="problem" role="alert">{text}</p> : null;
}

/** Instead of what could not be read. */
export function Failed({ problem, again }: { problem: unknown; again: () => void }) {
  return (
    <div class="row" role="alert">
      <p class="problem grow">{sentence(problem)}</p>
      <button type="button" onClick={again}>Try again</button>
    </div>
  );
}

/** Lines on their way. */
export function Waiting({ lines = 3 }: { lines?: number }) {
  return (
    <div class="stack" role="status" aria-busy="true" aria-label="Loading">
      {Array.from({ length: lines }, (_, n) => <span key={n} class="skeleton waiting-line" />)}
    </div>
  );
}

/** As a sentence begins. */
export function sentence(error: unknown): string {
  const text = message(error);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
