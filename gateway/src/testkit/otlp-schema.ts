/**
 * OTLP's rules for JSON, written down from the specification and opentelemetry-proto 1.x (trace.proto, metrics.proto,
 * common.proto): ids are hex of a fixed length and not all zeros, 64-bit numbers are decimal text, enums are numbers,
 * names are lower camel case, and nothing else is there.
 * @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 * @module
 */
import * as z from "zod";

const hex = (digits: number): z.ZodType<string> =>
  z
    .string()
    .regex(new RegExp(`^[0-9a-f]{${digits}}$`))
    .refine((text) => !/^0+$/.test(text), "all zeros");
const unsigned64 = z
  .string()
  .regex(/^(0|[1-9]\d{0,19})$/)
  .refine((text) => BigInt(text) < 2n ** 64n);
const signed64 = z.string().regex(/^-?(0|[1-9]\d{0,18})$/);
const nanos = unsigned64.refine((text) => BigInt(text) > 0n);

const scalar = z.union([
  z.strictObject({ stringValue: z.string() }),
  z.strictObject({ boolValue: z.boolean() }),
  z.strictObject({ intValue: signed64 }),
  z.strictObject({ doubleValue: z.number() }),
]);
const value = z.union([scalar, z.strictObject({ arrayValue: z.strictObject({ values: z.array(scalar) }) })]);
const attributes = z
  .array(z.strictObject({ key: z.string().min(1), value }))
  // "Attribute keys MUST be unique"
  .refine((list) => new Set(list.map(({ key }) => key)).size === list.length, "a key twice");
const resource = z.strictObject({ attributes });
const scope = z.strictObject({ name: z.string(), version: z.string() });

const span = z
  .strictObject({
    traceId: hex(32),
    spanId: hex(16),
    parentSpanId: hex(16).optional(),
    // "Empty value is equivalent to an unknown span name."
    name: z.string(),
    kind: z.number().int().min(0).max(5),
    startTimeUnixNano: nanos,
    endTimeUnixNano: nanos,
    attributes,
    status: z.strictObject({ code: z.number().int().min(0).max(2), message: z.string().optional() }),
  })
  .refine((each) => BigInt(each.endTimeUnixNano) >= BigInt(each.startTimeUnixNano), "ends before it starts");

/** `ExportTraceServiceRequest`. */
export const tracesSchema = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({ resource, scopeSpans: z.array(z.strictObject({ scope, spans: z.array(span) })) }),
  ),
});

const numberPoint = z.strictObject({
  attributes,
  startTimeUnixNano: nanos.optional(),
  timeUnixNano: nanos,
  asDouble: z.number(),
});
const histogramPoint = z
  .strictObject({
    attributes,
    startTimeUnixNano: nanos,
    timeUnixNano: nanos,
    count: unsigned64,
    sum: z.number(),
    bucketCounts: z.array(unsigned64),
    explicitBounds: z.array(z.number()),
  })
  .refine((point) => point.bucketCounts.length === point.explicitBounds.length + 1, "one class more than bounds")
  .refine((point) => point.explicitBounds.every((bound, index, all) => index === 0 || bound > (all[index - 1] ?? 0)))
  .refine((point) => point.bucketCounts.reduce((sum, each) => sum + BigInt(each), 0n) === BigInt(point.count));

/** A stream of a metric is named by its attributes: each set may be there once. */
const once = (points: readonly { attributes: unknown }[]): boolean =>
  new Set(points.map((point) => JSON.stringify(point.attributes))).size === points.length;
const named = {
  name: z.string().regex(/^[a-zA-Z][\w.\-/]{0,254}$/),
  description: z.string(),
  unit: z.string().max(63),
};
const metric = z.union([
  z.strictObject({ ...named, gauge: z.strictObject({ dataPoints: z.array(numberPoint).min(1).refine(once) }) }),
  z.strictObject({
    ...named,
    sum: z.strictObject({
      aggregationTemporality: z.literal(2),
      isMonotonic: z.boolean(),
      dataPoints: z.array(numberPoint).min(1).refine(once),
    }),
  }),
  z.strictObject({
    ...named,
    histogram: z.strictObject({
      aggregationTemporality: z.literal(2),
      dataPoints: z.array(histogramPoint).min(1).refine(once),
    }),
  }),
]);

/** `ExportMetricsServiceRequest`. */
export const metricsSchema = z.strictObject({
  resourceMetrics: z.array(
    z.strictObject({
      resource,
      scopeMetrics: z.array(
        z.strictObject({
          scope,
          metrics: z
            .array(metric)
            .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, "a name twice"),
        }),
      ),
    }),
  ),
});
