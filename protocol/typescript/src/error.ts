import type { Code, Error as WireError } from "./types.js";

/** What the server may answer with, and what only this side knows. */
export type ErrorCode =
  | Code
  /** The connection is closed for good, or the call may not be repeated on the next one. */
  | "DISCONNECTED"
  /** Too many calls wait already. */
  | "OVERLOADED"
  /** The caller gave up through its `AbortSignal`. */
  | "ABORTED";

/** The one error every call rejects with. */
export class VizroomError extends Error {
  override readonly name = "VizroomError";
  readonly code: ErrorCode;
  /** Path of the offending field, such as `data.room_id`. */
  readonly field: string | undefined;
  /** When a retry makes sense, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  readonly details: unknown;

  constructor(code: ErrorCode, message: string, more: Partial<WireError> = {}) {
    super(message);
    this.code = code;
    this.field = more.field ?? undefined;
    this.retryAfterMs = more.retry_after_ms ?? undefined;
    this.details = more.details;
  }

  static from(error: WireError): VizroomError {
    return new VizroomError(error.code, error.message, error);
  }
}
