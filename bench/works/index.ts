import type { Work } from "../measurement.ts";
import { APPEND } from "./append.ts";
import { BOOT } from "./boot.ts";
import { HISTORY } from "./history.ts";
import { IDLE } from "./idle.ts";
import { LOAD_WORKS } from "./load.ts";
import { LOGIN } from "./login.ts";
import { RESUME } from "./resume.ts";
import { SEARCH_WORK } from "./search.ts";
import { STALLED } from "./stalled.ts";
import { START } from "./start.ts";

/** All workloads, in the order of the report. */
export const WORKS: readonly Work[] = [
  ...LOAD_WORKS,
  ...[APPEND, IDLE, RESUME, STALLED, HISTORY, BOOT, SEARCH_WORK, LOGIN, START],
];
