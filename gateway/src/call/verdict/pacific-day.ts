/**
 * Kept for those who import it from here; see core/pacific-day.ts.
 * @module
 */
export { nextPacificMidnight } from "../../core/pacific-day.ts";
