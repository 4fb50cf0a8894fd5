/**
 * People who may log in.
 * @module
 */
import type * as z from "zod";
import { createIdMaker } from "../../core/ids.ts";
import type { Operator } from "../../storage/types-administration.ts";
import { AdminError } from "../admin-errors.ts";
import { changeOperator, createOperator, deleteOperator, listOperators } from "../contract/session.ts";
import { implement, type Implementation } from "../implement.ts";
import type { operatorSchema } from "../schemas/session.ts";
import type { AdminServices } from "../services.ts";
import { checkActorName } from "./name-rules.ts";

/** List, add, change and remove them. */
export const operatorHandlers: readonly Implementation[] = [
  implement(listOperators, async ({ services }) => ({
    operators: (await services.administration.operators.list()).map(toView),
  })),
  implement(createOperator, async ({ services, state, body }) => {
    const { operators } = services.administration;
    await checkActorName(body.name, "operator", services);
    if ((await operators.list()).length >= mostOperators)
      throw new AdminError("conflict", {
        message: `There are ${mostOperators} operators.`,
        next: "Remove some first.",
      });
    const now = services.clock.now();
    const operator: Operator = {
      id: `operator_${createIdMaker(services.random)(now)}`,
      name: body.name,
      role: body.role,
      passwordHash: await state.passwords.hash(body.password),
      enabled: true,
      createdAt: now,
      lastLoginAt: null,
    };
    if (!(await operators.add(operator)))
      throw new AdminError("conflict", { message: "This name is taken.", field: "body.name" });
    return toView(operator);
  }),
  implement(changeOperator, async ({ services, state, params, body }) => {
    const { operators } = services.administration;
    await find(services, params.id);
    const { role, enabled, password } = body;
    const change = {
      ...(role === undefined ? {} : { role }),
      ...(enabled === undefined ? {} : { enabled }),
      ...(password === undefined ? {} : { passwordHash: await state.passwords.hash(password) }),
    };
    if (!(await operators.update(params.id, change))) throw new AdminError("not_found");
    // A session carries the role that it was made with.
    await state.sessions.endOf(params.id);
    return toView(await find(services, params.id));
  }),
  implement(deleteOperator, async ({ services, state, params }) => {
    if (!(await services.administration.operators.remove(params.id))) throw new AdminError("not_found");
    await state.sessions.endOf(params.id);
  }),
];

// --- helpers ---

const mostOperators = 1_000;

async function find({ administration }: Pick<AdminServices, "administration">, id: string): Promise<Operator> {
  const operator = (await administration.operators.list()).find((each) => each.id === id);
  if (operator === undefined) throw new AdminError("not_found");
  return operator;
}

function toView({ id, name, role, enabled, createdAt, lastLoginAt }: Operator): z.output<typeof operatorSchema> {
  return { id, name, role, enabled, createdAt, lastLoginAt };
}
