/**
 * A field whose text counts when it is finished: Enter, or leaving it. Each key pressed would be a search of its own.
 * @module
 */
import { type ComponentProps, type ReactNode, useState } from "react";
import { TextField } from "../../ui/field.tsx";

/** Takes what TextField does. Give it a `key` with the value, so that a change from outside is seen. */
export function DraftField({
  value,
  onCommit,
  ...rest
}: Omit<ComponentProps<typeof TextField>, "onChange"> & { onCommit: (text: string) => void }): ReactNode {
  const [draft, setDraft] = useState(value);
  const commit = (): void => {
    if (draft.trim() !== value) onCommit(draft.trim());
  };
  return (
    <TextField
      {...rest}
      value={draft}
      onChange={setDraft}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === "Enter") {
          event.preventDefault();
          commit();
        }
      }}
    />
  );
}
