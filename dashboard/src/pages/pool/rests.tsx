/**
 * Why something rests or is disabled: Google's own words, the rule that judged them, since when and until when.
 * @module
 */
import type { ReactNode } from "react";
import { OutsideLink } from "../../ui/outside-link.tsx";
import { Badge } from "../../ui/badge.tsx";
import { Countdown, Time } from "../../ui/values.tsx";
import { causeWords } from "./causes.ts";
import type { Credential } from "./types.ts";

type Cooldown = Credential["cooldowns"][number];
type Disabled = NonNullable<Credential["disabled"]>;

/** Cooldowns and a disable, one box each. */
export function Rests({
  cooldowns,
  disabled,
}: {
  cooldowns: readonly Cooldown[];
  disabled: Disabled | null;
}): ReactNode {
  if (cooldowns.length === 0 && disabled === null)
    return <p className="text-sm text-ink-soft">Nothing rests here: it may serve now.</p>;
  return (
    <ul className="flex flex-col gap-3">
      {disabled !== null && (
        <Rest
          title={`Disabled: ${causeWords(disabled.reason)}`}
          scope={disabled.scope}
          subject={disabled.subject}
          rule={disabled.rule}
          words={disabled.words}
          outside={disabled.outside}
        >
          <dt>Since</dt>
          <dd>
            <Time at={disabled.sinceMs} /> (<Time at={disabled.sinceMs} style="ago" />)
          </dd>
          <dt>Asked again</dt>
          <dd>
            {disabled.probeAtMs === null ? (
              "only by hand: reset it"
            ) : (
              <>
                in <Countdown until={disabled.probeAtMs} /> (<Time at={disabled.probeAtMs} />)
              </>
            )}
          </dd>
        </Rest>
      )}
      {cooldowns.map((cooldown) => (
        <Rest
          key={`${cooldown.scope} ${cooldown.subject} ${cooldown.model} ${cooldown.rule}`}
          title={`Resting: ${causeWords(cooldown.cause)}`}
          scope={cooldown.scope}
          subject={[cooldown.subject, cooldown.model].filter((part) => part !== "" && part !== "*").join(" · ")}
          rule={cooldown.rule}
          words={cooldown.words}
        >
          <dt>Since</dt>
          <dd>
            <Time at={cooldown.sinceMs} /> (<Time at={cooldown.sinceMs} style="ago" />)
          </dd>
          <dt>Until</dt>
          <dd>
            <Time at={cooldown.untilMs} /> (in <Countdown until={cooldown.untilMs} />)
          </dd>
        </Rest>
      ))}
    </ul>
  );
}

// --- helpers ---

function Rest({
  title,
  scope,
  subject,
  rule,
  words,
  outside = null,
  children,
}: {
  title: string;
  scope: string;
  subject: string;
  rule: string;
  words: string;
  /** What the words say somebody should open. */
  outside?: string | null;
  children: ReactNode;
}): ReactNode {
  return (
    <li className="rounded-md border border-line p-3">
      <p className="flex flex-wrap items-center gap-2 text-sm font-medium">
        {title} <Badge>{scope}</Badge>
      </p>
      {words !== "" && (
        <blockquote className="mt-2 border-l-2 border-line-strong pl-3 text-sm break-words text-ink-soft">
          {words}
        </blockquote>
      )}
      {outside !== null && (
        <p className="mt-2 text-sm">
          To be opened: <OutsideLink address={outside} />
        </p>
      )}
      <dl className="mt-2 grid grid-cols-[6rem_1fr] gap-x-3 gap-y-1 text-sm [&_dd]:break-words [&_dt]:text-ink-faint">
        {children}
        <dt>Rule</dt>
        <dd className="font-mono text-xs leading-5">{rule}</dd>
        <dt>Concerns</dt>
        <dd className="text-xs leading-5">{subject === "" ? "all" : subject}</dd>
      </dl>
    </li>
  );
}
