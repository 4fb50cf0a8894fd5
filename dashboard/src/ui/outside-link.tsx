/**
 * A link to another site that an upstream named. Its text is where it leads, so that nobody follows words of others blindly.
 * @module
 */
import type { ReactNode } from "react";
import { Link } from "./button.tsx";
import { Icon } from "./icons.tsx";

/** The link; anything but https stays text. It opens in a new tab that knows nothing of this page. */
export function OutsideLink({ address }: { address: string }): ReactNode {
  if (!address.startsWith("https://")) return <span className="break-all">{address}</span>;
  return (
    <Link to={address} className="break-all">
      {address}
      <Icon name="external" size={12} className="ml-1" />
      <span className="sr-only"> (another site, opens in a new tab)</span>
    </Link>
  );
}
