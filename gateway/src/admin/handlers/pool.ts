/**
 * The pool's matrix, its cells, and the quotas of projects.
 * @module
 */
import { AdminError } from "../admin-errors.ts";
import { getCell, getMatrix, listQuotas } from "../contract/credentials.ts";
import { implement } from "../implement.ts";
import type { Implementation } from "../implement.ts";
import { toAttemptView } from "../views/call-view.ts";
import { findRow, readRows } from "../views/credential-rows.ts";
import { selectRows, toCooldownItem, toDisabledItem } from "../views/credential-view.ts";
import { readMasks, unreadable } from "../views/masked-keys.ts";
import { readColumns, toCell, toMatrixRow } from "../views/matrix.ts";
import { readQuotas, toQuotaRow } from "../views/quota-rows.ts";

/** Reads of the pool. */
export const poolHandlers: readonly Implementation[] = [
  implement(getMatrix, async ({ query, services }) => {
    const rows = await readRows(services);
    const quotas = readQuotas(services);
    const models = await readColumns(services, rows, quotas);
    const { page, matching } = await selectRows(rows, query, services);
    const masks = await readMasks(page, services);
    const now = services.clock.now();
    return {
      models,
      rows: page.map((row) => toMatrixRow(row, { models, quotas, masked: masks.get(row.view.id) ?? unreadable })),
      total: rows.length,
      matching,
      counts: services.pool.counts(now),
      now,
    };
  }),

  implement(getCell, async ({ params, query, services }) => {
    const row = await findRow(services, params.id);
    if (row === null)
      throw new AdminError("not_found", { message: "There is no credential with this id.", field: "id" });
    const { model } = query;
    const limits = readQuotas(services)
      .ofProject(row.view.projectId)
      .filter((limit) => limit.model === model);
    const attempts = await services.analytics.attemptsOf(params.id, model, attemptsShown);
    return {
      cell: toCell(row, model, limits),
      cooldowns: row.view.cooldowns
        .filter(({ scope, model: resting }) => resting === model || scope === "credential" || scope === "project")
        .map(toCooldownItem),
      disabled: toDisabledItem(row.view.disabled),
      quotas: limits,
      attempts: attempts.map(({ callId, startedAt, call, index }) => ({
        ...toAttemptView(call, index),
        callId,
        startedAt,
      })),
    };
  }),

  implement(listQuotas, ({ services }) => ({
    quotas: services.pool.quotas(services.clock.now()).slice(0, mostQuotas).map(toQuotaRow),
  })),
];

// --- helpers ---

/** The newest attempts of a cell. */
const attemptsShown = 20;
/** Most limits of one answer. */
const mostQuotas = 10_000;
