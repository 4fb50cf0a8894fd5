/**
 * Lists that draw only the rows in sight: reading all of them, and how smoothly they scroll.
 * @module
 */
import type { Locator, Page } from "playwright-core";

/** How a scroll through a list went. */
export interface Scrolled {
  steps: number;
  tookMs: number;
  /** Rows in the document at most, at any step. */
  mostRows: number;
  /** Rows with content at the end. */
  named: number;
  /** Milliseconds of each task that took longer than 50. */
  longTasks: number[];
}

/** Scrolls a grid from its begin to its end, eight screens a frame. */
export async function scrollThrough(page: Page, grid: Locator): Promise<Scrolled> {
  const handle = await grid.elementHandle();
  if (handle === null) throw new Error("there is no grid");
  return page.evaluate(async (box) => {
    if (!(box instanceof HTMLElement)) throw new Error("the grid is no element");
    const longTasks: number[] = [];
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longTasks.push(duration);
    });
    observer.observe({ entryTypes: ["longtask"] });
    const frame = (): Promise<void> => new Promise((resolve) => requestAnimationFrame(() => resolve()));
    const began = performance.now();
    let [steps, mostRows] = [0, 0];
    while (box.scrollTop + box.clientHeight < box.scrollHeight - 1) {
      box.scrollTop += box.clientHeight * 8;
      await frame();
      steps += 1;
      mostRows = Math.max(mostRows, box.querySelectorAll("[role=row]").length);
    }
    const tookMs = performance.now() - began;
    await frame();
    observer.disconnect();
    return { steps, tookMs, mostRows, named: box.querySelectorAll("[role=rowheader]").length, longTasks };
  }, handle);
}

/**
 * All rows of a table that draws only some.
 * @param label of the table; a row is told from its neighbours by its texts
 * @returns texts of the cells, in the order of the rows
 */
export async function tableRows(page: Page, label: string): Promise<(readonly string[])[]> {
  const region = page.getByRole("region", { name: label, exact: true });
  await region.locator("tbody tr:not([aria-hidden])").first().waitFor();
  const handle = await region.elementHandle();
  if (handle === null) throw new Error("there is no table");
  const screens = await page.evaluate(async (box) => {
    if (!(box instanceof HTMLElement)) throw new Error("the table is no element");
    const seen: string[][][] = [];
    for (;;) {
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
      const rows = [...box.querySelectorAll("tbody tr:not([aria-hidden])")];
      seen.push(rows.map((row) => [...row.children].map((cell) => cell.textContent ?? "")));
      if (box.scrollTop + box.clientHeight >= box.scrollHeight - 1) return seen;
      box.scrollTop += box.clientHeight;
    }
  }, handle);
  return screens.reduce<string[][]>(joined, []);
}

// --- helpers ---

/** Screens overlap: the next one goes on where its rows begin in what was read before. */
function joined(read: readonly string[][], screen: readonly string[][]): string[][] {
  const texts = (rows: readonly string[][]): string[] => rows.map((row) => row.join("\n"));
  const [before, next] = [texts(read), texts(screen)];
  let from = 0;
  while (from < before.length && before.slice(from).some((text, index) => next[index] !== text && index < next.length))
    from += 1;
  return [...read.slice(0, from), ...screen, ...read.slice(from + screen.length)];
}
