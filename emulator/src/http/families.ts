/** @module The families of routes beside the model methods, asked in this order; the first that knows a path serves it. */

import { batchFamily } from "../batches/family.ts";
import { cacheFamily } from "../caches/family.ts";
import { fileFamily } from "../files/family.ts";
import { operationFamily } from "../operations/family.ts";
import { corpusFamily } from "../resources/corpora.ts";
import { tunedModelFamily } from "../resources/tuned-models.ts";
import { storeFamily } from "../stores/family.ts";
import { openaiFamily } from "../openai/family.ts";
import { interactionFamily } from "../interactions/family.ts";
import { managedFamily } from "../managed/family.ts";
import { tokenFamily } from "../tokens/family.ts";
import type { RouteFamily } from "./call.ts";

/** One line a family. */
export const FAMILIES: readonly RouteFamily[] = [
  fileFamily,
  cacheFamily,
  batchFamily,
  operationFamily,
  storeFamily,
  tunedModelFamily,
  corpusFamily,
  tokenFamily,
  managedFamily,
  interactionFamily,
  openaiFamily,
  // Each family on its own line.
];
