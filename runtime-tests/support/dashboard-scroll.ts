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

/** Scrolls a grid from its begin to its end, a screen and a half a frame. */
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
      box.scrollTop += box.clientHeight * 1.5;
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
 * @param table its label, and how high a row is drawn
 * @returns texts of the cells, in the order of the rows
 */
export async function tableRows(
  page: Page,
  table: { label: string; rowHeight: number },
): Promise<(readonly string[])[]> {
  const region = page.getByRole("region", { name: table.label, exact: true });
  await region.locator("tbody tr:not([aria-hidden])").first().waitFor();
  const handle = await region.elementHandle();
  if (handle === null) throw new Error("there is no table");
  return page.evaluate(
    async ({ box, rowHeight }) => {
      if (!(box instanceof HTMLElement)) throw new Error("the table is no element");
      const found: string[][] = [];
      for (;;) {
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
        const rows = [...box.querySelectorAll("tbody tr")];
        // Rows out of sight are one empty row as high as they would be.
        const before = rows[0]?.hasAttribute("aria-hidden") === true ? rows[0].getBoundingClientRect().height : 0;
        const drawn = rows.filter((row) => !row.hasAttribute("aria-hidden"));
        for (const [index, row] of drawn.entries())
          found[Math.round(before / rowHeight) + index] = [...row.children].map((cell) => cell.textContent ?? "");
        if (box.scrollTop + box.clientHeight >= box.scrollHeight - 1) return found;
        box.scrollTop += box.clientHeight;
      }
    },
    { box: handle, rowHeight: table.rowHeight },
  );
}
