/**
 * The time, in steps: what shows "3 s ago" renders again, and nothing else does.
 * @module
 */
import { useEffect, useState } from "react";

/**
 * Epoch milliseconds, renewed each so often while the page is seen.
 * @param stepMs @default one second
 */
export function useNow(stepMs = 1000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const tick = (): void => {
      if (!document.hidden) setNow(Date.now());
    };
    const timer = setInterval(tick, stepMs);
    document.addEventListener("visibilitychange", tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tick);
    };
  }, [stepMs]);
  return now;
}
