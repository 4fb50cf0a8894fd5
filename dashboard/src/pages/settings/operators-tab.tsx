/**
 * People who may log in.
 * @module
 */
import { type ReactNode, useState } from "react";
import { useApi, useSession } from "../../api/queries.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Menu } from "../../ui/menu.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { Table, Td, Th } from "../../ui/table.tsx";
import { Time } from "../../ui/values.tsx";
import { AddDialog, ChangeDialog, type OperatorQuestion, PasswordDialog } from "./operator-dialogs.tsx";

/** The tab. */
export function OperatorsTab(): ReactNode {
  const operators = useApi("listOperators", {});
  const session = useSession();
  const [open, setOpen] = useState<OperatorQuestion | null>(null);
  const own = session.data?.operator?.id ?? null;
  const list = operators.data?.operators;
  const close = (): void => setOpen(null);
  return (
    <Card
      title="Operators"
      flush
      actions={
        <Button icon="plus" size="small" onClick={() => setOpen({ kind: "add" })}>
          Add operator
        </Button>
      }
    >
      {list === undefined ? (
        <div className="p-4">
          {operators.error === null ? (
            <Skeleton lines={3} />
          ) : (
            <ErrorState error={operators.error} onRetry={() => void operators.refetch()} />
          )}
        </div>
      ) : list.length === 0 ? (
        <EmptyState
          title="Nobody has a name and password yet"
          body="Until then only the admin token logs in. The first operator you add can be yourself."
        />
      ) : (
        <Table label="Operators">
          <thead>
            <tr>
              <Th>Name</Th>
              <Th>Role</Th>
              <Th>State</Th>
              <Th>Added</Th>
              <Th>Last log-in</Th>
              <Th>
                <span className="sr-only">Actions</span>
              </Th>
            </tr>
          </thead>
          <tbody>
            {list.map((operator) => (
              <tr key={operator.id}>
                <Td className="font-medium">
                  {operator.name} {operator.id === own && <Badge tone="accent">you</Badge>}
                </Td>
                <Td>{operator.role}</Td>
                <Td>
                  {operator.enabled ? (
                    <Badge tone="ok" icon="ok">
                      on
                    </Badge>
                  ) : (
                    <Badge icon="off">off</Badge>
                  )}
                </Td>
                <Td>
                  <Time at={operator.createdAt} />
                </Td>
                <Td>{operator.lastLoginAt === null ? "never" : <Time at={operator.lastLoginAt} style="ago" />}</Td>
                <Td right>
                  <Menu
                    label={`Actions for ${operator.name}`}
                    icon="more"
                    iconOnly
                    button="quiet"
                    size="small"
                    entries={[
                      {
                        kind: "action",
                        label: "Reset password",
                        icon: "key",
                        onSelect: () => setOpen({ kind: "password", operator }),
                      },
                      {
                        kind: "action",
                        label: operator.role === "admin" ? "Make viewer" : "Make admin",
                        icon: "user",
                        onSelect: () => setOpen({ kind: "role", operator }),
                      },
                      {
                        kind: "action",
                        label: operator.enabled ? "Switch off" : "Switch on",
                        icon: "off",
                        onSelect: () => setOpen({ kind: "switch", operator }),
                      },
                      { kind: "separator" },
                      {
                        kind: "action",
                        label: "Remove",
                        icon: "trash",
                        danger: true,
                        onSelect: () => setOpen({ kind: "remove", operator }),
                      },
                    ]}
                  />
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      {open?.kind === "add" && <AddDialog onClose={close} />}
      {open?.kind === "password" && <PasswordDialog operator={open.operator} onClose={close} />}
      {open !== null && open.kind !== "add" && open.kind !== "password" && (
        <ChangeDialog open={open} isOwn={open.operator.id === own} onClose={close} />
      )}
    </Card>
  );
}
