const DAY_MS = 86_400_000;

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const WEEKDAY = new Intl.DateTimeFormat(undefined, { weekday: "short" });
const SHORT_DATE = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const LONG_DATE = new Intl.DateTimeFormat(undefined, {
  weekday: "long",
  day: "numeric",
  month: "long",
});
const LONG_DATE_YEAR = new Intl.DateTimeFormat(undefined, {
  day: "numeric",
  month: "long",
  year: "numeric",
});
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });

/** A time such as "14:05", in the reader's locale. */
export function clock(at: string): string {
  return CLOCK.format(new Date(at));
}

export function fullTime(at: string): string {
  return FULL.format(new Date(at));
}

/**
 * A day's name: "Today", "Yesterday", "Monday, 2 March", with the year if it is not this year.
 *
 * @param at a time on that day
 * @param now current time, in milliseconds since 1970
 */
export function dayName(at: string, now: number): string {
  const date = new Date(at);
  const days = daysBetween(date, new Date(now));
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return (sameYear ? LONG_DATE : LONG_DATE_YEAR).format(date);
}

/** A short time for lists: the clock time today, the weekday within a week, otherwise the date. */
export function shortTime(at: string, now: number): string {
  const date = new Date(at);
  const days = daysBetween(date, new Date(now));
  if (days <= 0) return CLOCK.format(date);
  if (days < 7) return WEEKDAY.format(date);
  return SHORT_DATE.format(date);
}

/** A relative time: "just now", "5 minutes ago", "3 days ago". */
export function timeAgo(at: string, now: number): string {
  const minutes = Math.floor((now - Date.parse(at)) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return plural(minutes, "minute");
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return plural(hours, "hour");
  return plural(Math.floor(hours / 24), "day");
}

function plural(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
}

/**
 * Calendar days between two local dates. Rounded, because daylight saving changes the length of
 * days.
 */
function daysBetween(from: Date, to: Date): number {
  const midnight = (date: Date): number =>
    new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return Math.round((midnight(to) - midnight(from)) / DAY_MS);
}
