import { type ErrorCode, VizroomError, type Error as WireError } from "@vizroom/client";

interface Envelope<T> {
  success: boolean;
  data: T;
  errors: WireError[];
  warnings: string[];
}

/** What an answer without a body means. */
const CODES: { [status: number]: ErrorCode } = {
  401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND", 409: "CONFLICT", 429: "RATE_LIMITED",
};

/** What the server answered, or its first error. */
export function open<T>(status: number, text: string): T {
  let envelope: Partial<Envelope<T>>;
  try {
    envelope = JSON.parse(text);
  } catch {
    envelope = {};
  }
  if (envelope.success) return envelope.data as T;
  const error = envelope.errors?.[0];
  if (error) throw VizroomError.from(error);
  throw new VizroomError(CODES[status] ?? (status >= 500 ? "UNAVAILABLE" : "INVALID_REQUEST"), `The server answered ${status}.`);
}

/** One HTTP call without a credential; whatever fails is a `VizroomError`. */
export async function http<T>(method: "GET" | "POST", path: string, body?: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      ...(body !== undefined && { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
    });
  } catch {
    throw new VizroomError("UNAVAILABLE", "The server cannot be reached.");
  }
  return open<T>(response.status, await response.text());
}

/** For a person, whatever was thrown. */
export function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
