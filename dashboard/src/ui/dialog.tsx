/**
 * Dialogs: they hold the focus, Escape closes them, and it goes back to where it was.
 * @module
 */
import { Dialog as Base } from "@base-ui/react/dialog";
import { type ReactNode, useState } from "react";
import { asApiError } from "../api/error.ts";
import { Button } from "./button.tsx";
import { Icon } from "./icons.tsx";
import { ErrorState } from "./states.tsx";

/** What dialogs and drawers take. */
export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  /** One line under the title. */
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons at the bottom, right. */
  actions?: ReactNode;
  /** A click outside does nothing: for forms whose content would be lost. @default false */
  keepOpen?: boolean;
}

/** A dialog in the middle. @param props.wide more room, @default false */
export function Dialog({ wide = false, ...props }: DialogProps & { wide?: boolean }): ReactNode {
  return (
    <Base.Root
      open={props.open}
      onOpenChange={(open) => props.onOpenChange(open)}
      disablePointerDismissal={props.keepOpen ?? false}
    >
      <Base.Portal>
        <Base.Backdrop className="backdrop" />
        <Base.Viewport className="fixed inset-0 z-50 grid place-items-center overflow-y-auto p-3">
          <Base.Popup className={`dialog ${wide ? "max-w-3xl" : "max-w-lg"}`}>
            <DialogContent {...props} />
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  );
}

/** A panel at the right edge, for details beside a list. */
export function Drawer(props: DialogProps): ReactNode {
  return (
    <Base.Root
      open={props.open}
      onOpenChange={(open) => props.onOpenChange(open)}
      disablePointerDismissal={props.keepOpen ?? false}
    >
      <Base.Portal>
        <Base.Backdrop className="backdrop" />
        <Base.Viewport className="fixed inset-0 z-50">
          <Base.Popup className="drawer">
            <DialogContent {...props} />
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  );
}

/** Asks before something that cannot be undone. Stays open and shows the fault when it fails. */
export function ConfirmDialog({
  open,
  onOpenChange,
  title,
  body,
  action,
  danger = false,
  onConfirm,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** What will happen, and to what. */
  body: ReactNode;
  /** Text of the button: `Revoke key`. */
  action: string;
  danger?: boolean;
  onConfirm: () => void | Promise<unknown>;
}): ReactNode {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const confirm = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onOpenChange(false);
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        setError(null);
        onOpenChange(next);
      }}
      title={title}
      actions={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button kind={danger ? "danger" : "primary"} busy={busy} onClick={() => void confirm()}>
            {action}
          </Button>
        </>
      }
    >
      <div className="text-sm text-ink-soft">{body}</div>
      {error !== null && <ErrorState error={asApiError(error)} compact />}
    </Dialog>
  );
}

// --- helpers ---

function DialogContent({ title, description, children, actions }: DialogProps): ReactNode {
  return (
    <>
      <header className="flex items-start justify-between gap-3 border-b border-line px-4 py-3">
        <div className="min-w-0">
          <Base.Title className="text-base font-semibold break-words text-ink">{title}</Base.Title>
          {description !== undefined && (
            <Base.Description className="mt-0.5 text-sm text-ink-soft">{description}</Base.Description>
          )}
        </div>
        <Base.Close className="btn btn-quiet -mr-1 h-8 w-8" aria-label="Close">
          <Icon name="close" />
        </Base.Close>
      </header>
      <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto px-4 py-4">{children}</div>
      {actions !== undefined && (
        <footer className="flex flex-wrap justify-end gap-2 border-t border-line px-4 py-3">{actions}</footer>
      )}
    </>
  );
}
