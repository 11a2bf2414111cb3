import type { Metadata } from "./types.js";

/** Anything on the wire, both ways. */
export interface Frame {
  type: string;
  data: unknown;
  metadata: Metadata;
}
