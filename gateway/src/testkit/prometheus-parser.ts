/**
 * Reads Prometheus' text format 0.0.4, strictly: what it does not know it refuses.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 * @module
 */

/** One line with a value. */
export interface ParsedSample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** A whole page. */
export interface ParsedPage {
  families: { name: string; help: string; kind: string }[];
  samples: ParsedSample[];
}

const suffixes: Readonly<Record<string, readonly string[]>> = {
  counter: [""],
  gauge: [""],
  histogram: ["_bucket", "_sum", "_count"],
  summary: ["_sum", "_count"],
};

/** @throws Error naming the line that is not of the format, or is where it must not be */
export function parsePrometheusText(text: string): ParsedPage {
  if (text !== "" && !text.endsWith("\n")) throw new Error("the last line has no end");
  const page: ParsedPage = { families: [], samples: [] };
  const seen = new Set<string>();
  let help: RegExpExecArray | null = null;
  for (const line of text.split("\n").slice(0, -1)) {
    if (line.startsWith("# HELP ")) {
      help = /^# HELP ([a-zA-Z_:][\w:]*) (.*)$/su.exec(line) ?? fail(line);
    } else if (line.startsWith("# TYPE ")) {
      const type = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram|summary)$/u.exec(line) ?? fail(line);
      if (help === null || help[1] !== type[1]) fail(line);
      if (page.families.some(({ name }) => name === type[1])) fail(line);
      page.families.push({ name: type[1] ?? "", help: unescape(help?.[2] ?? ""), kind: type[2] ?? "" });
    } else {
      const sample = parseSample(line);
      const family = page.families.at(-1) ?? fail(line);
      if (!suffixes[family.kind]?.some((suffix) => sample.name === family.name + suffix)) fail(line);
      const key = `${sample.name} ${canonical(sample.labels)}`;
      if (seen.has(key)) fail(line);
      seen.add(key);
      page.samples.push(sample);
    }
  }
  return page;
}

/** The value of a sample; undefined: there is none with exactly these labels. */
export function sampleOf(page: ParsedPage, name: string, labels: Record<string, string> = {}): number | undefined {
  const wanted = canonical(labels);
  return page.samples.find((sample) => sample.name === name && canonical(sample.labels) === wanted)?.value;
}

// --- helpers ---

/** Labels have no order. */
function canonical(labels: Record<string, string>): string {
  return JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function parseSample(line: string): ParsedSample {
  const head = /^([a-zA-Z_:][\w:]*)(\{)?/u.exec(line) ?? fail(line);
  const labels: Record<string, string> = {};
  let at = head[0].length;
  if (head[2] !== undefined) {
    for (;;) {
      const label = /^([a-zA-Z_]\w*)="((?:[^"\\]|\\[\\"n])*)"(,|\})/su.exec(line.slice(at)) ?? fail(line);
      Object.defineProperty(labels, label[1] ?? "", { value: unescape(label[2] ?? ""), enumerable: true });
      at += label[0].length;
      if (label[3] === "}") break;
    }
  }
  const value = /^ (\+Inf|-Inf|NaN|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/u.exec(line.slice(at)) ?? fail(line);
  return { name: head[1] ?? "", labels, value: toNumber(value[1] ?? "") };
}

function toNumber(text: string): number {
  if (text === "+Inf") return Infinity;
  return text === "-Inf" ? -Infinity : Number(text);
}

function unescape(text: string): string {
  return text.replace(/\\([\\"n])/gu, (_all, letter: string) => (letter === "n" ? "\n" : letter));
}

function fail(line: string): never {
  throw new Error(`not of the format: ${JSON.stringify(line)}`);
}
