/**
 * The parts of OTLP that are sent, in OTLP/JSON (opentelemetry-proto 1.x): 64-bit numbers are decimal text, ids are hex,
 * enums are numbers, names are lower camel case.
 * @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 * @module
 */

/** One of them. */
export type OtlpValue =
  | { stringValue: string }
  | { boolValue: boolean }
  | { intValue: string }
  | { doubleValue: number }
  | { arrayValue: { values: OtlpValue[] } };

export interface OtlpAttribute {
  key: string;
  value: OtlpValue;
}

export interface OtlpSpan {
  /** 32 hex digits. */
  traceId: string;
  /** 16 hex digits. */
  spanId: string;
  /** Left out: a root. */
  parentSpanId?: string;
  name: string;
  /** 2: SERVER, 3: CLIENT. */
  kind: 2 | 3;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: OtlpAttribute[];
  /** 0: unset, 2: error. */
  status: { code: 0 | 2; message?: string };
}

export interface OtlpNumberPoint {
  attributes: OtlpAttribute[];
  startTimeUnixNano?: string;
  timeUnixNano: string;
  asDouble: number;
}

export interface OtlpHistogramPoint {
  attributes: OtlpAttribute[];
  startTimeUnixNano: string;
  timeUnixNano: string;
  count: string;
  sum: number;
  bucketCounts: string[];
  explicitBounds: number[];
}

export type OtlpMetric = { name: string; description: string; unit: string } & (
  | { sum: { aggregationTemporality: 2; isMonotonic: true; dataPoints: OtlpNumberPoint[] } }
  | { gauge: { dataPoints: OtlpNumberPoint[] } }
  | { histogram: { aggregationTemporality: 2; dataPoints: OtlpHistogramPoint[] } }
);

export interface OtlpResource {
  attributes: OtlpAttribute[];
}
export interface OtlpScope {
  name: string;
  version: string;
}

/** Body of `/v1/traces`. */
export interface OtlpTraces {
  resourceSpans: { resource: OtlpResource; scopeSpans: { scope: OtlpScope; spans: OtlpSpan[] }[] }[];
}

/** Body of `/v1/metrics`. */
export interface OtlpMetrics {
  resourceMetrics: { resource: OtlpResource; scopeMetrics: { scope: OtlpScope; metrics: OtlpMetric[] }[] }[];
}

/** Adds attributes to a list. Null is left out. */
export interface AttributeList {
  text(key: string, value: string | null): void;
  /** Whole numbers. */
  count(key: string, value: number | null): void;
  /** Numbers with a fraction, also where they have none. */
  number(key: string, value: number | null): void;
  flag(key: string, value: boolean): void;
  texts(key: string, values: readonly string[]): void;
  readonly attributes: OtlpAttribute[];
}

/** Makes an empty list. */
export function createAttributes(): AttributeList {
  const attributes: OtlpAttribute[] = [];
  return {
    text(key, value) {
      if (value !== null) attributes.push({ key, value: { stringValue: value } });
    },
    count(key, value) {
      if (value !== null) attributes.push({ key, value: { intValue: String(value) } });
    },
    number(key, value) {
      if (value !== null) attributes.push({ key, value: { doubleValue: value } });
    },
    flag(key, value) {
      attributes.push({ key, value: { boolValue: value } });
    },
    texts(key, values) {
      attributes.push({ key, value: { arrayValue: { values: values.map((text) => ({ stringValue: text })) } } });
    },
    attributes,
  };
}

/** @param ms epoch milliseconds; `micros` are added to it */
export function toUnixNano(ms: number, micros = 0): string {
  return `${Math.round(ms * 1000) + Math.round(micros)}000`;
}
