/**
 * Short messages that come and go. Faults that need a decision belong where they happened, not here.
 * @module
 */
import { createContext, type ReactNode, use, useCallback, useMemo, useRef, useState } from "react";
import { asApiError } from "../api/error.ts";
import { IconButton } from "./button.tsx";
import { Icon } from "./icons.tsx";

/** Shows messages. */
export interface Toaster {
  /** Something went well: goes away by itself. */
  done(text: string): void;
  /** Something failed: stays until it is closed. Takes whatever was thrown. */
  failed(thrown: unknown): void;
}

/** How to show messages. */
export function useToast(): Toaster {
  return use(ToastContext);
}

/** Holds the messages; stands once around the page. */
export function ToastProvider({ children }: { children: ReactNode }): ReactNode {
  const [items, setItems] = useState<readonly ToastItem[]>([]);
  const last = useRef(0);
  const remove = useCallback((id: number) => setItems((before) => before.filter((item) => item.id !== id)), []);
  const toaster = useMemo<Toaster>(() => {
    const add = (item: Omit<ToastItem, "id">): number => {
      last.current += 1;
      const id = last.current;
      setItems((before) => [...before.slice(1 - mostItems), { ...item, id }]);
      return id;
    };
    return {
      done: (text) => {
        const id = add({ text, next: null, bad: false });
        setTimeout(() => remove(id), 5_000);
      },
      failed: (thrown) => {
        const { message, next } = asApiError(thrown);
        add({ text: message, next, bad: true });
      },
    };
  }, [remove]);
  return (
    <ToastContext value={toaster}>
      {children}
      <div
        aria-live="polite"
        role="region"
        aria-label="Messages"
        className="pointer-events-none fixed inset-x-3 bottom-3 z-60 flex flex-col items-end gap-2"
      >
        {items.map((item) => (
          <div key={item.id} className={`popup pointer-events-auto flex w-full max-w-sm items-start gap-2 p-3`}>
            <Icon name={item.bad ? "error" : "ok"} className={`mt-0.5 ${item.bad ? "text-bad" : "text-ok"}`} />
            <div className="min-w-0 flex-1 text-sm break-words">
              <p>{item.text}</p>
              {item.next !== null && <p className="text-ink-soft">{item.next}</p>}
            </div>
            <IconButton icon="close" label="Close message" size="small" onClick={() => remove(item.id)} />
          </div>
        ))}
      </div>
    </ToastContext>
  );
}

// --- helpers ---

interface ToastItem {
  id: number;
  text: string;
  next: string | null;
  bad: boolean;
}

const mostItems = 4;
const ToastContext = createContext<Toaster>({ done: () => undefined, failed: () => undefined });
