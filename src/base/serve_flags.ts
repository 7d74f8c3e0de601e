/**
 * The flags that say how the server runs, as both `agentos serve` and a service's unit hold them. Types only.
 *
 * @module
 */

/** What a user said on the command line; a field is there only when its flag was. */
export interface ServeFlags {
  readonly port?: number;
  readonly root?: readonly string[];
  readonly readOnlyRoot?: readonly string[];
  readonly allowRun?: readonly string[];
  readonly trustRepo?: readonly string[];
  readonly repo?: string;
  readonly extDir?: string;
  readonly logFormat?: "text" | "json";
  readonly logFile?: boolean;
  readonly gateway?: boolean;
}
