/**
 * The panel of a Popover (popover.tsx): placed at its button, holds the focus, closes by Escape and by a press outside.
 * @module
 */
import { Popover as Base } from "@base-ui/react/popover";
import type { ReactNode, RefObject } from "react";

/** The panel, open. */
export function PopoverPanel({
  anchor,
  title,
  align,
  onClose,
  children,
}: {
  anchor: RefObject<HTMLButtonElement | null>;
  title: string;
  align: "start" | "end";
  onClose: () => void;
  children: ReactNode;
}): ReactNode {
  return (
    <Base.Root
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Base.Portal>
        <Base.Positioner anchor={anchor} className="z-50" sideOffset={4} align={align} collisionPadding={8}>
          <Base.Popup finalFocus={anchor} className="popup max-w-[calc(100vw-1rem)] p-3">
            <Base.Title className="sr-only">{title}</Base.Title>
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
